//go:build linux

package main

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// traced is a command that runs flue under strace, and the file with what it does.
func traced(t *testing.T, options ...string) (command []string, trace string) {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("NOT TESTED: what is synced when, and failures of the disk: strace is not installed")
	}
	if out, err := exec.Command(strace, "-f", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: what is synced when, and failures of the disk: strace may not trace here: %s", out)
	}
	trace = filepath.Join(t.TempDir(), "trace")
	return append(append([]string{strace, "-f", "-y", "-s", "48", "-o", trace}, options...), fluePath(t)), trace
}

// tracedCall is a system call; begun and ended are the lines of the trace on which it does so.
type tracedCall struct {
	text         string
	begun, ended int
}

var unfinished = regexp.MustCompile(`^(\d+) +(.*) <unfinished \.\.\.>$`)
var resumed = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*)$`)

// readTrace reads what strace has written.
func readTrace(t *testing.T, trace string) (calls []*tracedCall) {
	t.Helper()
	data, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	open := map[string]*tracedCall{} // by thread
	for i, line := range strings.Split(string(data), "\n") {
		if m := unfinished.FindStringSubmatch(line); m != nil {
			open[m[1]] = &tracedCall{text: m[2], begun: i}
			calls = append(calls, open[m[1]])
		} else if m := resumed.FindStringSubmatch(line); m != nil && open[m[1]] != nil {
			open[m[1]].text += m[2]
			open[m[1]].ended = i
		} else if _, text, ok := strings.Cut(line, " "); ok {
			calls = append(calls, &tracedCall{strings.TrimSpace(text), i, i})
		}
	}
	return calls
}

// findCall is the first call behind a line of the trace that has all of some texts.
func findCall(t *testing.T, calls []*tracedCall, after int, texts ...string) *tracedCall {
	t.Helper()
next:
	for _, c := range calls {
		if c.begun <= after {
			continue
		}
		for _, text := range texts {
			if !strings.Contains(c.text, text) {
				continue next
			}
		}
		return c
	}
	t.Fatalf("the trace has no %q behind line %d", texts, after)
	return nil
}

// TestSyncedBeforeAccepted traces a server: between the request and its 202, the log of the store is written and synced; and a
// run costs two syncs on its way to its answer.
func TestSyncedBeforeAccepted(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	w := newWorked(t)
	command, trace := traced(t, "-e", "trace=read,write,pwrite64,fsync,fdatasync")
	server := serveProgram(t, w.env, command, w.args...)
	server.want(200, "POST", "/agents/answer/before", `{"name": "before"}`) // the files are there, then
	server.settled(server.want(202, "POST", "/agents/answer/async", `{"name": "async"}`, "Prefer", "respond-async").field("run"))
	server.want(200, "POST", "/agents/answer/sync", `{"name": "sync"}`)
	server.kill()

	calls := readTrace(t, trace)
	syncs := func(from, to *tracedCall) (done []*tracedCall) {
		for _, c := range calls {
			if strings.Contains(c.text, "sync(") && strings.Contains(c.text, "-wal>") && strings.HasSuffix(c.text, "= 0") && c.begun > from.begun && c.ended < to.begun && c.ended > 0 {
				done = append(done, c)
			}
		}
		return done
	}
	// Where the server has waited for the end of the connection, the first byte was read alone.
	asked := findCall(t, calls, 0, "read(", "ST /agents/answer/async")
	told := findCall(t, calls, asked.begun, "write(", "HTTP/1.1 202")
	written := findCall(t, calls, asked.begun, "pwrite64(", "-wal>")
	if len(syncs(written, told)) == 0 { // there may be two: the run may be over before its client hears of it
		t.Error("between the write of the log and the 202 it was not synced")
	}
	asked = findCall(t, calls, told.begun, "read(", "ST /agents/answer/sync")
	told = findCall(t, calls, asked.begun, "write(", "HTTP/1.1 200")
	if done := syncs(asked, told); len(done) != 2 {
		t.Errorf("a run that is waited for was synced %d times", len(done))
	}
}

// TestDiskFails has some of the system calls fail with which a server writes its store. A client is told of a failure, or the
// run goes on later; what was accepted is done, once, when the disk works again.
func TestDiskFails(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	for name, inject := range map[string]string{
		"EIO of a sync":     "inject=fsync,fdatasync:error=EIO:when=3+5",
		"ENOSPC of a write": "inject=pwrite64:error=ENOSPC:when=40+101",
		"EIO of a write":    "inject=pwrite64:error=EIO:when=40+101",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is waiting until another try is due
			w := newWorked(t)
			serveProgram(t, w.env, []string{fluePath(t)}, w.args...).kill() // the store is there, then
			db := w.args[len(w.args)-1]
			command, trace := traced(t, "-e", "trace=pwrite64,fsync,fdatasync", "-P", db, "-P", db+"-wal", "-e", inject)
			first := serveProgram(t, w.env, command, w.args...)
			var accepted []string
			refused := 0
			for i := range 30 {
				a, err := first.ask(t.Context(), "POST", fmt.Sprint("/agents/work/s", i%10), fmt.Sprintf(`{"name": "n%d"}`, i), "Prefer", "respond-async")
				switch {
				case err != nil:
					t.Error(err)
				case a.status == 202:
					accepted = append(accepted, a.field("run"))
				case a.status == 500:
					refused++
				default:
					t.Errorf("%d: %s", a.status, a.body)
				}
			}
			for _, run := range accepted[:len(accepted)/2] {
				first.settled(run)
			}
			first.kill()
			failed, err := os.ReadFile(trace)
			if err != nil {
				t.Fatal(err)
			}
			injected := strings.Count(string(failed), "(INJECTED)")
			t.Logf("%d accepted, %d refused, %d calls failed", len(accepted), refused, injected)
			if injected == 0 {
				t.Error("no call has failed")
			}

			second := serveProgram(t, w.env, []string{fluePath(t)}, w.args...)
			for _, run := range accepted {
				if a := second.settled(run); a.field("status") != "completed" {
					t.Errorf("run %s: %s", run, a.body)
				}
			}
			second.kill()
			w.checkLedger(t)
			checkStore(t, db)
		})
	}
}

// checkStore has SQLite look at the whole file.
func checkStore(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var found string
	if err := db.QueryRow("pragma integrity_check").Scan(&found); err != nil || found != "ok" {
		t.Errorf("SQLite finds %q, %v", found, err)
	}
}

// smallDisk is a file system of a few MB at a folder, in a mount namespace of its own, which a process holds.
type smallDisk struct {
	dir     string   // for those in the namespace
	seen    string   // for the others
	command []string // begins a command in the namespace
}

func newSmallDisk(t *testing.T, size string) smallDisk {
	t.Helper()
	const skipped = "NOT TESTED: a disk that is full: "
	nsenter, err := exec.LookPath("nsenter")
	if err != nil {
		t.Skip(skipped + "nsenter is not installed")
	}
	d := smallDisk{dir: t.TempDir()}
	mount := fmt.Sprintf("mount -t tmpfs -o size=%s none %s && echo mounted && exec cat", size, d.dir)
	for _, way := range []struct {
		unshare string
		enter   []string
	}{{"-m", []string{"-m"}}, {"-Urm", []string{"-U", "--preserve-credentials", "-m"}}} { // as root, and as anybody
		holder := exec.Command("unshare", way.unshare, "sh", "-c", mount)
		stdin, err := holder.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := holder.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := holder.Start(); err != nil {
			t.Skip(skipped, err)
		}
		t.Cleanup(func() {
			stdin.Close() // and so it ends
			holder.Wait()
		})
		if line, _ := bufio.NewReader(stdout).ReadString('\n'); line == "mounted\n" {
			pid := fmt.Sprint(holder.Process.Pid)
			d.seen = filepath.Join("/proc", pid, "root", d.dir)
			d.command = append([]string{nsenter, "-t", pid}, way.enter...)
			return d
		}
	}
	t.Skip(skipped + "nothing may be mounted here, not even in a namespace")
	return d
}

// fill leaves so many bytes free; the space is given back by removing the file that it returns.
func (d smallDisk) fill(t *testing.T, free int64) (ballast string) {
	t.Helper()
	ballast = filepath.Join(d.seen, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size := int64(0)
	for err == nil {
		var n int
		n, err = f.Write(make([]byte, 4096))
		size += int64(n)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Truncate(size - free); err != nil {
		t.Fatal(err)
	}
	return ballast
}

// TestDiskFull lets the disk run full while runs are accepted and at work. What is told to be accepted is done, once, when
// there is space again: by the same process, or by another one after it was killed.
func TestDiskFull(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	for name, killed := range map[string]bool{"the process goes on": false, "the process is killed": true} {
		t.Run(name, func(t *testing.T) {
			disk := newSmallDisk(t, "4m")
			w := newWorked(t)
			w.args[len(w.args)-1] = filepath.Join(disk.dir, "flue.db")
			command := append(disk.command, fluePath(t))
			server := serveProgram(t, w.env, command, w.args...)
			server.want(200, "POST", "/agents/work/s0", `{"name": "before"}`)
			ballast := disk.fill(t, 256<<10)
			var accepted []string
			refused := 0
			for i := 0; refused < 5; i++ {
				if i == 1000 {
					t.Fatal("a thousand runs do not fill the disk")
				}
				a, err := server.ask(t.Context(), "POST", fmt.Sprint("/agents/work/s", i%20), fmt.Sprintf(`{"name": "n%d"}`, i), "Prefer", "respond-async")
				switch {
				case err != nil:
					t.Fatal(err)
				case a.status == 202:
					accepted = append(accepted, a.field("run"))
				case a.status == 500:
					refused++
				default:
					t.Errorf("%d: %s", a.status, a.body)
				}
			}
			if killed {
				server.kill()
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			if killed {
				server = serveProgram(t, w.env, command, w.args...)
			}
			t.Logf("%d are accepted, %d refused", len(accepted), refused)
			for _, run := range accepted {
				if a := server.settled(run); a.field("status") != "completed" {
					t.Errorf("run %s: %s", run, a.body)
				}
			}
			server.kill()
			w.checkLedger(t)
			checkStore(t, filepath.Join(disk.seen, "flue.db"))
		})
	}
}
