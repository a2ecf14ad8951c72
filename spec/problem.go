package spec

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says whether a problem keeps a project from running.
type Severity int

const (
	Error Severity = iota
	Warning
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Problem is one mistake in a project's files.
type Problem struct {
	Pos, End Pos // End is just after the last byte
	Rule     string
	Severity Severity
	Text     string // what is wrong
	Hint     string // what to do about it; may be empty
	Fix      string // what to write from Pos to End instead, where that is the one safe answer; else empty
}

func (p Problem) String() string {
	text := p.Text
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return fmt.Sprintf("%s: %s [%s]", p.Pos, text, p.Rule)
}

// SortProblems orders by place and drops what is there twice.
func SortProblems(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Text, b.Text))
	})
	return slices.CompactFunc(problems, func(a, b Problem) bool {
		return a.Pos == b.Pos && a.Rule == b.Rule && a.Text == b.Text
	})
}
