package shell

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var update = flag.Bool("update", false, "write what the bash of this machine prints into testdata")

// device is /dev/null, or with data an endless stream of it.
type device struct{ data string }

func (d device) Read(b []byte) (int, error) {
	if d.data == "" {
		return 0, io.EOF
	}
	for i := range b {
		b[i] = d.data[i%len(d.data)]
	}
	return len(b), nil
}
func (d device) Write(b []byte) (int, error)    { return len(b), nil }
func (d device) Seek(int64, int) (int64, error) { return 0, vfs.ErrSeek }
func (d device) Close() error                   { return nil }
func (d device) Stat() (vfs.Info, error)        { return vfs.Info{}, nil }
func (d device) Truncate(int64) error           { return nil }

// fakes are the programs that the tests' scripts call, with no more flags than they use.
var fakes = map[string]Command{
	"cat": func(_ context.Context, inv *Invocation) int {
		if len(inv.Args) == 1 {
			io.Copy(inv.Stdout, inv.Stdin)
		}
		for _, name := range inv.Args[1:] {
			f, err := inv.Open(name)
			if err != nil {
				inv.Errorf("%s: %v", name, err)
				return 1
			}
			_, err = io.Copy(inv.Stdout, f)
			f.Close()
			if err != nil {
				return 1
			}
		}
		return 0
	},
	"seq": func(_ context.Context, inv *Invocation) int {
		n, _ := strconv.Atoi(inv.Args[len(inv.Args)-1])
		for i := 1; i <= n; i++ {
			if _, err := fmt.Fprintln(inv.Stdout, i); err != nil {
				return 1
			}
		}
		return 0
	},
	"sort": func(_ context.Context, inv *Invocation) int {
		text, _ := io.ReadAll(inv.Stdin)
		lines := strings.SplitAfter(string(text), "\n")
		sort.Strings(lines)
		io.WriteString(inv.Stdout, strings.Join(lines, ""))
		return 0
	},
	"head": func(_ context.Context, inv *Invocation) int {
		b := make([]byte, 1)
		for n, err := inv.Stdin.Read(b); n > 0 && err == nil; n, err = inv.Stdin.Read(b) {
			inv.Stdout.Write(b)
			if b[0] == '\n' {
				break
			}
		}
		return 0
	},
	"yes": func(_ context.Context, inv *Invocation) int {
		for {
			if _, err := io.WriteString(inv.Stdout, "y\n"); err != nil {
				return 1
			}
		}
	},
	"mkdir": func(_ context.Context, inv *Invocation) int {
		return boolStatus(inv.FS.MkdirAll(inv.Path(inv.Args[len(inv.Args)-1]), 0o755) == nil)
	},
	"chmod": func(_ context.Context, inv *Invocation) int {
		return boolStatus(inv.FS.Chmod(inv.Path(inv.Args[len(inv.Args)-1]), 0o755) == nil)
	},
	"rm": func(_ context.Context, inv *Invocation) int {
		return boolStatus(inv.FS.Remove(inv.Path(inv.Args[1])) == nil)
	},
	"env": func(ctx context.Context, inv *Invocation) int {
		i := 1
		n := Nested{}
		for ; i < len(inv.Args) && strings.Contains(inv.Args[i], "="); i++ {
			n.Env = append(n.Env, inv.Args[i])
		}
		if n.Args = inv.Args[i:]; len(n.Args) == 0 {
			return 0
		}
		return inv.Exec(ctx, n)
	},
	"sleep": func(ctx context.Context, inv *Invocation) int {
		seconds, _ := strconv.ParseFloat(inv.Args[len(inv.Args)-1], 64)
		select {
		case <-ctx.Done():
			return 1
		case <-time.After(time.Duration(seconds * float64(time.Second))):
			return 0
		}
	},
	"panic": func(context.Context, *Invocation) int { panic("on purpose") },
}

type result struct {
	stdout, stderr string
	status         int
}

