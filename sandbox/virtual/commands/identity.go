package commands

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// hostName is the sandbox's, whatever the host's.
const hostName = "flue"

// constant makes a command that prints a line and takes no operands.
func constant(usage, line string) shell.Command {
	return func(_ context.Context, inv *shell.Invocation) int {
		spec := cli.Spec{Usage: usage}
		p, status := spec.Parse(inv)
		if p == nil {
			return status
		}
		if len(p.Operands) > 0 {
			return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[0]))
		}
		if _, err := io.WriteString(inv.Stdout, line+"\n"); err != nil {
			return 1
		}
		return 0
	}
}

func id(_ context.Context, inv *shell.Invocation) int {
	spec := cli.Spec{Short: "agGnruzZ", Long: "group=g groups=G name=n real=r user=u zero=z context=Z",
		Usage: "[OPTION]... [USER]...\nPrint user and group.\n\n  -u  -g  -G   only the user, the group, all groups\n  -n  -r       a name instead of a number, the real ID\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	what, name := "", false
	for _, o := range p.Options {
		switch o.Key {
		case "u", "g", "G":
			if what != "" && what != o.Key {
				inv.Errorf("cannot print \"only\" of more than one choice")
				return 1
			}
			what = o.Key
		case "n":
			name = true
		}
	}
	if what == "" && name {
		inv.Errorf("cannot print only names or real IDs in default format")
		return 1
	}
	users := p.Operands
	if len(users) == 0 {
		users = []string{cli.AgentName}
	}
	for _, user := range users {
		n, ok := cli.UserID(user)
		if !ok || n != 0 && n != cli.AgentID {
			inv.Errorf("%s: no such user", cli.QuoteText(user))
			status = 1
			continue
		}
		switch {
		case what == "":
			fmt.Fprintf(inv.Stdout, "uid=%d(%s) gid=%d(%s) groups=%d(%s)\n", n, cli.UserName(n), n, cli.UserName(n), n, cli.UserName(n))
		case name:
			fmt.Fprintln(inv.Stdout, cli.UserName(n))
		default:
			fmt.Fprintln(inv.Stdout, n)
		}
	}
	return status
}

func groups(_ context.Context, inv *shell.Invocation) int {
	spec := cli.Spec{Usage: "[OPTION]... [USERNAME]...\nPrint group memberships.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) == 0 {
		fmt.Fprintln(inv.Stdout, cli.AgentName)
	}
	for _, user := range p.Operands {
		if _, ok := cli.UserID(user); !ok {
			inv.Errorf("%s: no such user", cli.QuoteText(user))
			status = 1
			continue
		}
		fmt.Fprintf(inv.Stdout, "%s : %s\n", user, user)
	}
	return status
}

func hostname(_ context.Context, inv *shell.Invocation) int {
	spec := cli.Spec{Short: "sfidIA", Long: "short=s fqdn=f long=f ip-address=i domain=d all-ip-addresses=I all-fqdns=A",
		Usage: "[OPTION]\nPrint the host name.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) > 0 {
		inv.Errorf("you must be root to change the host name")
		return 1
	}
	line := hostName
	for _, o := range p.Options {
		switch o.Key {
		case "i", "I":
			line = "127.0.0.1"
		case "d":
			line = ""
		}
	}
	fmt.Fprintln(inv.Stdout, line)
	return 0
}

func uname(_ context.Context, inv *shell.Invocation) int {
	spec := cli.Spec{Short: "asnrvmpio", Long: "all=a kernel-name=s sysname=s nodename=n release=r kernel-release=r kernel-version=v machine=m processor=p hardware-platform=i operating-system=o",
		Usage: "[OPTION]...\nPrint system information: -s, the default, kernel; -n host; -r release; -v version; -m machine; -o system; -a all.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) > 0 {
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[0]))
	}
	asked := map[string]bool{}
	for _, o := range p.Options {
		asked[o.Key] = true
	}
	if len(asked) == 0 {
		asked["s"] = true
	}
	var words []string
	for _, part := range []struct{ key, value string }{
		{"s", "Linux"}, {"n", hostName}, {"r", "6.1.0-flue"}, {"v", "#1 SMP flue"}, {"m", "x86_64"},
		{"p", "unknown"}, {"i", "unknown"}, {"o", "GNU/Linux"},
	} {
		if asked[part.key] || asked["a"] && part.value != "unknown" {
			words = append(words, part.value)
		}
	}
	fmt.Fprintln(inv.Stdout, strings.Join(words, " "))
	return 0
}
