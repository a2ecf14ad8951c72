package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// template is the project that flue init writes. A file named gitignore there becomes .gitignore.
//
//go:embed all:template
var template embed.FS

type initCmd struct {
	Dir string `arg:"" optional:"" default:"." help:"Where (default: here). It is made if it is not there."`
}

func (c *initCmd) Help() string {
	return "Writes an agent, a role, a skill, a scripted model and a document, and overwrites nothing."
}

func (c *initCmd) Run(s streams) error {
	files, err := templateFiles()
	if err != nil {
		return err
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
	_, err = fmt.Fprintf(s.err, "\nNext:\n  %sflue lint\n  flue run ask --set question=\"How long does a refund take?\"\n", in)
	return err
}

// templateFile is a file of the template and where it goes.
type templateFile struct {
	name string
	data []byte
}

func templateFiles() ([]templateFile, error) {
	var files []templateFile
	err := fs.WalkDir(template, "template", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := template.ReadFile(name)
		if err != nil {
			return err
		}
		to := name[len("template/"):]
		if path.Base(to) == "gitignore" {
			to = path.Join(path.Dir(to), ".gitignore")
		}
		files = append(files, templateFile{filepath.FromSlash(to), data})
		return nil
	})
	return files, err
}
