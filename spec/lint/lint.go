// Package lint finds what is wrong in a project beyond what reading it shows. Start at Check; a rule is one file, and
// rules.go lists them all.
package lint

import (
	"io/fs"
	"slices"
	"sync"
	"unicode/utf8"

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

	FixFile func(source []byte) []byte // what Fix makes of a file with such a problem, where no single place is to be changed
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

	*shared
}

// shared is what rules need together.
type shared struct {
	project   *spec.Project
	templates func() []template         // the project's expressions, looked at once
	mentions  func() mentions           // what is named where; not to be changed
	workflows func() []workflow         // those that run flue's action
	opened    map[string]*spec.Document // files of the project that flue itself does not read; nil: it cannot be read
}

// open reads a file that is no document of the project; nil if that is not possible, or if it is no text.
func (s *shared) open(file string) *spec.Document {
	d, ok := s.opened[file]
	if ok {
		return d
	}
	if info, err := fs.Stat(s.project.FS, file); err == nil && info.Mode().IsRegular() && info.Size() <= maxText {
		if source, err := fs.ReadFile(s.project.FS, file); err == nil && utf8.Valid(source) {
			d, _ = spec.ParseDocument(file, "", source)
		}
	}
	s.opened[file] = d
	return d
}

// maxText is how large a text may be that rules look at, in bytes.
const maxText = 1 << 20

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
	common := &shared{project: p, opened: map[string]*spec.Document{}}
	common.templates = sync.OnceValue(func() []template { return templatesOf(p) })
	common.mentions = sync.OnceValue(func() mentions { return mentionsOf(p) })
	common.workflows = sync.OnceValue(common.readWorkflows)
	for _, rule := range rules {
		if rule.Check == nil {
			continue
		}
		pass := &Pass{Project: p, Loaded: problems, rule: rule, shared: common}
		rule.Check(pass)
		found = append(found, pass.problems...)
	}
	found = suppress(p, common.opened, problems, spec.SortProblems(found))
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
