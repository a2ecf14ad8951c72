package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var ptxSpec = cli.Spec{
	Usage: `[OPTION]... [INPUT]...   (without -G)
  or:  ptx -G [OPTION]... [INPUT [OUTPUT]]
Output a permuted index, including context, of the words in the input files.

With no FILE, or when FILE is -, read standard input.

  -A, --auto-reference           output automatically generated references
  -G, --traditional              behave more like System V 'ptx'
  -F, --flag-truncation=STRING   use STRING for flagging line truncations; the default is '/'
  -M, --macro-name=STRING        macro name to use instead of 'xx'
  -O, --format=roff              generate output as roff directives
  -R, --right-side-refs          put references at right, not counted in -w
  -S, --sentence-regexp=REGEXP   for end of lines or end of sentences
  -T, --format=tex               generate output as TeX directives
  -W, --word-regexp=REGEXP       use REGEXP to match each keyword
  -b, --break-file=FILE          word break characters in this FILE
  -f, --ignore-case              fold lower case to upper case for sorting
  -g, --gap-size=NUMBER          gap size in columns between output fields
  -i, --ignore-file=FILE         read ignore word list from FILE
  -o, --only-file=FILE           read only word list from this FILE
  -r, --references               first field of each line is a reference
  -t, --typeset-mode             accepted, and does nothing
  -w, --width=NUMBER             output width in columns, reference excluded
`,
	Short: "AGF:M:ORS:TW:b:fg:i:o:rtw:",
	Long: "auto-reference=A traditional=G flag-truncation:=F macro-name:=M format: right-side-refs=R sentence-regexp:=S word-regexp:=W " +
		"break-file:=b ignore-case=f gap-size:=g ignore-file:=i only-file:=o references=r typeset-mode=t width:=w",
}

// ptxFormat is how an entry of the index is written.
type ptxFormat int

const (
	ptxPlain ptxFormat = iota + 1
	ptxRoff
	ptxTeX
)

// ptxOptions is what the command line asks for.
type ptxOptions struct {
	format      ptxFormat
	traditional bool // System V's
	auto        bool // references are FILE:LINE
	inText      bool // references are the first field of each line
	right       bool // references stand to the right
	fold        bool
	gap, width  int
	truncation  string // marks what was cut off
	macro       string

	sentence, word                  string // expressions
	sentenceGiven                   bool   // an empty one makes each file one sentence
	breakFile, ignoreFile, onlyFile string
}

func ptx(ctx context.Context, inv *shell.Invocation) int {
	p, status := ptxSpec.Parse(inv)
	if p == nil {
		return status
	}
	o, status := ptxRead(inv, p.Options)
	if o == nil {
		return status
	}
	inputs, output := p.Operands, inv.Stdout
	if o.traditional && len(inputs) > 1 {
		f, err := inv.Create(inputs[1])
		if err != nil {
			inv.Errorf("%s: %v", inputs[1], err)
			return 1
		}
		defer f.Close()
		if len(inputs) > 2 {
			return ptxSpec.Misuse(inv, "extra operand %s", cli.QuoteText(inputs[2]))
		}
		output, inputs = f, inputs[:1]
	}
	if len(inputs) == 0 {
		inputs = []string{""}
	}
	ix := &ptxIndex{ptxOptions: o}
	defer func() { inv.Budget.Release(ix.held) }()
	err := ix.prepare(ctx, inv)
	for i := 0; i < len(inputs) && err == nil; i++ {
		err = ix.add(ctx, inv, inputs[i])
	}
	if err != nil {
		if !errors.Is(err, cli.ErrStop) {
			inv.Errorf("%v", err)
		}
		return 1
	}
	slices.SortStableFunc(ix.entries, ix.compare)
	out := inv.Buffered(output)
	page := newPtxPage(ix)
	for _, e := range ix.entries {
		page.write(out, page.layout(e))
		if _, err := out.Write(nil); err != nil || inv.Budget.Work(page.width) != nil || ctx.Err() != nil {
			return 1
		}
	}
	if out.Flush() != nil {
		return 1
	}
	return 0
}

// ptxRead reads the options; nil and the status where they are wrong.
func ptxRead(inv *shell.Invocation, options []cli.Option) (*ptxOptions, int) {
	o := &ptxOptions{gap: 3, width: 72, truncation: "/", macro: "xx"}
	texts := map[string]*string{"F": &o.truncation, "M": &o.macro, "S": &o.sentence, "W": &o.word, "b": &o.breakFile, "i": &o.ignoreFile, "o": &o.onlyFile}
	for _, opt := range options {
		switch opt.Key {
		case "A":
			o.auto = true
		case "G":
			o.traditional = true
		case "O":
			o.format = ptxRoff
		case "T":
			o.format = ptxTeX
		case "format":
			format, status := ptxSpec.Choose(inv, "format", opt.Value, "roff", "tex")
			if status != 0 {
				return nil, status
			}
			o.format = map[string]ptxFormat{"roff": ptxRoff, "tex": ptxTeX}[format]
		case "R":
			o.right = true
		case "f":
			o.fold = true
		case "r":
			o.inText = true
		case "g", "w":
			n, err := strconv.ParseInt(opt.Value, 0, 32)
			if err != nil || n <= 0 {
				inv.Errorf("invalid %s: %s", map[string]string{"g": "gap width", "w": "line width"}[opt.Key], cli.QuoteText(opt.Value))
				return nil, 1
			}
			if opt.Key == "g" {
				o.gap = int(n)
			} else {
				o.width = int(n)
			}
		case "F", "S", "W":
			*texts[opt.Key] = ptxUnescape(opt.Value)
			o.sentenceGiven = o.sentenceGiven || opt.Key == "S"
		case "M", "b", "i", "o":
			*texts[opt.Key] = opt.Value
		}
	}
	if o.format == 0 {
		o.format = ptxPlain
		if o.traditional {
			o.format = ptxRoff
		}
	}
	return o, 0
}

// ptxUnescape replaces the escapes of C; others stay as they are, as those of regular expressions.
func ptxUnescape(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		base, limit := 8, 3
		switch s[i] {
		case 'c':
			return string(out)
		case 'x':
			base = 16
			fallthrough
		case '0':
			n, digits := 0, 0
			for ; digits < limit && i+1 < len(s); digits++ {
				d, err := strconv.ParseUint(s[i+1:i+2], base, 8)
				if err != nil {
					break
				}
				n = n*base + int(d)
				i++
			}
			if base == 16 && digits == 0 {
				out = append(out, '\\', 'x')
			} else {
				out = append(out, byte(n))
			}
		default:
			if c, ok := cli.Unescape(s[i]); ok {
				out = append(out, c)
			} else {
				out = append(out, '\\', s[i])
			}
		}
	}
	return string(out)
}

// ptxRegexp compiles an expression of -S or -W; nil for none.
func ptxRegexp(inv *shell.Invocation, pattern string, fold bool) (*regex.Regexp, error) {
	if pattern == "" {
		return nil, nil
	}
	flags := regex.Multiline
	if !cli.UTF8(inv) {
		flags |= regex.Bytes
	}
	if fold {
		flags |= regex.IgnoreCase
	}
	re, err := regex.Compile(regex.FromEmacs(pattern), regex.BRE, flags)
	if err != nil {
		err = fmt.Errorf("%w (for regexp %s)", err, cli.QuoteText(pattern))
	}
	return re, err
}
