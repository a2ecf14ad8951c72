package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
	"github.com/rogpeppe/go-internal/diff"
)

type lintCmd struct {
	Paths   []string `arg:"" optional:"" name:"path" help:"Folders of projects, or files: one of a project, or an agent outside any (default: the project here)."`
	Format  string   `enum:",text,json,sarif,github" default:"" help:"text, json, sarif or github (default: text, in GitHub Actions github)."`
	Strict  bool     `help:"Warnings count as findings."`
	Fix     bool     `xor:"change" help:"Correct what has one safe answer, then report what is left."`
	Diff    bool     `xor:"change" help:"Show what --fix would change, and change nothing."`
	Explain string   `placeholder:"RULE" help:"Explain a rule, with examples."`
}

func (c *lintCmd) Help() string {
	return "Exit status: 0 clean, 1 findings, 2 usage, 4 a file could not be read. --diff: 1 if something would change."
}

func (c *lintCmd) Run(s streams) error {
	if c.Explain != "" {
		return explain(s, c.Explain)
	}
	debug.SetGCPercent(400) // it is over before its garbage matters
	if len(c.Paths) == 0 {
		c.Paths = []string{""}
	}
	if c.Format == "" {
		c.Format = "text"
		if os.Getenv("GITHUB_ACTIONS") == "true" {
			c.Format = "github"
		}
	}
	found := []spec.Problem{}
	sources := map[string][]byte{}
	changed := 0
	for _, path := range c.Paths {
		p, mine, err := openForLint(path)
		if err != nil {
			return err
		}
		n, err := c.change(s, p, mine)
		changed += n
		for _, problem := range p.problems {
			if mine(problem.Pos.File) {
				file := problem.Pos.File
				problem.Pos.File = p.from(c.base(), file)
				problem.End.File = problem.Pos.File
				found = append(found, problem)
				sources[problem.Pos.File] = lint.SourcesOf(p.Project)(file)
			}
		}
		if err := errors.Join(err, p.Close()); err != nil {
			return err
		}
	}
	if c.Diff {
		return told(min(changed, exitFailed))
	}
	return c.report(s, found, func(file string) []byte { return sources[file] })
}

// report writes what was found in the format that is asked for.
func (c *lintCmd) report(s streams, found []spec.Problem, sources lint.Sources) error {
	var err error
	switch c.Format {
	case "json":
		err = lint.JSON(s.out, found)
	case "sarif":
		err = lint.SARIF(s.out, found, sources)
	case "github":
		err = lint.GitHub(s.out, found, sources)
	default:
		err = lint.Text(s.out, found, sources)
	}
	if err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	failing := len(slices.DeleteFunc(found, func(p spec.Problem) bool { return p.Severity != spec.Error && !c.Strict }))
	if failing == 0 {
		return nil
	}
	if c.Format == "text" {
		fmt.Fprintf(s.err, "flue: %s\n", count(failing, "finding"))
	}
	return told(exitFailed)
}

// base is the folder from which paths are written: services want them from the repository's.
func (c *lintCmd) base() string {
	if c.Format == "sarif" || c.Format == "github" {
		return os.Getenv("GITHUB_WORKSPACE")
	}
	return ""
}

// change corrects the files of a project, or shows how; p is what is left then. It gives the number of files.
func (c *lintCmd) change(s streams, p *project, mine func(file string) bool) (int, error) {
	if !c.Fix && !c.Diff {
		return 0, nil
	}
	if p.root == nil {
		return 0, usage(errors.New("lint: the files of a built project cannot be corrected"))
	}
	changes, fixed, problems := lint.Fix(p.root.FS(), p.load, mine)
	for _, change := range changes {
		file := p.from("", change.File)
		if c.Diff {
			if _, err := s.out.Write(diff.Diff(file, change.Before, file, change.After)); err != nil {
				return 0, fmt.Errorf("write the difference: %w", err)
			}
			continue
		}
		if err := p.root.WriteFile(change.File, change.After, 0o644); err != nil { // the mode is that of a new file
			return 0, fmt.Errorf("write %s: %w", file, err)
		}
		fmt.Fprintf(s.err, "flue: corrected %s\n", file)
	}
	if c.Fix {
		p.Project, p.problems = fixed, problems
	}
	return len(changes), nil
}

// explain writes what a rule is about.
func explain(s streams, name string) error {
	rule := lint.Find(name)
	if rule == nil {
		hint := cmp.Or(spec.DidYouMean(name, lint.RuleNames()), "there are: "+strings.Join(lint.RuleNames(), ", "))
		return usage(fmt.Errorf("there is no rule %q; %s", name, hint))
	}
	return lint.Explain(s.out, rule)
}

// openForLint loads the project of a path. mine says which files' problems count: of a file in a project, only its own.
func openForLint(path string) (p *project, mine func(file string) bool, err error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		p, err := openProject(path)
		return p, func(string) bool { return true }, err
	}
	p, _, file, err := openAgentFile(path)
	return p, func(other string) bool { return other == file }, err
}
