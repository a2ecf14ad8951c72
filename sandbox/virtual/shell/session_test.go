package shell

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// TestSession: what a line leaves behind the next one finds, a mistake ends a line and no more, and exit ends the session.
func TestSession(t *testing.T) {
	f := vfs.New(vfs.Quota{}, time.Now)
	if err := f.MkdirAll("/area/sub", 0o755); err != nil {
		t.Fatal(err)
	}
	var x Session
	for _, line := range []struct {
		script, out string
		status      int
	}{
		{"a=1 b=(x y); declare -A m=([k]=v); f() { local l=3; echo $a $1; }; alias hi='echo hello'", "", 0},
		{"f 2; echo ${b[1]} ${m[k]}; hi", "1 2\ny v\nhello\n", 0},
		{"cd sub; set -o noglob; shopt -s extglob; trap 'echo bye' EXIT; (exit 3)", "", 3},
		{"echo $? $PWD $OLDPWD $-", "3 /area/sub /area fhB\n", 0},
		{"echo )", "bash: line 1: syntax error near unexpected token `)'\nbash: line 1: `echo )'\n", 2},
		{"echo $?; ${unset?gone}; echo not here", "2\nbash: line 1: unset: gone\n", 1},
		{"set -u; echo $nothing; echo not here", "bash: line 1: nothing: unbound variable\n", 1},
		{"set +u; g() { local deep=1; while :; do :; done; }; g", "flue: limit timeout (100ms) exceeded\n", 124},
		{"echo $? ${deep-none} $a", "124 none 1\n", 0},
		{"return; echo on", "bash: line 1: return: can only `return' from a function or sourced script\non\n", 0},
		{"PS1='\\u:\\w> '", "", 0},
		{"exit 5", "bye\n", 5},
	} {
		if x.Ended() {
			t.Fatalf("%s: the session has ended before it", line.script)
		}
		var out bytes.Buffer
		b := limits.New(t.Context(), limits.Limits{Timeout: 100 * time.Millisecond})
		status := x.Run(b.Context(), Config{FS: f, Budget: b, Dir: "/area", Stdout: &out, Stderr: &out}, line.script)
		b.End()
		if out.String() != line.out || status != line.status {
			t.Errorf("%s\ngot:  %q, %d\nwant: %q, %d", line.script, out.String(), status, line.out, line.status)
		}
	}
	if !x.Ended() || x.Dir() != "/area/sub" {
		t.Errorf("ended %v in %s", x.Ended(), x.Dir())
	}
	if first, more := x.Prompt(); first != "agent:/area/sub> " || more != "> " {
		t.Errorf("prompts %q, %q", first, more)
	}
	if c := x.Commands(); !slices.Contains(c, "hi") || !slices.Contains(c, "f") || !slices.Contains(c, "while") || !slices.Contains(x.Variables(), "a") {
		t.Errorf("commands %q, variables %q", c, x.Variables())
	}
}

func TestIncomplete(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "echo": false, "echo )": false, "if true": true, "if true; then echo; fi": false, "for i in 1 2; do": true, "echo 'a": true,
		`echo "a`: true, "echo a |": true, "echo a &&": true, `echo a\`: true, `echo a\\`: false, "cat <<EOF": true, "cat <<EOF\nx": true,
		"cat <<EOF\nx\nEOF": false, "f() {": true, "echo $(": true, "case x in": true, "# (": false, "a=(1": true, "[[ a": true, "((1": true, "echo ${": true, "done": false,
	} {
		if got := Incomplete(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