// run runs a script in a world of its own.
func run(t testing.TB, script string, change func(*Config, *limits.Limits)) result {
	t.Helper()
	f := vfs.New(vfs.Quota{}, time.Now)
	for _, dir := range []string{"/bin", "/usr/bin", "/dev", "/tmp", "/home/agent", "/area"} {
		if err := f.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	programs := slices.AppendSeq(slices.Clone(Shells), maps.Keys(fakes))
	for _, name := range slices.AppendSeq(programs, maps.Keys(ownCommands)) {
		if err := f.WriteFile("/bin/"+name, Image(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string]string{"/dev/null": "", "/dev/zero": "\x00"} {
		if err := f.Device(name, func(vfs.Flag) vfs.File { return device{data} }); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	l := limits.Limits{Timeout: 20 * time.Second}
	cfg := Config{FS: f, Commands: fakes, Dir: "/area", Stdout: &out, Stderr: &errs}
	if change != nil {
		change(&cfg, &l)
	}
	cfg.Budget = limits.New(context.Background(), l)
	defer cfg.Budget.End()
	status := Run(context.Background(), cfg, script)
	return result{out.String(), errs.String(), status}
}

// TestScripts runs every script of testdata: NAME.sh, with what bash prints in NAME.out.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			updateArchive(t, file, archive)
		}
		for i := 0; i+1 < len(archive.Files); i += 2 {
			script, want := archive.Files[i], archive.Files[i+1]
			t.Run(filepath.Base(file)+"/"+strings.TrimSuffix(script.Name, ".sh"), func(t *testing.T) {
				r := run(t, string(script.Data), nil)
				if got := show(r); got != string(want.Data) {
					t.Errorf("got\n%swant\n%sstderr\n%s", got, want.Data, r.stderr)
				}
			})
		}
	}
}

func show(r result) string {
	out := r.stdout
	if out != "" && !strings.HasSuffix(out, "\n") {
		out += "\n"
	}
	return out + fmt.Sprintf("status %d\n", r.status)
}

// TestBash holds the same scripts against the bash of this machine.
func TestBash(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash to compare with")
	}
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(archive.Files); i += 2 {
			if got, want := bashSays(t, archive.Files[i].Data), string(archive.Files[i+1].Data); got != want {
				t.Errorf("%s/%s: bash prints\n%sthe test data has\n%s", file, archive.Files[i].Name, got, want)
			}
		}
	}
}

func bashSays(t *testing.T, script []byte) string {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, script, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", file)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/home/agent", "USER=agent", "LANG=C.UTF-8"}
	out, err := cmd.Output()
	var exit *exec.ExitError
	status := 0
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return show(result{stdout: string(out), status: status})
}

func updateArchive(t *testing.T, file string, archive *txtar.Archive) {
	var files []txtar.File
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, ".sh") {
			out := strings.TrimSuffix(f.Name, ".sh") + ".out"
			files = append(files, f, txtar.File{Name: out, Data: []byte(bashSays(t, f.Data))})
		}
	}
	archive.Files = files
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// aliasBomb is a0='a1 a1 ' a1='a2 a2 ' …
func aliasBomb() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "a%d='a%d ; a%d ' ", i, i+1, i+1)
	}
	return b.String()
}

