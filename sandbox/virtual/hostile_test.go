package virtual_test

import (
	"fmt"
	"maps"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// hostile scripts try to take the process's stack, memory or time. Each ends by itself or by a limit, soon after its
// deadline, and the sandbox goes on.
var hostile = map[string]string{
	"fork bomb":            ":(){ :|:& };:; wait",
	"fork bomb that waits": "f() { f | f; }; f",
	"function":             "f() { f; }; f",
	"eval":                 `x='eval "$x"'; eval "$x"`,
	"source":               `echo '. ./s' >s; . ./s`,
	"script":               `printf '#!/bin/bash\n./s\n' >s; chmod +x s 2>/dev/null; bash s`,
	"bash -c":              `export x='bash -c "$x"'; bash -c "$x"`,
	"substitution":         `f() { echo $(f); }; f`,
	"trap":                 `trap 'kill -USR1 $$' USR1; kill -USR1 $$; while :; do :; done`,
	"EXIT trap":            `trap 'while :; do :; done' EXIT; exit`,
	"doubling":             `x=x; while :; do x=$x$x; done`,
	"array":                `while :; do a+=(x x x x x x x x); done`,
	"one index":            `a[9223372036854775807]=x; a[1000000000]=y; echo ${#a[@]} ${a[@]:0:3}`,
	"brace numbers":        `echo {1..1000000000}`,
	"brace product":        `echo {1..999}{1..999}{1..999}{1..999}`,
	"printf width":         `printf '%2000000000d' 1`,
	"printf -v":            `printf -v x '%2000000000s' y`,
	"replace":              `x=$(printf '%10000s' | tr ' ' a); while :; do x=${x//a/aaaa}; done`,
	"arithmetic":           `x='x+x'; echo $((x))`,
	"loop":                 `for ((;;)); do :; done`,
	"here document":        "while :; do cat <<<x >/dev/null; done",
	"file":                 `while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done >f`,
	"sparse file":          `exec 3<>f; echo x >f; while :; do cat f f >g; cat g g >f; done`,
	"many files":           `i=0; while :; do : >f$((i++)); done`,
	"descriptors":          `while :; do exec {fd}</dev/null; done`,
	"endless input":        `read -r x </dev/zero; mapfile a </dev/zero`,
	"endless device":       `x=$(cat /dev/zero)`,
	"pipe to itself":       `exec 3<> >(cat >&3); echo x >&3; cat <&3`,
	"pathname":             `while :; do mkdir d; cd d; done 2>/dev/null`,
	"glob":                 `: >aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; echo *a*a*a*a*a*a*a*a*a*a*a*a*b`,
	"match":                `x=$(printf '%5000s' | tr ' ' a); [[ $x == *a*a*a*a*a*a*a*a*a*b ]]; [[ $x =~ (a*)*b ]]`,
	"extglob":              `shopt -s extglob; x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; [[ $x == +(+(+(a)))b ]]`,
	"alias":                "shopt -s expand_aliases\nalias a='a a'\na",
	"nameref":              `declare -n a=b b=a; a=1; echo $a`,
	"output":               `while :; do echo x; echo y >&2; done`,
	"coproc":               `while :; do coproc cat; done`,
	"select":               `select x in a b; do :; done </dev/zero`,
}

// nested are scripts that are brackets within each other: a parser that recurses without counting overflows the stack.
var nested = []struct{ open, shut string }{{"(", ")"}, {"{ ", "; }"}, {"$(", ")"}, {"((", "))"}, {"$((", "))"}, {"if ", "; then :; fi"},
	{"${x:-", "}"}, {`"$(`, `)"`}, {"`", "`"}, {"while ", "; do :; done"}, {"case x in x) ", ";; esac"}, {"[[ ( ", " ) ]]"}, {"! ", ""}, {"x=(", ")"},
	{"f() { ", "; }"}, {"a | ", ""}, {"a && ", ""}, {"<(", ")"}, {"{a,", "}"}, {"echo $((-", "))"}, {"[[ ! ", " ]]"}, {"${a[", "]}"}}

// TestHostileScripts runs each script in a sandbox of its own, the last line one statement after another, so that none is
// spared by a limit that the one before it met. The lines before prepare the attack, and may take their time.
func TestHostileScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	scripts := map[string]string{}
	for _, table := range []map[string]string{hostile, hostileCommands} {
		for name, script := range table {
			if scripts[name] != "" {
				t.Fatalf("%q is there twice", name)
			}
			scripts[name] = script
		}
	}
	for _, n := range nested {
		for _, depth := range []int{400, 100_000} {
			scripts[fmt.Sprintf("%d times %s", depth, n.open)] = "echo " + strings.Repeat(n.open, depth) + ":" + strings.Repeat(n.shut, depth)
			scripts[fmt.Sprintf("%d times %s as command", depth, n.open)] = strings.Repeat(n.open, depth) + ":" + strings.Repeat(n.shut, depth)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(scripts)) {
		t.Run(name, func(t *testing.T) {
			s := open(t, virtual.Config{Limits: limits.Limits{LiveBytes: 64 << 20}, Quota: vfs.Quota{Bytes: 64 << 20}, Databases: sqlitedb.Engine{}})
			x := s.NewSession()
			prepare, script := "", scripts[name]
			if i := strings.LastIndexByte(script, '\n'); i >= 0 {
				prepare, script = script[:i], script[i+1:]
			}
			if r, err := x.Exec(t.Context(), sandbox.Exec{Script: "echo kept >/tmp/kept\n" + prepare}); err != nil || r.Limit != "" {
				t.Fatalf("%+v, %v", r, err)
			}
			for _, statement := range statements(script) {
				heap := watchHeap()
				began := time.Now()
				r, err := execWithin(t, x, statement)
				d, grown := time.Since(began), heap()
				t.Logf("%.3f s, %d MiB, %d %s %.80q, %.80q: %.100s", d.Seconds(), grown>>20, r.ExitCode, r.Limit, r.Stdout, r.Stderr, statement)
				if d > 3*time.Second {
					t.Errorf("ended after %s: %.200s", d, statement)
				}
				if err != nil || r.ExitCode == 125 || strings.Contains(r.Stderr, "internal error") {
					t.Errorf("%.300s %d, %v: %.200s", r.Stderr, r.ExitCode, err, statement)
				}
				if grown > 512<<20 {
					t.Errorf("the heap grew by %d MiB: %.200s", grown>>20, statement)
				}
				if r, err := s.Exec(t.Context(), sandbox.Exec{Script: "echo fine; cat /tmp/kept"}); r.Stdout != "fine\nkept\n" && (name != "everything" && name != "rights" || r.Stdout != "fine\n") {
					t.Errorf("the next one: %+v, %v: %.200s", r, err, statement)
				}
			}
		})
	}
}

// execWithin runs a script that has 100 ms, and fails the test where it does not come back at all.
func execWithin(t *testing.T, x *virtual.Session, script string) (r sandbox.ExecResult, err error) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		r, err = x.Exec(t.Context(), sandbox.Exec{Script: script, Timeout: 100 * time.Millisecond})
	}()
	select {
	case <-done:
		return r, err
	case <-time.After(20 * time.Second):
		buf := make([]byte, 1<<20)
		t.Fatalf("hangs: %.200s\n%s", script, buf[:runtime.Stack(buf, true)])
		return r, err
	}
}

// statements are those of a script, as text; all of it if it is too deep for the parser or has no syntax.
func statements(script string) (list []string) {
	if len(script) > 5000 {
		return []string{script}
	}
	file, err := syntax.NewParser().Parse(strings.NewReader(script), "")
	if err != nil {
		return []string{script}
	}
	for i, stmt := range file.Stmts {
		end := uint(len(script))
		if i+1 < len(file.Stmts) {
			end = file.Stmts[i+1].Pos().Offset()
		}
		list = append(list, script[stmt.Pos().Offset():end])
	}
	return list
}

// watchHeap measures by how much the heap grows at most until the function it returns is called, in bytes. What is not
// collected yet counts.
func watchHeap() func() int64 {
	size := func() int64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	runtime.GC()
	before, peak := size(), int64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				peak = max(peak, size())
			case <-stop:
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-done
		return max(peak, size()) - before
	}
}
