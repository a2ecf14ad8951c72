package commands

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

// plain are the commands that take whatever they are given as operands: they have no options, or only --help; and git and
// busybox, whose words are their own.
var plain = map[string]bool{"[": true, "echo": true, "false": true, "true": true, "test": true, "printf": true, "kill": true, "pwd": true, "expr": true, "git": true, "busybox": true}

// ownWords are the commands that are not GNU's, and what they say of an option that they do not know.
var ownWords = map[string]string{"find": "unknown predicate `", "jq": "Unknown option: ", "curl": "option ", "sqlite3": "Error: unknown option: "}

// TestEveryCommand holds each command to what all have in common: --help, --version, and the words for a wrong option.
func TestEveryCommand(t *testing.T) {
	all := All()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if plain[name] {
			continue
		}
		as := name
		if name == "egrep" || name == "fgrep" {
			as = "grep" // scripts that call it
		}
		r := clitest.Run(t, all[name], clitest.Case{Args: []string{name, "--help"}})
		if r.Status != 0 || r.Err != "" || !strings.HasPrefix(strings.Join(strings.Fields(r.Out), " "), "Usage: "+as) {
			t.Errorf("%s --help: status %d, %q, stderr %q", name, r.Status, r.Out, r.Err)
		}
		r = clitest.Run(t, all[name], clitest.Case{Args: []string{name, "--version"}})
		if r.Status != 0 || r.Err != "" || !strings.HasPrefix(r.Out, as) {
			t.Errorf("%s --version: status %d, %q, stderr %q", name, r.Status, r.Out, r.Err)
		}
		for _, option := range []string{"--no-such-option", "-\a"} {
			r = clitest.Run(t, all[name], clitest.Case{Args: []string{name, option}})
			first, rest, _ := strings.Cut(r.Err, "\n")
			words := map[string]string{"--no-such-option": "unrecognized option '--no-such-option'", "-\a": "invalid option -- '\a'"}[option]
			hinted := strings.Contains(rest, as+" --help")
			if own := ownWords[name]; own != "" {
				words, hinted = own+option, true
			}
			if r.Status == 0 || r.Out != "" || !strings.HasPrefix(first, as+": "+words) || !hinted {
				t.Errorf("%s %q: status %d, %q, stderr %q", name, option, r.Status, r.Out, r.Err)
			}
		}
	}
}
