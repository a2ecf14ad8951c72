package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
)

type shCmd struct {
	Command *string  `short:"c" placeholder:"SCRIPT" help:"The script to run; what follows is its $0, $1, …"`
	JSONL   bool     `name:"jsonl" help:"Read one JSON request a line, each for a fresh sandbox, and write one reply a line."`
	Args    []string `arg:"" optional:"" passthrough:"partial" name:"file" help:"A file with the script (- is standard input), and its arguments."`
}

func (c *shCmd) Help() string {
	return "A fresh virtual sandbox: nothing of this machine is in it. The exit status is the script's."
}

func (c *shCmd) Run(ctx context.Context, s streams) error {
	if c.JSONL {
		if c.Command != nil || len(c.Args) > 0 {
			return usage(errors.New("sh: --jsonl takes its scripts from standard input"))
		}
		return serveJSONL(ctx, s.in, s.out)
	}
	e := sandbox.Exec{Args: c.Args, Stdin: s.in, Output: func(stream sandbox.Stream, data []byte) {
		if stream == sandbox.Stdout {
			s.out.Write(data)
		} else {
			s.err.Write(data)
		}
	}}
	switch {
	case c.Command != nil:
		e.Script = *c.Command
	case len(c.Args) == 0 || c.Args[0] == "-":
		data, err := io.ReadAll(s.in)
		if err != nil {
			return fmt.Errorf("read the script: %w", err)
		}
		e.Script, e.Stdin = string(data), nil
	default:
		data, err := os.ReadFile(c.Args[0])
		if err != nil {
			return usage(fmt.Errorf("sh: %w", err))
		}
		e.Script = string(data)
	}
	box, err := virtual.New(virtual.Config{Databases: sqlitedb.Engine{}})
	if err != nil {
		return err
	}
	defer box.Close()
	result, err := box.Exec(ctx, e)
	if err != nil {
		return err
	}
	return told(result.ExitCode)
}
