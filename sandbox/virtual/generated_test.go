package virtual_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/commands"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// A generator writes scripts of all the shell's syntax over all commands. They are the same for the same seed.
type generator struct {
	r     *rand.Rand
	names []string // of commands
}

func newGenerator(seed uint64) *generator {
	g := &generator{r: rand.New(rand.NewPCG(seed, 1))}
	for name := range commands.All() {
		g.names = append(g.names, name)
	}
	slices.Sort(g.names)
	return g
}

func (g *generator) pick(list []string) string { return list[g.r.IntN(len(list))] }

// builtins are those of the shell that are not syntax.
var builtins = strings.Fields(`: . [ alias bg bind break builtin caller cd command compgen complete continue declare dirs disown echo enable
	eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly
	return select set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait f g bash sh xargs find awk sed jq`)

// nasty are words that something may take for a size, a name, a pattern or a program.
var nasty = strings.Split(`0|1|-1|9223372036854775807|-9223372036854775808|18446744073709551616|1e999|0x7fffffffffffffff|08|2#|1/0|%s|%n|%*d|%999999999d|%-.999999999f|`+
	`-|--|--help|--version|-n|-r|-f|-e|-c|-d|-i|-s|-x|-o|-a|-p|-l|-k1,1|-R|-0|-z|-u|/|.|..|../../../..|/dev/zero|/dev/null|/dev/full|/dev/urandom|/dev/stdin|/dev/fd/3|`+
	`/proc/self|/proc/self/environ|/etc/passwd|/bin|/tmp|~|~root|~+|*|**|?|[a-|[[:alpha:]]|(a+)+$|\(a*\)*\1|a{1,99999}|(?<=a)|(|)|\|\\|s/a/b/g|:a;s/a/aa/;ta|`+
	`{print $1}|BEGIN{while(1)x=x "a"}|.[]|..|range(1e9)|def f: f; f|{"a":[1,2]}|a: &a [*a]|select 1|2^2^9|@1|1 year ago|u+s|7777|f|g|d|l|t.tar|z.gz|x=1|a b|a	b|`+"\n|\xff\xfe|\u00e9\u6f22|\x01|'|\"|$x|${x[@]}|$((x++))|"+`{1..9}|{a,b}{c,d}|{1..99999}|!!|#|;|&`, "|")

func (g *generator) word(depth int) string {
	switch g.r.IntN(14) {
	case 0:
		return "$" + g.pick([]string{"x", "y", "@", "*", "#", "?", "$", "!", "-", "0", "1", "RANDOM", "SECONDS", "PWD", "HOME", "IFS", "PIPESTATUS", "BASH_REMATCH"})
	case 1:
		return "${" + g.pick([]string{"x", "y", "a[@]", "a[0]", "m[k]", "!x", "#x", "@", "1", "!a[@]", "x[y]"}) +
			g.pick([]string{"", ":-", ":=", ":+", ":?", "#", "##", "%", "%%", "/", "//", "^^", ",,", ":1", ":1:2", "@Q", "@a", "@P", "@E", ": -1", "/#", "/%"}) + g.pick([]string{"", "a", "*", "x", "${y}"}) + "}"
	case 2:
		if depth > 0 {
			return "$(" + g.list(depth-1) + ")"
		}
	case 3:
		return "$((" + g.arithmetic(3) + "))"
	case 4:
		return `"` + strings.NewReplacer(`"`, "", "`", "", "$(", "").Replace(g.word(0)) + ` $x"`
	case 5:
		if depth > 0 {
			return g.pick([]string{"<(", ">("}) + g.list(depth-1) + ")"
		}
	case 6:
		return "'" + strings.ReplaceAll(g.pick(nasty), "'", "") + "'"
	case 7:
		return "$'" + g.pick([]string{`\n`, `\x00`, `\xff`, `\u00e9`, `\777`, `\cx`, `a\tb`}) + "'"
	case 8, 9, 10:
		return g.pick([]string{"f", "g", "d", "d/f", "l", "x", "y", "a", "m", "1", "2", "10", "-n", "-r"})
	}
	return quoted(g.pick(nasty))
}

