package diff

import (
	"bytes"
	"context"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const diff3Usage = `[OPTION]... MYFILE OLDFILE YOURFILE
Compare three files line by line.

  -m, --merge  output the merged file, with conflicts bracketed as by -A
  -A, --show-all  -E, --show-overlap  -X  -e, --ed  -3, --easy-only  -x, --overlap-only
  -a, --text  -i  -L, --label=LABEL  -T, --initial-tab  --strip-trailing-cr
`

// diffutilsHint is what diff, diff3 and cmp say after a usage error.
const diffutilsHint = "NAME: Try 'NAME --help' for more information."

// block is a stretch of the three files in which they differ: lines[from:to] of each.
type block struct {
	from, to [3]int
	odd      int // the file that differs from the other two, 3: all do
}

// comparison is one call of diff3. The files are MYFILE, OLDFILE and YOURFILE.
type comparison struct {
	differ
	files  [3]*file
	labels [3]string
	indent string

	showSecond bool // -A: a change that both made is shown
	bracket    bool // conflicts
	easy       bool // -3: leave out what all three differ in
	overlap    bool // -x: leave out the others
	quitEd     bool // -i
}

// RunDiff3 is diff3.
func RunDiff3(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: diff3Usage, Fail: 2, Hint: diffutilsHint, Short: "aeimvx3AEL:TX",
		Long: "show-all=A ed=e show-overlap=E easy-only=3 overlap-only=x merge=m text=a strip-trailing-cr initial-tab=T label:=L diff-program:"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	c := &comparison{differ: differ{ctx: ctx, inv: inv, out: inv.Buffered(inv.Stdout)}, indent: "  "}
	merge, script := false, ""
	var labels []string
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			c.asText = true
		case "m":
			merge = true
		case "i":
			c.quitEd = true
		case "T":
			c.indent = "\t"
		case "L":
			labels = append(labels, o.Value)
		case "strip-trailing-cr":
			c.stripCR = true
		case "A", "E", "X", "e", "x", "3":
			if script != "" && script != o.Key {
				return spec.Misuse(inv, "incompatible options")
			}
			script = o.Key
		}
	}
	switch {
	case len(p.Operands) < 3:
		return spec.Misuse(inv, "missing operand after %s", cli.QuoteText(append([]string{"diff3"}, p.Operands...)[len(p.Operands)]))
	case len(p.Operands) > 3:
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[3]))
	case len(labels) > 3:
		return spec.Misuse(inv, "too many file label options")
	case !merge && strings.Contains("AEX", script) && script != "":
		inv.Errorf("-%s is available here with -m only", script)
		return 2
	}
	if merge && script == "" {
		script = "A"
	}
	c.showSecond = script == "A"
	c.bracket = script == "A" || script == "E"
	c.easy, c.overlap = script == "3", script == "x" || script == "X"
	defer func() { inv.Budget.Release(c.held) }()
	for i, name := range p.Operands {
		c.files[i], c.labels[i] = &file{name: name}, name
		if i < len(labels) {
			c.labels[i] = labels[i]
		}
		if err := c.read(c.files[i]); err != nil {
			if err != cli.ErrStop {
				inv.Errorf("%s: %v", name, err)
			}
			return 2
		}
		if !c.asText && isBinary(c.files[i].data) {
			inv.Errorf("diff error: %s is binary; use -a", name)
			return 2
		}
		c.split(c.files[i])
	}
	common := 2
	if script != "" {
		common = 1
	}
	blocks, err := c.blocks(common)
	if err != nil {
		return 2
	}
	switch {
	case merge:
		status = c.merge(blocks)
	case script != "":
		c.script(blocks)
	default:
		for _, b := range blocks {
			c.show(b)
		}
	}
	if c.out.Flush() != nil || inv.Budget.Err() != nil {
		return 2
	}
	return status
}

// blocks compares two of the files with the third, which is common, and joins the changes that touch there.
func (c *comparison) blocks(common int) ([]block, error) {
	others := [2]int{0, 3 - common}
	var changes [2][]change // from the other file to the common one
	for i, other := range others {
		var err error
		if changes[i], err = c.changes(c.files[other], c.files[common]); err != nil {
			return nil, err
		}
	}
	var blocks []block
	var shift [2]int // from a line of the common file to that of the other one
	for len(changes[0]) > 0 || len(changes[1]) > 0 {
		first := 0
		if len(changes[0]) == 0 || len(changes[1]) > 0 && changes[1][0].fromB < changes[0][0].fromB {
			first = 1
		}
		from := changes[first][0].fromB
		to := from
		before := shift
		var took [2]bool
		for again := true; again; {
			again = false
			for i := range changes {
				for len(changes[i]) > 0 && (changes[i][0].fromB <= to || i == first && !took[i]) {
					ch := changes[i][0]
					changes[i] = changes[i][1:]
					to, shift[i] = max(to, ch.toB), ch.toA-ch.toB
					took[i], again = true, true
				}
			}
		}
		var b block
		b.from[common], b.to[common] = from, to
		for i, other := range others {
			b.from[other], b.to[other] = from+before[i], to+shift[i]
		}
		switch {
		case !took[1]:
			b.odd = others[0]
		case !took[0]:
			b.odd = others[1]
		case c.equal(b, others[0], others[1]):
			b.odd = common
		default:
			b.odd = 3
		}
		blocks = append(blocks, b)
		if err := c.inv.Budget.Work(to - from + 1); err != nil {
			return nil, err
		}
	}
	return blocks, nil
}

func (c *comparison) equal(b block, i, j int) bool {
	x, y := c.files[i].lines[b.from[i]:b.to[i]], c.files[j].lines[b.from[j]:b.to[j]]
	if len(x) != len(y) {
		return false
	}
	whole := func(f *file, n int) bool { return f.ended || n < len(f.lines)-1 }
	for n := range x {
		if !bytes.Equal(x[n].text, y[n].text) || whole(c.files[i], b.from[i]+n) != whole(c.files[j], b.from[j]+n) {
			return false
		}
	}
	return true
}
