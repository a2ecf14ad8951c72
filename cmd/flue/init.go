package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
)

// templates are the projects that flue init writes. A file named gitignore there becomes .gitignore.
//
//go:embed all:template all:template_github
var templates embed.FS

type initCmd struct {
	Dir    string `arg:"" optional:"" default:"." help:"Where (default: here). It is made if it is not there."`
	GitHub bool   `name:"github" help:"Write a project that triages the issues of a repository on GitHub, with its workflow."`
}

func (c *initCmd) Help() string {
	return `Writes an agent, a role, a skill, a scripted model and a document; with --github an agent that triages issues, the
command gh for it, and a workflow of two jobs, of which the one with the agent can only read. Overwrites nothing.`
}

func (c *initCmd) Run(s streams) error {
	folder, next := "template", `flue run ask --set question="How long does a refund take?"`
	if c.GitHub {
		folder, next = "template_github", "GH_TOKEN=$(gh auth token) flue run triage --set issue=1"
	}
	files, err := templateFiles(folder)
	if err != nil {
		return err
	}
	if c.GitHub {
		nameRepository(files, c.Dir)
	}
	for _, file := range files {
		if _, err := os.Lstat(filepath.Join(c.Dir, file.name)); err == nil {
			return usage(fmt.Errorf("init: %s is there already; nothing was written", filepath.Join(c.Dir, file.name)))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return usage(fmt.Errorf("init: %w", err))
		}
	}
	for _, file := range files {
		to := filepath.Join(c.Dir, file.name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return usage(fmt.Errorf("init: %w", err))
		}
		if err := os.WriteFile(to, file.data, 0o644); err != nil {
			return usage(fmt.Errorf("init: %w", err))
		}
		fmt.Fprintln(s.err, "wrote", to)
	}
	in := ""
	if c.Dir != "." {
		in = "cd " + c.Dir + "\n  "
	}
	_, err = fmt.Fprintf(s.err, "\nNext:\n  %sflue lint\n  %s\n", in, next)
	return err
}

// templateFile is a file of the template and where it goes.
type templateFile struct {
	name string
	data []byte
}

// origin is where a repository says that it comes from, if that is GitHub.
var origin = regexp.MustCompile(`(?m)^\s*url\s*=\s*\S*github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?\s*$`)

// nameRepository puts the name of the repository that dir is into files, in place of OWNER/REPOSITORY, if it says so.
func nameRepository(files []templateFile, dir string) {
	config, err := os.ReadFile(filepath.Join(dir, ".git", "config"))
	if err != nil {
		return // a repository yet to be: its name is for the user to write
	}
	found := origin.FindSubmatch(config)
	if found == nil {
		return
	}
	for i := range files {
		files[i].data = bytes.ReplaceAll(files[i].data, []byte("OWNER/REPOSITORY"), found[1])
	}
}

func templateFiles(folder string) ([]templateFile, error) {
	var files []templateFile
	err := fs.WalkDir(templates, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := templates.ReadFile(name)
		if err != nil {
			return err
		}
		to := name[len(folder+"/"):]
		if path.Base(to) == "gitignore" {
			to = path.Join(path.Dir(to), ".gitignore")
		}
		files = append(files, templateFile{filepath.FromSlash(to), data})
		return nil
	})
	return files, err
}
