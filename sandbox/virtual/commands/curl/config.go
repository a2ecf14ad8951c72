package curl

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// datum is a part of a body: -d and its kin, or -F.
type datum struct{ option, value string }

// config is the options up to the end, or to --next.
type config struct {
	on      map[string]bool   // switches
	last    map[string]string // values of which the last one counts
	urls    []string
	outputs []string // -o, and "" for -O, in the order of the URLs
	uploads []string
	headers []string
	cookies []string
	data    []datum
	forms   []datum
	queries []string
}

func newConfig() *config {
	return &config{on: map[string]bool{}, last: map[string]string{}}
}

// header takes a header, or a file of them.
func (p *parser) header(value string) error {
	name, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		p.config().headers = append(p.config().headers, value)
		return nil
	}
	text, err := p.read(name)
	if err != nil {
		return &usageError{fmt.Sprintf("Failed to open %s", name), 26}
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			p.config().headers = append(p.config().headers, line)
		}
	}
	return nil
}

// file reads options from a file: NAME, NAME = VALUE or NAME: VALUE, a line each.
func (p *parser) file(said, name string) error {
	text, err := p.read(name)
	if p.depth++; err != nil || p.depth > 16 {
		return &usageError{fmt.Sprintf("option %s: error encountered when reading a file", said), 26}
	}
	defer func() { p.depth-- }()
	for line := range strings.Lines(text) {
		if p.inv.Budget.Work(len(line)) != nil {
			return cli.ErrStop
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		end := strings.IndexAny(line, " \t=:")
		if end < 0 {
			end = len(line)
		}
		key, value := line[:end], strings.TrimLeft(line[end:], " \t=:")
		if strings.HasPrefix(value, `"`) {
			value = unquote(value[1:])
		} else {
			value, _, _ = strings.Cut(value, " #")
			value = strings.TrimSpace(value)
		}
		if !strings.HasPrefix(key, "-") {
			key = "--" + key
		}
		args := []string{key}
		if value != "" {
			args = append(args, value)
		}
		if err := p.args(args); err != nil {
			return err
		}
	}
	return nil
}

// unquote reads to the closing quote.
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s) && s[i] != '"'; i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			i++
			c = s[i]
			if at := strings.IndexByte("tnrv", c); at >= 0 {
				c = "\t\n\r\v"[at]
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// read reads a file of the command line whole; "-" is standard input.
func (p *parser) read(name string) (string, error) { return readAll(p.inv, name) }

func readAll(inv *shell.Invocation, name string) (string, error) {
	r, err := cli.Open(inv, name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	var b strings.Builder
	err = cli.Copy(inv.Budget.Context(), inv.Budget, holder{inv, &b}, r)
	return b.String(), err
}

// holder counts what is read into memory.
type holder struct {
	inv *shell.Invocation
	w   io.Writer
}

// Write holds p and passes it on.
func (h holder) Write(p []byte) (int, error) {
	if err := h.inv.Budget.Hold(len(p)); err != nil {
		return 0, err
	}
	return h.w.Write(p)
}

// seconds reads a number of seconds.
func seconds(text string) (time.Duration, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= 0) {
		return 0, strconv.ErrSyntax
	}
	return time.Duration(min(f, 1e9) * float64(time.Second)), nil
}

func (c *config) seconds(name string) time.Duration {
	d, _ := seconds(c.last[name])
	return d
}

func (c *config) number(name string, absent int) int {
	if n, err := strconv.Atoi(c.last[name]); err == nil {
		return n
	}
	return absent
}
