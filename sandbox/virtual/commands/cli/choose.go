package cli

import (
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// Choose finds which of words the value of an option is, which may be abbreviated. If it is none, Choose reports that
// and returns the status for it, which is not 0. Words with the same meaning may stand together: "silent=quiet".
func (s *Spec) Choose(inv *shell.Invocation, option, value string, words ...string) (word string, status int) {
	return s.ChooseFor(inv, "--"+option, value, words...)
}

// ChooseFor is Choose for a value whose place has another name than an option's.
func (s *Spec) ChooseFor(inv *shell.Invocation, place, value string, words ...string) (word string, status int) {
	var found []string
	for _, w := range words {
		name, meaning, other := strings.Cut(w, "=")
		if !other {
			meaning = name
		}
		if name == value {
			return meaning, 0
		}
		if strings.HasPrefix(name, value) && !slices.Contains(found, meaning) {
			found = append(found, meaning)
		}
	}
	if len(found) == 1 && value != "" {
		return found[0], 0
	}
	kind := "invalid"
	if len(found) > 1 {
		kind = "ambiguous"
	}
	var b strings.Builder
	for i, w := range words {
		name, _, other := strings.Cut(w, "=")
		if other && i > 0 {
			b.WriteString(", '" + name + "'")
		} else {
			b.WriteString("\n  - '" + name + "'")
		}
	}
	s.Misuse(inv, "%s argument %s for '%s'\nValid arguments are:%s", kind, QuoteText(value), place, b.String())
	return "", 1
}
