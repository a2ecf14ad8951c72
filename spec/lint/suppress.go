package lint

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

// suppression is a rule that the author allows: in the next line, by a comment, or in a whole file, by an agent's accept.
type suppression struct {
	rule, because string
	pos, end      spec.Pos
	line          int // 0: the whole file
	used          bool
}

func (s *suppression) covers(p spec.Problem) bool {
	return s.rule == p.Rule && s.because != "" && s.pos.File == p.Pos.File && (s.line == 0 || s.line == p.Pos.Line)
}

// suppress leaves out what the author allows, and reports what is allowed without a reason or for nothing.
func suppress(p *spec.Project, opened map[string]*spec.Document, loaded, found []spec.Problem) []spec.Problem {
	all := accepted(p)
	for _, d := range p.Documents {
		all = append(all, allowed(d)...)
	}
	for _, d := range opened {
		if d != nil {
			all = append(all, allowed(d)...)
		}
	}
	if len(all) == 0 {
		return found
	}
	var kept []spec.Problem
	for _, problem := range found {
		hidden := false
		for _, s := range all {
			if s.covers(problem) {
				s.used, hidden = true, true
			}
		}
		if !hidden {
			kept = append(kept, problem)
		}
	}
	broken := map[string]bool{} // files in which a rule may have been kept from looking
	for _, problem := range loaded {
		broken[problem.Pos.File] = broken[problem.Pos.File] || problem.Severity == spec.Error
	}
	pass := &Pass{Project: p, rule: unusedSuppression}
	for _, s := range all {
		if !s.used {
			s.report(pass, broken[s.pos.File])
		}
	}
	return append(kept, pass.problems...)
}

func (s *suppression) report(pass *Pass, broken bool) {
	problem := spec.Problem{Pos: s.pos, End: s.end}
	rule := Find(s.rule)
	switch {
	case rule == nil:
		problem.Text, problem.Hint = fmt.Sprintf("there is no rule %q", s.rule), spec.DidYouMean(s.rule, RuleNames())
	case s.because == "":
		problem.Text, problem.Hint = fmt.Sprintf("%s is allowed without a reason", s.rule), "write: allow "+s.rule+" because …"
	case broken:
		return
	case rule.Check == nil && rule != unusedSuppression:
		problem.Text = fmt.Sprintf("%s cannot be allowed: the project does not run with it", s.rule)
	default:
		problem.Text, problem.Hint = fmt.Sprintf("nothing here breaks %s", s.rule), "remove this"
	}
	pass.Add(problem)
}

func accepted(p *spec.Project) []*suppression {
	var all []*suppression
	for _, agent := range p.Agents {
		for i, accept := range agent.Accept {
			start, end := agent.Doc.Span("/accept/" + strconv.Itoa(i) + "/rule")
			all = append(all, &suppression{rule: accept.Rule, because: accept.Because, pos: start, end: end})
		}
	}
	return all
}

// allowComment matches in YAML, in shell scripts in it, and in Markdown.
var allowComment = regexp.MustCompile(`^\s*(?:#|<!--)\s*flue-lint:\s*allow\s+([a-z0-9-]+)(?:\s+because\s+(.*?))?\s*(?:-->)?\s*$`)

func allowed(d *spec.Document) []*suppression {
	if !strings.Contains(string(d.Source), "flue-lint:") {
		return nil
	}
	var all []*suppression
	lines := strings.Split(string(d.Source), "\n")
	for i, line := range lines {
		match := allowComment.FindStringSubmatchIndex(line)
		if match == nil {
			continue
		}
		target := i + 1
		for target < len(lines) && allowComment.MatchString(lines[target]) {
			target++
		}
		s := &suppression{rule: line[match[2]:match[3]], line: target + 1}
		if match[4] >= 0 {
			s.because = line[match[4]:match[5]]
		}
		s.pos = spec.Pos{File: d.File, Line: i + 1, Col: match[2] + 1}
		s.end = spec.Pos{File: d.File, Line: i + 1, Col: match[3] + 1}
		all = append(all, s)
	}
	return all
}
