// Package markdown is the program html-to-markdown. Start at Run; block.go writes what stands on lines of its own,
// inline.go what stands within them.
package markdown

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"

	"golang.org/x/net/html"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const usage = `[OPTION]... [FILE]...
Convert HTML to Markdown (CommonMark, with tables and strikethrough).

  --domain=URL  make links and images absolute
`

// A page is converted as a whole: maxPage is its size at most, treeMemory how many bytes the tree takes for each.
const (
	maxPage    = 8 << 20
	treeMemory = 20
)

// Run is the html-to-markdown command.
func Run(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: usage, Long: "domain:"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	var domain *url.URL
	for _, o := range p.Options {
		var err error
		if domain, err = url.Parse(o.Value); err != nil || domain.Host == "" {
			return spec.Misuse(inv, "invalid URL %s", cli.Quote(o.Value))
		}
	}
	return cli.EachInput(inv, p.Operands, func(_ string, r io.Reader) error {
		var text bytes.Buffer
		if err := cli.Copy(ctx, inv.Budget, &text, io.LimitReader(r, maxPage+1)); err != nil {
			return err
		}
		if text.Len() > maxPage {
			return errors.New("a page may have 8 MiB at most")
		}
		held := text.Len() * treeMemory
		defer inv.Budget.Release(held)
		if inv.Budget.Hold(held) != nil {
			return cli.ErrStop
		}
		root, err := html.Parse(&stoppable{ctx, inv, &text})
		if err != nil {
			return err
		}
		w := &writer{ctx: ctx, inv: inv, domain: domain}
		w.children(root)
		if w.stopped {
			return cli.ErrStop
		}
		if _, err := inv.Stdout.Write(w.result()); err != nil {
			return cli.ErrStop
		}
		return nil
	})
}

// stoppable ends the parser, which reads as it goes, with the budget.
type stoppable struct {
	ctx context.Context
	inv *shell.Invocation
	r   io.Reader
}

// Read reads a block.
func (s *stoppable) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.inv.Budget.Work(n+1) != nil || s.ctx.Err() != nil {
		return n, cli.ErrStop
	}
	return n, err
}