// TestLimits has what must end by a limit, and by which.
func TestLimits(t *testing.T) {
	small := func(_ *Config, l *limits.Limits) {
		l.LiveBytes, l.Commands, l.Timeout, l.Output = 4<<20, 1_000_000, time.Minute, 1<<16
	}
	for _, c := range []struct{ name, script, limit string }{
		{"eval calls itself", `f() { eval f; }; f`, "depth"},
		{"function calls itself", `f() { f; }; f`, "depth"},
		{"source reads itself", `echo '. ./x' > x; . ./x`, "depth"},
		{"script starts itself", `echo 'bash x' > x; bash x`, "depth"},
		{"deep parentheses", strings.Repeat("(", 100_000), "nesting"},
		{"deep arithmetic", strings.Repeat("((", 100_000), "nesting"},
		{"deep substitutions", "echo " + strings.Repeat("$(", 100_000), "nesting"},
		{"deep here-document", "cat <<E\n" + strings.Repeat("$(", 10_000) + "\nE", "nesting"},
		{"many signs", "echo $((" + strings.Repeat("-", 900_000) + "1))", "nesting"},
		{"long pipeline", "a" + strings.Repeat("|a", 100_000), "nesting"},
		{"many function heads", strings.Repeat("f()", 100_000) + " :", "nesting"},
		{"many tests negated", "[[ " + strings.Repeat("! ", 100_000) + "x ]]", "nesting"},
		{"aliases of aliases", "shopt -s expand_aliases; alias " + aliasBomb() + "\na0", "script"},
		{"large script", strings.Repeat(": \n", 1<<20), "script"},
		{"doubling", `x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done`, "live-bytes"},
		{"growing array", `while :; do a+=(xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx xxxxxxxxxxxxxxxxxxx); done`, "live-bytes"},
		{"brace range", `echo {1..1000000000}`, "live-bytes"},
		{"brace product", `echo ` + strings.Repeat("{a,b}", 40), "live-bytes"},
		{"substitution grows", `x=$(printf %01000d 0); y=${x//0/$x$x$x$x$x$x}`, "live-bytes"},
		{"endless capture", `x=$(yes)`, "live-bytes"},
		{"endless line", `read x < /dev/zero`, "live-bytes"},
		{"endless loop", `while :; do :; done`, "commands"},
		{"endless for", `for ((;;)); do :; done`, "commands"},
		{"fork bomb", `f() { f & f & wait; }; f`, "jobs"},
		{"output", `while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxx; done`, "output"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, c.script, func(cfg *Config, l *limits.Limits) {
				small(cfg, l)
				if c.limit == "nesting" {
					l.LiveBytes = 64 << 20
				}
				if c.limit == "jobs" {
					l.Jobs = 50
				}
			})
			if r.status != 126 || !strings.Contains(r.stderr, "flue: limit "+c.limit+" ") {
				t.Errorf("status %d, stderr %.200q", r.status, r.stderr)
			}
		})
	}
}

// TestTimeout ends what waits: a program, a pipe that nobody writes, a job.
func TestTimeout(t *testing.T) {
	for _, script := range []string{`sleep 100`, `sleep 100 | cat`, `sleep 100 & wait`, `read x < <(sleep 100)`, `coproc cat; read x <&${COPROC[0]}`} {
		r := run(t, script, func(_ *Config, l *limits.Limits) { l.Timeout = 50 * time.Millisecond })
		if r.status != 124 || !strings.Contains(r.stderr, "flue: limit timeout (50ms) exceeded") {
			t.Errorf("%s: status %d, stderr %q", script, r.status, r.stderr)
		}
	}
}

// TestNothingSurvives counts goroutines after scripts that leave jobs, pipes and substitutions behind.
func TestNothingSurvives(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		run(t, `sleep 100 & yes | cat >/dev/null & exec 3< <(sleep 100); coproc cat; (sleep 100 &) ; yes | head; exit 1`, nil)
	}
	for range 200 { // the runtime takes a moment to retire timers' goroutines
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before+2 {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after\n%s", before, after, buf[:runtime.Stack(buf, true)])
	}
}

func TestInternalError(t *testing.T) {
	r := run(t, `panic | cat; echo "${PIPESTATUS[@]}"`, nil)
	if r.stdout != "125 0\n" || !strings.Contains(r.stderr, "flue: internal error: on purpose") {
		t.Errorf("stdout %q, stderr %q", r.stdout, r.stderr)
	}
}

// TestMessages has what bash would word differently, or what other tests do not look at: stderr.
func TestMessages(t *testing.T) {
	grants := func(c *Config, _ *limits.Limits) {
		c.Known = func(name string) bool { return name == "gh" }
		c.Granted = func(name string) (Command, bool) {
			return func(_ context.Context, inv *Invocation) int {
				fmt.Fprintln(inv.Stdout, "granted", inv.Args[1:])
				return 7
			}, name == "deploy"
		}
	}
	for _, c := range []struct {
		script, stdout, stderr string
		status                 int
	}{
		{"gh pr list", "", "bash: line 1: gh: not granted to this step\n", 127},
		{"deploy now", "granted [now]\n", "", 7},
		{"\nnosuch", "", "bash: line 2: nosuch: command not found\n", 127},
		{"echo a; echo b; )\necho c", "", "bash: line 1: syntax error near unexpected token `)'\nbash: line 1: `echo a; echo b; )'\n", 2},
		{"echo a\nif true; then", "a\n", "bash: line 3: syntax error: unexpected end of file\n", 2},
		{"echo ${x:?is needed}; echo no", "", "bash: line 1: x: is needed\n", 1},
		{"readonly r=1; r=2; echo no\necho $?", "1\n", "bash: line 1: r: readonly variable\n", 0},
		{"echo $((1/0)); echo no\necho $?", "1\n", "bash: line 1: 1/0: division by 0 (error token is \"0\")\n", 0},
		{"cd /nowhere", "", "bash: line 1: cd: /nowhere: No such file or directory\n", 1},
		{"cat < nofile", "", "bash: line 1: nofile: No such file or directory\n", 1},
	} {
		r := run(t, c.script, grants)
		if r.stdout != c.stdout || r.stderr != c.stderr || r.status != c.status {
			t.Errorf("%s\n got %q %q %d\nwant %q %q %d", c.script, r.stdout, r.stderr, r.status, c.stdout, c.stderr, c.status)
		}
	}
}

