// Package lint finds what is wrong in a project beyond what reading it shows. Start at Check; a rule is one file, and
// rules.go lists them all.
package lint

import (
	"slices"
	"sync"

	"github.com/flue-run/flue/spec"
)

// Rule is one sort of mistake.
type Rule struct {
	Name     string
	Severity spec.Severity
	Group    string
	Doc      string      // what it finds and why that matters
	Bad      string      // a project that breaks the rule: files in the txtar format, or one agent without a header
	Good     string      // one that does not
	Check    func(*Pass) // nil: reading the project finds it
}

// Groups are the groups of rules, in the order in which they are explained.
const (
	Files       = "Files"
	Names       = "Names"
	Expressions = "Expressions"
	Schemas     = "Schemas"
	Secrets     = "Secrets and reach"
	Models      = "Models and limits"
	Skills      = "Skills"
	Triggers    = "Triggers"
	Workflows   = "Workflows"
)

// Pass is one rule's look at a project. The project may hold mistakes: any value may be zero, and names may point
// nowhere.
type Pass struct {
	Project  *spec.Project
	Loaded   []spec.Problem // what reading the project found
	rule     *Rule
	problems []spec.Problem

	templates func() []template // the project's expressions, looked at once for all rules
}

// Report adds a problem at the value that a JSON pointer of a document points to.
func (p *Pass) Report(d *spec.Document, pointer, text, hint string) {
	start, end := d.Span(pointer)
	p.Add(spec.Problem{Pos: start, End: end, Text: text, Hint: hint})
}

// ReportKey adds a problem at the key of that value.
func (p *Pass) ReportKey(d *spec.Document, pointer, text, hint string) {
	start, end := d.KeySpan(pointer)
	p.Add(spec.Problem{Pos: start, End: end, Text: text, Hint: hint})
}

// ReportIn adds a problem at the bytes from start to end of the text that a JSON pointer points to.
func (p *Pass) ReportIn(d *spec.Document, pointer string, start, end int, text, hint string) {
	p.Add(spec.Problem{Pos: d.In(pointer, start), End: d.In(pointer, end), Text: text, Hint: hint})
}

// Add adds a problem of the pass's rule.
func (p *Pass) Add(problem spec.Problem) {
	problem.Rule, problem.Severity = p.rule.Name, p.rule.Severity
	p.problems = append(p.problems, problem)
}

// Check runs every rule on a project. problems are what spec.Load found; they are part of what it gives, which is sorted
// by place. Findings that the author allows or accepts are left out, but for what Load found: that would not run.
func Check(p *spec.Project, problems []spec.Problem) []spec.Problem {
	var found []spec.Problem
	templates := sync.OnceValue(func() []template { return templatesOf(p) })
	for _, rule := range rules {
		if rule.Check == nil {
			continue
		}
		pass := &Pass{Project: p, Loaded: problems, rule: rule, templates: templates}
		rule.Check(pass)
		found = append(found, pass.problems...)
	}
	found = suppress(p, problems, spec.SortProblems(found))
	return spec.SortProblems(slices.Concat(problems, found))
}

// Rules are all rules, by group and in the order of the reference.
func Rules() []*Rule { return slices.Clone(rules) }

// Find is the rule of a name; nil if there is none.
func Find(name string) *Rule {
	for _, rule := range rules {
		if rule.Name == name {
			return rule
		}
	}
	return nil
}
