package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
)

type shCmd struct {
	Command string `short:"c" placeholder:"SCRIPT" help:"The script to run."`
	JSONL   bool   `name:"jsonl" help:"Read one JSON request a line, each for a fresh sandbox, and write one reply a line."`
	File    string `arg:"" optional:"" help:"A file with the script; - is standard input."`
}

func (c *shCmd) Help() string {
	return "A fresh virtual sandbox: nothing of this machine is in it. The exit status is the script's."
}

func (c *shCmd) Run(ctx context.Context, s streams) error {
	if c.JSONL {
		return serveJSONL(ctx, s.in, s.out)
	}
	script, stdin := c.Command, s.in
	switch {
	case c.Command != "" && c.File != "":
		return usage(errors.New("sh: give -c SCRIPT or a file, not both"))
	case c.Command != "":
	case c.File == "" || c.File == "-":
		data, err := io.ReadAll(s.in)
		if err != nil {
			return fmt.Errorf("read the script: %w", err)
		}
		script, stdin = string(data), nil
	default:
		data, err := os.ReadFile(c.File)
		if err != nil {
			return usage(fmt.Errorf("sh: %w", err))
		}
		script = string(data)
	}
	box, err := virtual.New(virtual.Config{})
	if err != nil {
		return err
	}
	defer box.Close()
	result, err := box.Exec(ctx, sandbox.Exec{Script: script, Stdin: stdin, Output: func(stream sandbox.Stream, data []byte) {
		if stream == sandbox.Stdout {
			s.out.Write(data)
		} else {
			s.err.Write(data)
		}
	}})
	if err != nil {
		return err
	}
	return told(result.ExitCode)
}