// quoted keeps a word one, unless it has something to expand.
func quoted(w string) string {
	if strings.ContainsAny(w, "$*?[{~") && !strings.ContainsAny(w, "'\" ();&|<>\n") {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

func (g *generator) arithmetic(depth int) string {
	if depth == 0 {
		return g.pick([]string{"x", "y", "1", "0", "-1", "9223372036854775807", "a[1]", "m[k]", "08", "16#ff", "RANDOM"})
	}
	a := g.arithmetic(depth - 1)
	switch g.r.IntN(5) {
	case 0:
		return g.pick([]string{"-", "!", "~", "++", "--", "+"}) + a
	case 1:
		return "(" + a + ")"
	case 2:
		return g.pick([]string{"x", "y", "a[1]"}) + g.pick([]string{"=", "+=", "*=", "<<=", "%="}) + a
	}
	return a + g.pick([]string{"+", "-", "*", "/", "%", "**", "<<", ">>", "&", "|", "^", "&&", "||", "<", "==", ",", "?1:"}) + g.arithmetic(depth-1)
}

func (g *generator) simple(depth int) string {
	var b strings.Builder
	for g.r.IntN(4) == 0 {
		b.WriteString(g.pick([]string{"x=", "y+=", "a[1]=", "m[k]=", "IFS=", "a=("}))
		if s := b.String(); strings.HasSuffix(s, "(") {
			b.WriteString(g.word(0) + " " + g.word(0) + ")")
		} else {
			b.WriteString(g.word(depth))
		}
		b.WriteByte(' ')
	}
	if g.r.IntN(3) > 0 {
		b.WriteString(g.pick(g.names))
	} else {
		b.WriteString(g.pick(builtins))
	}
	for range g.r.IntN(5) {
		b.WriteString(" " + g.word(depth))
	}
	for g.r.IntN(4) == 0 {
		b.WriteString(" " + g.pick([]string{">f", ">>g", "<f", "<<<", "2>&1", ">&2", "3<f", "<&3", "3>&-", "<>f", "&>f", ">|", "{fd}<", "<&-", "1>&0"}))
		if s := b.String(); strings.HasSuffix(s, "<") || strings.HasSuffix(s, "|") || strings.HasSuffix(s, " <<<") {
			b.WriteString(g.word(0))
		}
	}
	return b.String()
}

func (g *generator) command(depth int) string {
	if depth == 0 {
		return g.simple(0)
	}
	list := func() string { return g.list(depth - 1) }
	switch g.r.IntN(22) {
	case 0:
		return "if " + list() + "; then " + list() + "; else " + list() + "; fi"
	case 1:
		return "while " + list() + "; do " + list() + "; done"
	case 2:
		return "for x in " + g.word(depth-1) + " " + g.word(0) + "; do " + list() + "; done"
	case 3:
		return "for ((x=0; x<3; x++)); do " + list() + "; done"
	case 4:
		return "case " + g.word(depth-1) + " in " + g.pick([]string{"a", "*", "[a-z]*", "?(a|b)"}) + ") " + list() + g.pick([]string{";;", ";&", ";;&"}) + " *) " + list() + ";; esac"
	case 5:
		return "( " + list() + " )"
	case 6:
		return "{ " + list() + "; }"
	case 7:
		return g.pick([]string{"f", "g"}) + "() { " + list() + "; }"
	case 8:
		return "[[ " + g.word(0) + " " + g.pick([]string{"==", "!=", "=~", "<", "-nt", "-eq"}) + " " + g.word(0) + " ]]"
	case 9:
		return "((" + g.arithmetic(4) + "))"
	case 10:
		return g.pick([]string{"time ", "! ", "coproc ", "eval ", "command ", "exec ", "builtin "}) + g.simple(depth-1)
	case 11:
		return "trap " + quoted(g.simple(0)) + " " + g.pick([]string{"EXIT", "ERR", "DEBUG", "RETURN", "INT", "USR1"})
	case 12:
		return g.pick([]string{"set -e", "set -u", "set -f", "set -o pipefail", "shopt -s extglob nullglob globstar", "set -x", "declare -A m", "declare -n x=y", "declare -i y", "local x", "set -- a b c", "shopt -s expand_aliases"})
	case 13:
		return g.simple(depth-1) + " <<E\n" + g.word(depth-1) + "\nE\n"
	}
	return g.simple(depth)
}

// list is one to three pipelines.
func (g *generator) list(depth int) string {
	var b strings.Builder
	for i := range 1 + g.r.IntN(3) {
		if i > 0 {
			b.WriteString(g.pick([]string{"\n", "\n", " && ", " || ", " & "}))
		}
		b.WriteString(g.command(depth))
		for g.r.IntN(4) == 0 {
			b.WriteString(" | " + g.command(depth))
		}
	}
	return b.String()
}

// script is a whole one, with files to work on.
func (g *generator) script() string {
	return "x=5 y='a b' a=(1 2 3)\ndeclare -A m=([k]=v)\n" + g.list(3)
}

// lay makes what the scripts work on.
const lay = `printf 'a b\nc 1\n\nb 2\n' >f; printf '\0\xff\x80binary\n' >g; mkdir d; seq 50 >d/f; ln -s d/f l; tar cf t.tar f g; gzip -c f >z.gz`

// runGenerated runs one script and then looks whether its sandbox still works.
func runGenerated(t *testing.T, script string) {
	t.Helper()
	const timeout, grace = 50 * time.Millisecond, 5 * time.Second
	box, err := virtual.New(virtual.Config{Limits: limits.Limits{LiveBytes: 16 << 20, Output: 100_000}, Quota: vfs.Quota{Bytes: 16 << 20, Files: 2000}, Databases: sqlitedb.Engine{}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := box.Exec(t.Context(), sandbox.Exec{Script: lay}); err != nil || r.ExitCode != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer box.Close()
		began := time.Now()
		r, err := box.Exec(context.Background(), sandbox.Exec{Script: script, Timeout: timeout})
		if d := time.Since(began); d > timeout+grace {
			t.Errorf("ended after %s:\n%s", d, script)
		}
		if err != nil || strings.Contains(r.Stderr, "internal error") {
			t.Errorf("%v, status %d, %.300s:\n%s", err, r.ExitCode, r.Stderr, script)
		}
		if strings.Contains(r.Stdout+r.Stderr, hostMark) {
			t.Errorf("the host is seen: %s%s\n%s", r.Stdout, r.Stderr, script)
		}
		if r, err := box.Exec(context.Background(), sandbox.Exec{Script: "echo fine"}); err != nil || r.Stdout != "fine\n" {
			t.Errorf("the next one: %+v, %v:\n%s", r, err, script)
		}
	}()
	select {
	case <-done:
	case <-time.After(timeout + 30*time.Second):
		buf := make([]byte, 1<<20)
		t.Fatalf("hangs:\n%s\n%s", script, buf[:runtime.Stack(buf, true)])
	}
}

// hostMark is in the environment of the process that runs these tests.
const hostMark = "mark-of-the-host-3c1d"

// TestGenerated: whatever a script does, the process lives, the deadline holds, nothing of the host is seen, no goroutine
// stays, and the sandbox can be used again.
func TestGenerated(t *testing.T) {
	t.Setenv("FLUE_MARK", hostMark)
	seeds := uint64(2000)
	if testing.Short() {
		seeds = 200
	}
	before := runtime.NumGoroutine()
	for seed := range seeds {
		runGenerated(t, newGenerator(seed).script())
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	noneLeft(t, before)
}

// noneLeft waits until there are no more goroutines than before.
func noneLeft(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
		}
	}
}

// FuzzGenerated goes on where TestGenerated ends: a seed, and text that takes the place of a word.
func FuzzGenerated(f *testing.F) {
	f.Setenv("FLUE_MARK", hostMark)
	for seed := range uint64(20) {
		f.Add(seed, fmt.Sprint("$(echo ", seed, ")"))
	}
	f.Fuzz(func(t *testing.T, seed uint64, word string) {
		g := newGenerator(seed)
		script := g.script()
		if at := strings.LastIndexByte(script, ' '); at > 0 && len(word) < 1000 {
			script = script[:at+1] + word + script[at:]
		}
		runGenerated(t, script)
	})
}
