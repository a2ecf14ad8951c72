package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
)

// project is a loaded project and the folder it was found in.
type project struct {
	*spec.Project
	dir  string // of the host
	root *os.Root
}

// Close closes the project's folder.
func (p *project) Close() error { return p.root.Close() }

// findProject returns the nearest folder that holds .flue, from dir upwards.
func findProject(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the project: %w", err)
	}
	for at := start; ; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, ".flue")); err == nil && info.IsDir() {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", usage(fmt.Errorf("there is no .flue folder in %s or above it; flue init writes a project", start))
		}
	}
}

// openProject loads the project that dir lies in, with everything that is wrong in it.
func openProject(dir string) (*project, []spec.Problem, error) {
	at, err := findProject(dir)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(at)
	if err != nil {
		return nil, nil, fmt.Errorf("open the project: %w", err)
	}
	loaded, problems := spec.Load(root.FS())
	return &project{Project: loaded, dir: at, root: root}, lint.Check(loaded, problems), nil
}

// openAgentFile loads an agent file outside any project, as a project of that one agent.
func openAgentFile(file string) (p *project, name string, problems []spec.Problem, err error) {
	dir := filepath.Dir(file)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, "", nil, usage(fmt.Errorf("open the agent's folder: %w", err))
	}
	loaded, problems := spec.LoadAgentFile(root.FS(), filepath.Base(file))
	name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	return &project{Project: loaded, dir: dir, root: root}, name, lint.Check(loaded, problems), nil
}

// isAgentFile says whether what a user wrote for AGENT is a path.
func isAgentFile(agent string) bool {
	return strings.ContainsRune(agent, filepath.Separator) || strings.HasSuffix(agent, ".yaml") || strings.HasSuffix(agent, ".md")
}

// refuse ends a command on a project with errors; its warnings are not shown.
func refuse(s streams, p *project, problems []spec.Problem) error {
	var errors []spec.Problem
	for _, problem := range problems {
		if problem.Severity == spec.Error {
			errors = append(errors, problem)
		}
	}
	if len(errors) == 0 {
		return nil
	}
	lint.Text(s.err, errors, lint.SourcesOf(p.Project))
	fmt.Fprintf(s.err, "flue: the project has %s; nothing was run\n", count(len(errors), "error"))
	return told(exitUsage)
}

// count is "1 error", "2 errors".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
