package virtual_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
)

// harmless are the system calls that scripts may cause: those of Go's runtime, and one of SQLite's. The second half of a
// call that strace writes in two lines is as harmless as the first.
var harmless = regexp.MustCompile(`^(clone3?\(.*CLONE_THREAD|<\.\.\. [a-z0-9_]+ resumed|tgkill\(|--- SIGURG |\+\+\+ exited|exit\(|open(at)?\((AT_FDCWD, )?"/dev/urandom", O_RDONLY)`)

// tracedBegin and tracedEnd are files that do not exist: the process that is watched looks for them before its first
// script, and after its last.
const tracedBegin, tracedEnd = "/the-scripts-of-flue-begin-here", "/the-scripts-of-flue-end-here"

// TestNoSystemCalls runs every script of the tables, and generated ones, in a process whose system calls are recorded: no
// file is opened or looked at, no socket made, no program started.
func TestNoSystemCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not here: NOTHING IS CHECKED")
	}
	var scripts []string
	names, err := filepath.Glob("testdata/transcripts/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			for _, c := range parseTranscripts(t, name, string(file.Data), 1) {
				scripts = append(scripts, c.script)
			}
		}
	}
	if len(scripts) < 500 {
		t.Fatalf("%d scripts only", len(scripts))
	}
	for seed := range uint64(300) {
		scripts = append(scripts, newGenerator(seed).script())
	}
	input, err := json.Marshal(scripts)
	if err != nil {
		t.Fatal(err)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.CommandContext(t.Context(), "strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=file,network,process", "-o", trace,
		os.Args[0], "-test.run", "^TestTraced$", "-test.count=1")
	cmd.Env = append(os.Environ(), "FLUE_TRACED=1")
	cmd.Stdin = bytes.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "ptrace") {
			t.Skipf("strace may not be used here: NOTHING IS CHECKED: %s", out)
		}
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	_, text, begun := bytes.Cut(text, []byte(tracedBegin))
	text, _, ended := bytes.Cut(text, []byte(tracedEnd))
	if !begun || !ended {
		t.Fatalf("the scripts did not begin or end: %v, %v", begun, ended)
	}
	calls := 0
	for line := range strings.Lines(string(text)) {
		if calls++; calls == 1 || !strings.HasSuffix(line, "\n") {
			continue // what looks for the two files
		}
		_, call, _ := strings.Cut(line, " ")
		if call = strings.TrimLeft(call, " "); !harmless.MatchString(call) {
			t.Errorf("a script did this: %s", call)
		}
	}
	t.Logf("%d scripts, %d system calls of the runtime", len(scripts), calls-2)
}

// TestTraced is the process that TestNoSystemCalls watches.
func TestTraced(t *testing.T) {
	if os.Getenv("FLUE_TRACED") == "" {
		t.Skip("not alone")
	}
	var scripts []string
	if err := json.NewDecoder(os.Stdin).Decode(&scripts); err != nil {
		t.Fatal(err)
	}
	os.Stat(tracedBegin)
	for _, script := range scripts {
		box, err := virtual.New(virtual.Config{Databases: sqlitedb.Engine{}, Env: map[string]string{"TZ": "Europe/Berlin"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := box.Exec(t.Context(), sandbox.Exec{Script: script, Timeout: time.Second}); err != nil {
			t.Fatal(err)
		}
		box.Close()
	}
	os.Stat(tracedEnd)
}
