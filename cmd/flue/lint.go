package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
)

type lintCmd struct {
	Paths  []string `arg:"" optional:"" name:"path" help:"Folders of projects, or agent files outside any project (default: the project here)."`
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
	failed, files := 0, 0
	for _, path := range c.Paths {
		p, problems, err := openForLint(path)
		if err != nil {
			return lintError(err)
		}
		if c.Format == "json" {
			err = lint.JSON(s.out, problems)
		} else {
			err = lint.Text(s.out, problems, lint.SourcesOf(p.Project))
		}
		p.Close()
		if err != nil {
			return fmt.Errorf("write the findings: %w", err)
		}
		files += len(p.Documents)
		for _, problem := range problems {
			if problem.Severity == spec.Error || c.Strict {
				failed++
			}
		}
	}
	if failed > 0 {
		if c.Format == "text" {
			fmt.Fprintf(s.err, "flue: %s in %s\n", count(failed, "finding"), count(files, "file"))
		}
		return told(exitFailed)
	}
	return nil
}

func openForLint(path string) (*project, []spec.Problem, error) {
	if isAgentFile(path) && path != "." && path != ".." {
		if p, _, problems, err := openAgentFile(path); err == nil && len(p.Agents) > 0 {
			return p, problems, nil
		}
	}
	return openProject(path)
}

func lintError(err error) error {
	var status *statusError
	if errors.As(err, &status) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &statusError{exitInfrastructure, err}
}
