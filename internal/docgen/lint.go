package main

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/spec/lint"
)

// lintPage is the reference of the lint rules, from their own files.
func lintPage(string) (string, error) {
	var b strings.Builder
	b.WriteString(generated("spec/lint"))
	b.WriteString(`# What flue lint finds

An **error** keeps a project from running; a **warning** does not, but counts under ` + "`flue lint --strict`" + `. To allow one finding, write
` + "`# flue-lint: allow RULE because REASON`" + ` on the line above it, or list it in the agent's ` + "`accept`" + `.

In the examples, a line ` + "`-- PATH --`" + ` begins a file; without one, the example is an agent.

`)
	links := map[string][]string{}
	var groups []string
	for _, rule := range lint.Rules() {
		if links[rule.Group] == nil {
			groups = append(groups, rule.Group)
		}
		links[rule.Group] = append(links[rule.Group], fmt.Sprintf("[%s](#%s)", rule.Name, rule.Name))
	}
	for _, group := range groups {
		b.WriteString(wrapped("- **"+group+"**: "+strings.Join(links[group], " · ")) + "\n")
	}
	group := ""
	for _, rule := range lint.Rules() {
		if rule.Group != group {
			group = rule.Group
			fmt.Fprintf(&b, "\n## %s\n\n", group)
		}
		fmt.Fprintf(&b, "### %s\n\n*%s.* %s\n\n", rule.Name, rule.Severity, strings.TrimSpace(rule.Doc))
		b.WriteString("Found:\n\n" + ruleExample(rule.Bad) + "Fine:\n\n" + ruleExample(rule.Good))
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// wrapped is an entry of a list in lines of at most 120 bytes.
func wrapped(entry string) string {
	var b strings.Builder
	width := 0
	for i, word := range strings.Split(entry, " ") {
		switch {
		case i == 0:
		case width+1+len(word) > 120:
			b.WriteString("\n  ")
			width = 2
		default:
			b.WriteString(" ")
			width++
		}
		b.WriteString(word)
		width += len(word)
	}
	return b.String()
}

// ruleExample shows an example: YAML, or files in the txtar format.
func ruleExample(text string) string {
	info := "yaml"
	if strings.HasPrefix(text, "-- ") {
		info = ""
	}
	text = lint.Shortened(lint.Visible(text))
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return block(info, text)
}
