package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
)

type lintCmd struct {
	Paths  []string `arg:"" optional:"" name:"path" help:"Folders of projects, or files: one of a project, or an agent outside any (default: the project here)."`
	Format string   `enum:"text,json" default:"text" help:"text or json."`
	Strict bool     `help:"Warnings count as findings."`
}

func (c *lintCmd) Help() string {
	return "Exit status: 0 clean, 1 findings, 2 usage, 4 a file could not be read."
}

func (c *lintCmd) Run(s streams) error {
	if len(c.Paths) == 0 {
		c.Paths = []string{"."}
	}
	found := []spec.Problem{}
	sources := map[string]lint.Sources{}
	for _, path := range c.Paths {
		p, problems, err := openForLint(path)
		if err != nil {
			return err
		}
		for _, problem := range p.fromHere(problems) {
			found = append(found, problem)
			sources[problem.Pos.File] = p.sources()
		}
		p.Close()
	}
	write := func() error {
		return lint.Text(s.out, found, func(file string) []byte { return sources[file](file) })
	}
	if c.Format == "json" {
		write = func() error { return lint.JSON(s.out, found) }
	}
	if err := write(); err != nil {
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

// openForLint loads the project of a path. Of a file in a project, only its own problems count.
func openForLint(path string) (*project, []spec.Problem, error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		p, err := openProject(path)
		if err != nil {
			return nil, nil, err
		}
		return p, p.problems, nil
	}
	p, _, file, err := openAgentFile(path)
	if err != nil {
		return nil, nil, err
	}
	return p, slices.DeleteFunc(p.problems, func(problem spec.Problem) bool { return problem.Pos.File != file }), nil
}
