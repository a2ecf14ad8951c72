package commands

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var wcSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Print newline, word, and byte counts for each FILE, and a total line if more than one FILE is specified.

  -c, --bytes            print the byte counts
  -m, --chars            print the character counts
  -l, --lines            print the newline counts
  -L, --max-line-length  print the maximum display width
  -w, --words            print the word counts
      --files0-from=F    read input from the files specified by NUL-terminated names in file F
      --total=WHEN       when to print a line with total counts: auto, always, only, never
`,
	Short: "cmlLw",
	Long:  "bytes=c chars=m lines=l words=w max-line-length=L files0-from: total:",
}

// counts are what wc counts, in the order it prints them.
type counts struct{ lines, words, chars, bytes, longest int64 }

func wc(ctx context.Context, inv *shell.Invocation) int {
	p, status := wcSpec.Parse(inv)
	if p == nil {
		return status
	}
	var columns string
	total := "auto"
	files, from := p.Operands, ""
	for _, o := range p.Options {
		switch o.Key {
		case "files0-from":
			list, err := readAll(ctx, inv, o.Value)
			defer inv.Budget.Release(len(list))
			if err != nil {
				inv.Errorf("cannot open %s for reading: %v", cli.Quote(o.Value), err)
				return 1
			}
			if len(files) > 0 {
				return wcSpec.Misuse(inv, "extra operand %s\nfile operands cannot be combined with --files0-from", cli.QuoteText(files[0]))
			}
			if text := strings.TrimSuffix(string(list), "\x00"); text != "" {
				files = strings.Split(text, "\x00")
			}
			from = o.Value
		case "total":
			if total, status = wcSpec.Choose(inv, "total", o.Value, "auto", "always", "only", "never"); status != 0 {
				return status
			}
		default:
			columns += o.Key
		}
	}
	if columns == "" {
		columns = "lwc"
	}
	width := wcWidth(inv, files, len(columns) > 1)
	out := bufio.NewWriter(inv.Stdout)
	show := func(c counts, name string) {
		text := ""
		for _, column := range []struct {
			key string
			n   int64
		}{{"l", c.lines}, {"w", c.words}, {"m", c.chars}, {"c", c.bytes}, {"L", c.longest}} {
			if strings.Contains(columns, column.key) {
				text += fmt.Sprintf(" %*d", width, column.n)
			}
		}
		if name != "" {
			text += " " + name
		}
		out.WriteString(text[1:] + "\n")
	}
	var sum counts
	names := len(files)
	read := func(name string, r io.Reader) error {
		c, err := count(ctx, inv, r, columns, cli.UTF8(inv))
		if err == cli.ErrStop {
			return err
		}
		if names == 0 {
			name = ""
		}
		if total != "only" {
			show(c, name)
		}
		sum.lines, sum.words, sum.chars, sum.bytes = sum.lines+c.lines, sum.words+c.words, sum.chars+c.chars, sum.bytes+c.bytes
		sum.longest = max(sum.longest, c.longest)
		if err != nil {
			out.Flush()
		}
		return err
	}
	if from == "" {
		status = cli.EachInput(inv, files, read)
	}
	for i := 0; i < len(files) && from != ""; i++ {
		if files[i] == "" {
			out.Flush()
			inv.Errorf("%s:%d: invalid zero-length file name", from, i+1)
			status = 1
		} else {
			status = max(status, cli.EachInput(inv, files[i:i+1], read))
		}
	}
	switch {
	case total == "only":
		width = 1
		show(sum, "")
	case total == "always" || total == "auto" && names > 1:
		show(sum, "total")
	}
	if out.Flush() != nil {
		return 1
	}
	return status
}

// wcWidth is the width of a column: that of the total size of all files, at least 7 where it cannot be known.
func wcWidth(inv *shell.Invocation, files []string, several bool) int {
	if !several && len(files) <= 1 {
		return 1
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	size, least := int64(0), 1
	for _, name := range files {
		if name == "-" {
			f, ok := inv.Stdin.(vfs.File)
			info, err := vfs.Info{}, error(vfs.ErrBadFile)
			if ok {
				info, err = f.Stat()
			}
			if err != nil || !info.Mode.IsRegular() {
				least = 7
			} else {
				size += info.Size
			}
			continue
		}
		info, err := inv.FS.Stat(inv.Path(name))
		switch {
		case err != nil:
		case info.Mode.IsRegular():
			size += info.Size
		default:
			least = 7
		}
	}
	return max(least, len(strconv.FormatInt(size, 10)))
}

func count(ctx context.Context, inv *shell.Invocation, r io.Reader, columns string, utf8Locale bool) (c counts, err error) {
	detailed := strings.ContainsAny(columns, "wmL")
	var rest []byte // a character that the block before has begun
	column, inWord := int64(0), false
	err = cli.Copy(ctx, inv.Budget, writerFunc(func(b []byte) (int, error) {
		n := len(b)
		c.bytes += int64(n)
		if !detailed {
			c.lines += int64(bytes.Count(b, []byte{'\n'}))
			return n, nil
		}
		if len(rest) > 0 {
			b = append(rest, b...)
			rest = nil
		}
		for i := 0; i < len(b); {
			ch, size := rune(b[i]), 1
			printable := ch > ' ' && ch < 0x7f
			if ch >= utf8.RuneSelf && utf8Locale {
				if !utf8.FullRune(b[i:]) && len(b)-i < utf8.UTFMax {
					rest = bytes.Clone(b[i:])
					break
				}
				if ch, size = utf8.DecodeRune(b[i:]); ch == utf8.RuneError && size == 1 {
					i++
					continue
				}
				printable = unicode.IsPrint(ch)
			}
			i += size
			c.chars++
			switch {
			case ch == '\n' || ch == '\r' || ch == '\f':
				if ch == '\n' {
					c.lines++
				}
				c.longest = max(c.longest, column)
				column, inWord = 0, false
			case ch == '\t':
				column, inWord = column+8-column%8, false
			case ch == ' ':
				column, inWord = column+1, false
			case ch == '\v' || ch > 0x7f && unicode.IsSpace(ch):
				inWord = false
			case printable:
				column += int64(cli.Width(ch))
				if !inWord {
					c.words++
				}
				inWord = true
			}
		}
		return n, nil
	}), r)
	c.longest = max(c.longest, column)
	return c, err
}

// readAll reads an operand whole and holds it; the caller releases it.
func readAll(ctx context.Context, inv *shell.Invocation, name string) ([]byte, error) {
	r, err := cli.Open(inv, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := cli.ReadAll(ctx, inv.Budget, r)
	if e := inv.Budget.Hold(len(data)); err == nil {
		err = e
	}
	return data, err
}
