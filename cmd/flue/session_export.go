package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/flue-run/flue/engine"
)

type sessionExportCmd struct {
	keptFlags
	Session sessionKey `arg:"" placeholder:"AGENT/SESSION" help:"The session."`
	Out     string     `placeholder:"FILE" help:"Write the log to this new file instead of stdout."`
	Files   string     `placeholder:"DIR" help:"Write the workspace's files to this new folder, too."`
}

func (c *sessionExportCmd) Help() string {
	return `The log is every entry as a line of JSON, as flue run --output events writes it, those that a rewind has taken back as well. Files are those of the last snapshot
that counts, without symbolic links. Nothing that exists is overwritten.`
}

func (c *sessionExportCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, s, func(k kept) error {
		if _, err := find(ctx, k, c.Session.Key); err != nil {
			return err
		}
		if c.Files != "" {
			if err := c.files(ctx, s, k); err != nil {
				return err
			}
		}
		return c.log(ctx, s.out, k)
	})
}

// log writes the entries.
func (c *sessionExportCmd) log(ctx context.Context, out io.Writer, k kept) (err error) {
	if c.Out != "" {
		file, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // it tells all that the agent read
		if err != nil {
			return usage(err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	w := bufio.NewWriter(out)
	for entry, err := range k.Entries(ctx, c.Session.Key, 0) {
		var event engine.Event
		if err == nil {
			event, err = engine.EventOf(c.Session.Key, entry)
		}
		if err == nil {
			err = writeJSON(w, event, "")
		}
		if err != nil {
			return fmt.Errorf("export session %s: %w", c.Session, err)
		}
	}
	return w.Flush()
}

// files writes the workspace.
func (c *sessionExportCmd) files(ctx context.Context, s streams, k kept) error {
	files, err := k.Files(ctx, c.Session.Key)
	if err != nil {
		return err
	}
	defer files.Close()
	if err := os.Mkdir(c.Files, 0o777); err != nil {
		return usage(err)
	}
	root, err := os.OpenRoot(c.Files)
	if err != nil {
		return err
	}
	defer root.Close()
	left, err := copyFolder(ctx, files, root, ".")
	if err != nil {
		return fmt.Errorf("export the files of session %s: %w", c.Session, err)
	}
	if left > 0 {
		fmt.Fprintf(s.err, "flue: left out %s\n", count(left, "link"))
	}
	return nil
}

// copyFolder writes a session's folder into root, which no name leads out of, and counts the links, which it leaves out.
func copyFolder(ctx context.Context, from folder, root *os.Root, dir string) (left int, err error) {
	entries, err := from.ReadDir(ctx, dir)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		switch {
		case entry.IsDir():
			if err := root.Mkdir(name, 0o777); err != nil {
				return left, err
			}
			more, err := copyFolder(ctx, from, root, name)
			if left += more; err != nil {
				return left, err
			}
		case entry.Mode().IsRegular():
			if err := copyFile(ctx, from, root, name, entry.Mode()); err != nil {
				return left, err
			}
		default:
			left++
		}
	}
	return left, nil
}

func copyFile(ctx context.Context, from folder, root *os.Root, name string, mode fs.FileMode) (err error) {
	in, err := from.Open(ctx, name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666|mode&0o111)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}
