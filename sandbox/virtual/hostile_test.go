package virtual_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/limits"
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

func TestHostileScripts(t *testing.T) {
	scripts := map[string]string{}
	for name, script := range hostile {
		scripts[name] = script
	}
	for _, n := range nested {
		for _, depth := range []int{400, 100_000} {
			scripts[fmt.Sprintf("%d times %s", depth, n.open)] = "echo " + strings.Repeat(n.open, depth) + ":" + strings.Repeat(n.shut, depth)
			scripts[fmt.Sprintf("%d times %s as command", depth, n.open)] = strings.Repeat(n.open, depth) + ":" + strings.Repeat(n.shut, depth)
		}
	}
	var peak uint64
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			s := open(t, virtual.Config{Limits: limits.Limits{LiveBytes: 64 << 20}})
			began := time.Now()
			r, err := s.Exec(t.Context(), sandbox.Exec{Script: script, Timeout: 200 * time.Millisecond})
			if d := time.Since(began); d > 3*time.Second {
				t.Errorf("ended after %s", d)
			}
			if err != nil || r.ExitCode == 125 || strings.Contains(r.Stderr, "internal error") {
				t.Errorf("%.300s %d, %v", r.Stderr, r.ExitCode, err)
			}
			if r, err := s.Exec(t.Context(), sandbox.Exec{Script: "echo fine"}); r.Stdout != "fine\n" {
				t.Errorf("the next one: %+v, %v", r, err)
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapSys)
		})
	}
	if peak > 2<<30 {
		t.Errorf("the heap grew to %d MiB", peak>>20)
	}
}
