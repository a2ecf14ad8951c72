package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/expr"
)

// otherWords are keys of other formats, and what they are called here.
var otherWords = map[string][]string{
	"instruction":   {"instructions"},
	"system":        {"instructions"},
	"system_prompt": {"instructions"},
	"max_turns":     {"limits.turns"},
	"max_tokens":    {"limits.tokens"},
	"allowed_tools": {"tools"},
	"allowed-tools": {"tools"},
	"parameters":    {"payload"},
	"inputs":        {"payload", "parameters"},
	"input":         {"payload", "parameters"},
	"response":      {"result"},
	"output_schema": {"result"},
	"cmd":           {"shell", "exec"},
	"run":           {"shell", "exec"},
	"command":       {"exec"},
	"when":          {"if"},
	"foreach":       {"for_each"},
	"on":            {"triggers"},
}

// Suggest is the word of allowed that word was most likely meant to be: at most a third of it differs, or it is what
// another format calls it. Empty if there is none.
func Suggest(word string, allowed []string) string {
	for _, other := range otherWords[strings.ToLower(word)] {
		first, _, _ := strings.Cut(other, ".")
		if slices.Contains(allowed, first) {
			return other
		}
	}
	best, bestDistance := "", len(word)/3+1
	for _, candidate := range allowed {
		if d := expr.Distance(strings.ToLower(word), strings.ToLower(candidate), bestDistance); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// didYouMean is the hint for a word that is not in allowed, and what to write instead if that is sure.
func didYouMean(word string, allowed []string) (hint, fix string) {
	best := Suggest(word, allowed)
	if best == "" {
		return "", ""
	}
	if _, translated := otherWords[strings.ToLower(word)]; !translated { // what it holds may be written in another way, too
		fix = best
	}
	return fmt.Sprintf("did you mean %q?", best), fix
}

// DidYouMean is the hint for a word that is not in allowed; empty if nothing there is near.
func DidYouMean(word string, allowed []string) string {
	hint, _ := didYouMean(word, allowed)
	return hint
}
