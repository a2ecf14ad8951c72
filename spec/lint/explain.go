package lint

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Explain writes what a rule finds and why, with an example that breaks it and one that does not.
func Explain(w io.Writer, rule *Rule) error {
	_, err := fmt.Fprintf(w, "%s (%s, %s)\n\n%s\n\nFound:\n\n%s\nFine:\n\n%s\n%s\n", rule.Name, rule.Severity, rule.Group,
		strings.TrimSpace(rule.Doc), indented(rule.Bad), indented(rule.Good), reference+rule.Name)
	return err
}

// RuleNames are the names of all rules, in the order of the reference.
func RuleNames() []string {
	names := make([]string, len(rules))
	for i, rule := range rules {
		names[i] = rule.Name
	}
	return names
}

func indented(text string) string {
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	var b strings.Builder
	for line := range strings.Lines(Shortened(Visible(text))) {
		b.WriteString("    " + line)
	}
	return b.String()
}

// maxExample is how many lines of an example are shown.
const maxExample = 40

// Shortened is the beginning of a long example.
func Shortened(text string) string {
	if lines := strings.SplitAfter(text, "\n"); len(lines) > maxExample {
		return strings.Join(lines[:maxExample], "") + fmt.Sprintf("… and %d lines more\n", len(lines)-1-maxExample)
	}
	return text
}

// Visible writes what cannot be seen in an example as an escape.
func Visible(text string) string {
	var b strings.Builder
	for at, r := range text {
		switch {
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == 0xfeff || r >= utf8.RuneSelf && isHidden(text, at, r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
