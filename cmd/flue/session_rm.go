package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/flue-run/flue/store"
	"golang.org/x/term"
)

type sessionRmCmd struct {
	keptFlags
	Session sessionKey `arg:"" placeholder:"AGENT/SESSION" help:"The session."`
	Yes     bool       `short:"y" help:"Do not ask."`
}

func (c *sessionRmCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, s, func(k kept) error {
		found, err := find(ctx, k, c.Session.Key)
		if err != nil {
			return err
		}
		if !c.Yes {
			if err := c.ask(s, found); err != nil {
				return err
			}
		}
		return k.DeleteSession(ctx, c.Session.Key)
	})
}

// ask has a person at a terminal agree.
func (c *sessionRmCmd) ask(s streams, found store.Session) error {
	file, _ := s.in.(*os.File)
	if file == nil || !term.IsTerminal(int(file.Fd())) {
		return usage(errors.New("nobody is here to ask: say --yes to forget the session"))
	}
	fmt.Fprintf(s.err, "Forget session %s, with %s and %d entries? [y/N] ", c.Session, count(found.Runs, "run"), found.Last)
	answer, _ := bufio.NewReader(s.in).ReadString('\n') // without an answer it is no
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return usage(errors.New("nothing was forgotten"))
}
