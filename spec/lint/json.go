package lint

import (
	"encoding/json"
	"io"

	"github.com/flue-run/flue/spec"
)

// reference is where the rules are explained.
const reference = "https://github.com/flue-run/flue/blob/main/docs/lint.md#"

// finding is a problem as programs read it.
type finding struct {
	Rule      string `json:"rule"`
	Severity  string `json:"severity"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	URL       string `json:"url"`
	Fix       *fix   `json:"fix,omitempty"`
}

// fix says what to write between the place and the end of a finding.
type fix struct {
	Replacement string `json:"replacement"`
}

// JSON writes problems as one JSON array. Columns count bytes from 1. Secrets of known shapes are masked.
func JSON(w io.Writer, problems []spec.Problem) error {
	findings := make([]finding, len(problems))
	for i, p := range problems {
		findings[i] = finding{
			Rule: p.Rule, Severity: p.Severity.String(), Message: mask(p.Text), Hint: mask(p.Hint),
			File: p.Pos.File, Line: p.Pos.Line, Column: p.Pos.Col, EndLine: p.End.Line, EndColumn: p.End.Col,
			URL: reference + p.Rule,
		}
		if p.Fix != "" {
			findings[i].Fix = &fix{p.Fix}
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(findings)
}
