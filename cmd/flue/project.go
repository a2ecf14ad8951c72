package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
)

// project is a loaded project, the folder it was found in, and all that is wrong with it.
type project struct {
	*spec.Project
	dir      string   // of the host, absolute; of a built project, where it runs
	root     *os.Root // dir; nil for a built project
	load     lint.Load
	problems []spec.Problem
	alone    bool   // it is one agent's file outside any project
	built    string // the name of the executable that the project is in, or ""
}

// Close closes the project's folder.
func (p *project) Close() error {
	if p.root == nil {
		return nil
	}
	return p.root.Close()
}

// openProject loads the project that a folder lies in: the nearest one above that holds .flue. "" is the project in this
// executable, and where there is none the working directory.
func openProject(folder string) (*project, error) {
	if folder == "" {
		if b, err := ownBundle(); err != nil {
			return nil, usage(err)
		} else if b != nil {
			return loadBuilt(b)
		}
		folder = "."
	}
	if info, err := os.Stat(folder); err != nil {
		return nil, usage(err)
	} else if !info.IsDir() {
		return nil, usage(fmt.Errorf("%s is not a folder", folder))
	}
	start, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("find the project: %w", err)
	}
	for at := start; ; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, ".flue")); err == nil && info.IsDir() {
			return loadProject(at, spec.Load)
		}
		if at == filepath.Dir(at) {
			return nil, usage(fmt.Errorf("there is no .flue folder in %s or above it; flue init writes a project", start))
		}
	}
}

// loadBuilt loads the project in this executable.
func loadBuilt(b *bundle) (*project, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("find the working directory: %w", err)
	}
	loaded, problems := spec.Load(b)
	return &project{Project: loaded, dir: dir, load: spec.Load, problems: lint.Check(loaded, problems), built: b.name}, nil
}

func loadProject(dir string, load lint.Load) (*project, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the project: %w", err)
	}
	loaded, problems := load(root.FS())
	return &project{Project: loaded, dir: dir, root: root, load: load, problems: lint.Check(loaded, problems)}, nil
}

// openAgentFile loads an agent by its file: its whole project if the file lies in one, else a project of that one agent.
// file is its path from the project's folder.
func openAgentFile(path string) (p *project, name, file string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, "", "", fmt.Errorf("find the agent: %w", err)
	}
	if info, err := os.Stat(path); err != nil {
		return nil, "", "", usage(err)
	} else if !info.Mode().IsRegular() {
		return nil, "", "", usage(fmt.Errorf("%s is not a file", path))
	}
	name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if dir, rest, ok := strings.Cut(filepath.ToSlash(path), "/.flue/"); ok {
		p, err = loadProject(filepath.FromSlash(dir), spec.Load)
		return p, name, ".flue/" + rest, err
	}
	file = filepath.Base(path)
	p, err = loadProject(filepath.Dir(path), func(fsys fs.FS) (*spec.Project, []spec.Problem) {
		return spec.LoadAgentFile(fsys, file)
	})
	if err == nil {
		p.alone = true
	}
	return p, name, file, err
}

// isAgentFile says whether what a user wrote for AGENT is a path.
func isAgentFile(agent string) bool {
	return strings.ContainsAny(agent, `/\`) || slices.Contains([]string{".yaml", ".yml", ".md"}, filepath.Ext(agent))
}

// refuse ends a command on a project with errors, and shows them; its warnings are not shown.
func (p *project) refuse(s streams) error {
	failing := p.errors()
	if len(failing) == 0 {
		return nil
	}
	err := lint.Text(s.err, failing, p.shownFrom("", failing))
	fmt.Fprintf(s.err, "flue: the project has %s; nothing was run\n", count(len(failing), "error"))
	return errors.Join(told(exitUsage), err)
}

// errors are the problems with which nothing is run.
func (p *project) errors() []spec.Problem {
	return slices.DeleteFunc(slices.Clone(p.problems), func(problem spec.Problem) bool { return problem.Severity != spec.Error })
}

// shownFrom writes the files of problems as paths from a folder, as p.from does, and gives their lines.
func (p *project) shownFrom(folder string, problems []spec.Problem) lint.Sources {
	files := map[string]string{}
	for i := range problems {
		file := problems[i].Pos.File
		problems[i].Pos.File = p.from(folder, file)
		files[problems[i].Pos.File] = file
	}
	return func(shown string) []byte { return lint.SourcesOf(p.Project)(files[shown]) }
}

// from is the path of a file of the project from a folder, as a person, an editor or a service wants it; from the working
// directory if the folder is "".
func (p *project) from(folder, file string) string {
	if p.built != "" {
		return file
	}
	path := filepath.Join(p.dir, filepath.FromSlash(file))
	if folder == "" {
		folder, _ = os.Getwd()
	}
	if rel, err := filepath.Rel(folder, path); err == nil {
		return rel
	}
	return path // without a working directory
}

// count is "1 error", "2 errors".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