// FuzzRun runs anything: it may fail, but it must not panic, and it must end.
func FuzzRun(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range archive.Files {
			if strings.HasSuffix(part.Name, ".sh") {
				f.Add(string(part.Data))
			}
		}
	}
	f.Fuzz(func(t *testing.T, script string) {
		began := time.Now()
		r := run(t, script, func(_ *Config, l *limits.Limits) {
			l.Timeout, l.LiveBytes, l.Commands, l.Work = time.Second, 16<<20, 10_000, 50_000_000
		})
		if strings.Contains(r.stderr, "flue: internal error") {
			t.Errorf("%q: %s", script, r.stderr)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q took %v", script, took)
		}
	})
}

// TestPrograms is about what makes a file a program, and which one.
func TestPrograms(t *testing.T) {
	for _, test := range []struct {
		name, script, stdout, stderr string
		status                       int
	}{
		{"a file of one's own in /bin", "printf '#!/bin/bash\\necho mine\\n' > /bin/cat; echo x | cat", "mine\n", "", 0},
		{"a script's first line may be missing", "printf 'echo mine $1\\n' > /bin/cat; cat 1", "mine 1\n", "", 0},
		{"removed", "rm /bin/cat; cat", "", "bash: line 1: cat: command not found\n", 127},
		{"PATH has its order", "mkdir d; echo 'echo mine' > d/cat; chmod d/cat; PATH=/area/d:$PATH; cat; type -p cat", "mine\n/area/d/cat\n", "", 0},
		{"a copy", "cat < /bin/cat > mycat; chmod mycat; echo x | ./mycat", "x\n", "", 0},
		{"a copy without a run bit", "cat < /bin/cat > mycat; ./mycat", "", "bash: line 1: ./mycat: Permission denied\n", 126},
		{"no program has this name", "printf '\\x7fELF\\x02\\x01\\x01\\x00flue\\x00x' > x; chmod x; ./x", "",
			"bash: line 1: ./x: cannot execute binary file: Exec format error\n", 126},
		{"an interpreter", "printf '#!/usr/bin/env cat\\nx\\n' > x; chmod x; ./x", "#!/usr/bin/env cat\nx\n", "", 0},
		{"an interpreter from elsewhere", "printf '#!/opt/bin/dash\\necho x $0 $1\\n' > x; chmod x; ./x 1", "x ./x 1\n", "", 0},
		{"an interpreter of one's own", "printf '#!/bin/bash\\necho i $*\\n' > i; chmod i; printf '#!/area/i -a\\n' > x; chmod x; ./x 1", "i -a ./x 1\n", "", 0},
		{"no interpreter", "printf '#!/bin/nothing\\n' > x; chmod x; ./x", "", "bash: line 1: ./x: /bin/nothing: bad interpreter: No such file or directory\n", 126},
		{"its own interpreter", "printf '#!/area/x\\n' > x; chmod x; ./x", "",
			"bash: line 1: /area/x: /area/x: bad interpreter: Too many levels of symbolic links\n", 126},
		{"a folder", "mkdir d; ./d", "", "bash: line 1: ./d: Is a directory\n", 126},
	} {
		t.Run(test.name, func(t *testing.T) {
			if r := run(t, test.script, nil); r != (result{test.stdout, test.stderr, test.status}) {
				t.Errorf("%s\nis %+v", test.script, r)
			}
		})
	}
}
