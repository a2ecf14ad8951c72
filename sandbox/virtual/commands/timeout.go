package commands

import (
	"context"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const timeoutUsage = `[OPTION] DURATION COMMAND [ARG]...
Run COMMAND and end it if it still runs after DURATION. The status is then 124.

  -k, --kill-after=DURATION  -s, --signal=SIGNAL  -p, --preserve-status  -f, --foreground  -v, --verbose
`

func timeout(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: timeoutUsage, Short: "fk:ps:v", Posix: true, Fail: 125,
		Long: "foreground=f kill-after:=k preserve-status=p signal:=s verbose=v"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	preserve, verbose, signal := false, false, 15
	for _, o := range p.Options {
		switch o.Key {
		case "k":
			if _, ok := parseDuration(o.Value); !ok {
				return spec.Misuse(inv, "invalid time interval %s", cli.QuoteText(o.Value))
			}
		case "p":
			preserve = true
		case "v":
			verbose = true
		case "s":
			n, ok := signalNumber(o.Value)
			if !ok {
				return spec.Misuse(inv, "%s: invalid signal", cli.QuoteText(o.Value))
			}
			signal = n
		}
	}
	if len(p.Operands) < 2 {
		inv.Stderr.Write([]byte("Try 'timeout --help' for more information.\n"))
		return 125
	}
	limit, ok := parseDuration(p.Operands[0])
	if !ok {
		return spec.Misuse(inv, "invalid time interval %s", cli.QuoteText(p.Operands[0]))
	}
	args := p.Operands[1:]
	if status, err := cannotStart(inv, args[0]); err != nil {
		inv.Errorf("failed to run command %s: %v", cli.QuoteText(args[0]), err)
		return status
	}
	if limit == 0 {
		return inv.Exec(ctx, shell.Nested{Args: args})
	}
	inner, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	status = inv.Exec(inner, shell.Nested{Args: args})
	if inner.Err() != context.DeadlineExceeded || ctx.Err() != nil {
		return status
	}
	if verbose {
		inv.Errorf("sending signal %s to command %s", signalName(signal), cli.QuoteText(args[0]))
	}
	switch {
	case preserve:
		return 128 + signal
	case signal == 9:
		return 137
	}
	return 124
}

// signals are the names that timeout takes, by their numbers.
const signals = "EXIT HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM"

func signalNumber(text string) (int, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, n >= 0 && n <= 64
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	for i, s := range strings.Fields(signals) {
		if s == name {
			return i, true
		}
	}
	return 0, false
}

func signalName(n int) string {
	if names := strings.Fields(signals); n < len(names) {
		return names[n]
	}
	return strconv.Itoa(n)
}

// nested makes a command that runs its operands as a command: nice and nohup, which have nothing to change here.
func nested(spec *cli.Spec, noOperand int) shell.Command {
	return func(ctx context.Context, inv *shell.Invocation) int {
		p, status := spec.Parse(inv)
		if p == nil {
			return status
		}
		for _, o := range p.Options {
			if _, err := strconv.Atoi(o.Value); o.Key == "n" && err != nil {
				inv.Errorf("invalid adjustment %s", cli.QuoteText(o.Value))
				return 125
			}
		}
		args := p.Operands
		if len(args) == 0 {
			if noOperand == 0 && len(p.Options) == 0 {
				inv.Stdout.Write([]byte("0\n"))
				return 0
			}
			if noOperand == 0 {
				return spec.Misuse(inv, "a command must be given with an adjustment")
			}
			return spec.Misuse(inv, "missing operand")
		}
		if status, err := cannotStart(inv, args[0]); err != nil {
			verb := cli.QuoteText(args[0])
			if noOperand != 0 {
				verb = "failed to run command " + verb
			}
			inv.Errorf("%s: %v", verb, err)
			return status
		}
		return inv.Exec(ctx, shell.Nested{Args: args})
	}
}
