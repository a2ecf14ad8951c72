package grep

import (
	"bufio"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// output writes lines with their prefixes and, when color is set, with the colours of GREP_COLORS.
type output struct {
	*bufio.Writer
	color     bool
	null      bool    // a NUL follows file names
	tab       bool    // -T
	width     int     // of numbers before a line
	group     *string // what stands between groups of context lines; nil for nothing
	sgr       map[string]string
	old       string // the deprecated GREP_COLOR
	reverse   bool   // rv: with -v, selected lines are in the colour of context
	noErase   bool   // ne
	printed   bool   // a group was printed before
	lastFile  int
	fileCount int
}

func newOutput(inv *shell.Invocation) *output {
	dashes := "--"
	o := &output{Writer: inv.Buffered(inv.Stdout), group: &dashes, sgr: map[string]string{
		"ms": "01;31", "mc": "01;31", "fn": "35", "ln": "32", "bn": "32", "se": "36"}}
	if v, ok := inv.Env.Get("GREP_COLOR"); ok && v != "" {
		o.sgr["ms"], o.sgr["mc"], o.old = v, v, v
	}
	colors, _ := inv.Env.Get("GREP_COLORS")
	for _, item := range strings.Split(colors, ":") {
		name, value, set := strings.Cut(item, "=")
		if strings.Trim(value, "0123456789;") != "" {
			break
		}
		switch {
		case name == "rv":
			o.reverse = true
		case name == "ne":
			o.noErase = true
		case name == "mt" && set:
			o.sgr["ms"], o.sgr["mc"] = value, value
		case set:
			o.sgr[name] = value
		}
	}
	return o
}

func (o *output) start(sgr string) {
	o.WriteString("\x1b[" + sgr + "m")
	if !o.noErase {
		o.WriteString("\x1b[K")
	}
}

func (o *output) end() { o.start("") }

// colored writes text in the colour of a GREP_COLORS name.
func (o *output) colored(name, text string) {
	sgr := o.sgr[name]
	if !o.color || sgr == "" {
		o.WriteString(text)
		return
	}
	o.start(sgr)
	o.WriteString(text)
	o.end()
}

func (o *output) separator(sep byte) { o.colored("se", string(sep)) }

func (o *output) number(name string, n int64) {
	var buf [24]byte
	digits := strconv.AppendInt(buf[:0], n, 10)
	if pad := o.width - len(digits); pad > 0 && name != "" {
		digits = append([]byte(strings.Repeat(" ", pad)), digits...)
	}
	if o.color {
		o.colored(name, string(digits))
		return
	}
	o.Write(digits)
}
