package commands

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const timeUsage = `[OPTION]... COMMAND [ARG]...
Run COMMAND and print how long it took.

  -f, --format=FORMAT  %e %E seconds and clock, %U %S of the processor, %C the command, %x its status; -p, --portability
  -o, --output=FILE    instead of standard error   -a, --append   -q, --quiet   without a word about the status
`

// The formats of what time prints. Memory, faults and the like are not measured: they are 0.
const (
	timeFormat = "%Uuser %Ssystem %E elapsed %P%%CPU (%Xavgtext+%Davgdata %Mmaxresident)k\\n%Iinputs+%Ooutputs (%Fmajor+%Rminor)pagefaults %Wswaps"
	timePOSIX  = "real %e\\nuser %U\\nsys %S"
)

// timer is the program time; the shell's own word of that name is another.
func timer(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "af:o:pqvV", Long: "append=a format:=f output:=o portability=p quiet=q verbose=v", Posix: true, Fail: 125, Usage: timeUsage}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	format, output, flag, quiet := timeFormat, "", vfs.Write|vfs.Create|vfs.Truncate, false
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			flag = vfs.Write | vfs.Create | vfs.Append
		case "f":
			format = o.Value
		case "o":
			output = o.Value
		case "p":
			format = timePOSIX
		case "q":
			quiet = true
		}
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	var w io.Writer = inv.Stderr
	if output != "" {
		f, err := inv.OpenFile(inv.Path(output), flag, 0o666&^inv.Umask)
		if err != nil {
			inv.Errorf("%s: %v", output, err)
			return 1
		}
		defer f.Close()
		w = f
	}
	if status, err := cannotStart(inv, p.Operands[0]); err != nil {
		inv.Errorf("cannot run %s: %v", p.Operands[0], err)
		return status
	}
	began := time.Now()
	status = inv.Exec(ctx, shell.Nested{Args: p.Operands})
	if status != 0 && !quiet && format != timePOSIX {
		fmt.Fprintf(w, "Command exited with non-zero status %d\n", status)
	}
	io.WriteString(w, formatTime(format, time.Since(began), p.Operands, status)+"\n")
	return status
}

// formatTime expands a format.
func formatTime(format string, took time.Duration, args []string, status int) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if i+1 == len(format) || format[i] != '%' && format[i] != '\\' {
			b.WriteByte(format[i])
			continue
		}
		i++
		if format[i-1] == '\\' {
			b.WriteString(map[byte]string{'n': "\n", 't': "\t", '\\': `\`}[format[i]])
			continue
		}
		switch format[i] {
		case '%':
			b.WriteByte('%')
		case 'C':
			b.WriteString(strings.Join(args, " "))
		case 'x':
			b.WriteString(strconv.Itoa(status))
		case 'e':
			b.WriteString(strconv.FormatFloat(took.Seconds(), 'f', 2, 64))
		case 'E':
			fmt.Fprintf(&b, "%d:%05.2f", int(took.Minutes()), took.Seconds()-60*float64(int(took.Minutes())))
		case 'U', 'S':
			b.WriteString("0.00")
		case 'Z':
			b.WriteString("4096")
		case 'D', 'F', 'I', 'K', 'M', 'O', 'P', 'R', 'W', 'X', 'c', 'k', 'p', 'r', 's', 't', 'w':
			b.WriteByte('0')
		default:
			b.WriteString("?" + format[i:i+1])
		}
	}
	return b.String()
}
