package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/store"
)

// crashed is one life of a store: a folder of its own, in which a process is killed and another goes on.
type crashed struct {
	base    string // with the project, and the programs that it calls
	place   string
	counter string // a server that counts what it is sent
}

// crashProject unpacks testdata/crash.txtar.
func crashProject(t *testing.T) string {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "crash.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, file := range archive.Files {
		name := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, file.Data, 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// env is what the project's commands and tools may name.
func (c crashed) env(name string) (string, bool) {
	switch name {
	case "LEDGER":
		return filepath.Join(c.place, "ledger"), true
	case "COUNTER":
		return c.counter, true
	case "PATH":
		return filepath.Join(c.base, "bin") + string(os.PathListSeparator) + os.Getenv("PATH"), true
	}
	return "", false
}

// open opens the store and an engine on it. about is what the engine sees of the store.
func (c crashed) open(ctx context.Context, about func(store.Store) store.Store) (store.Store, *engine.Engine, error) {
	p, err := openProject(filepath.Join(c.base, "project"))
	if err != nil {
		return nil, nil, err
	}
	defer p.Close()
	if len(p.problems) > 0 {
		return nil, nil, fmt.Errorf("the project: %v", p.problems)
	}
	w := &wiring{project: p, env: c.env}
	st, err := w.store(ctx, filepath.Join(c.place, "flue.db"))
	if err != nil {
		return nil, nil, err
	}
	e, err := w.engine(about(st), "")
	return st, e, err
}

// mortal is a store whose process is killed at a point: before or after one of its writes.
type mortal struct {
	store.Store
	passed, last *atomic.Int64 // points; last is the one at which it ends, 0: none
}

func (m mortal) point() {
	if m.passed.Add(1) == m.last.Load() {
		self, _ := os.FindProcess(os.Getpid()) // never fails
		self.Kill()
		select {}
	}
}

func (m mortal) Admit(ctx context.Context, a store.Admission) (store.Admitted, error) {
	m.point()
	defer m.point()
	return m.Store.Admit(ctx, a)
}

func (m mortal) Claim(ctx context.Context, key store.Key, owner string, ttl time.Duration) (store.Lease, error) {
	m.point()
	defer m.point()
	return m.Store.Claim(ctx, key, owner, ttl)
}

func (m mortal) Release(ctx context.Context, l store.Lease) error {
	m.point()
	defer m.point()
	return m.Store.Release(ctx, l)
}

func (m mortal) Append(ctx context.Context, l store.Lease, entries ...store.Entry) (int64, error) {
	m.point()
	defer m.point()
	return m.Store.Append(ctx, l, entries...)
}

func (m mortal) Settle(ctx context.Context, l store.Lease, run string, s store.Settlement, then store.Then, entries ...store.Entry) (store.Settled, error) {
	m.point()
	defer m.point()
	return m.Store.Settle(ctx, l, run, s, then, entries...)
}

func (m mortal) PutBlob(ctx context.Context, key store.Key, data []byte) (string, error) {
	m.point() // what it does is in memory: behind it is the same as before the next write
	return m.Store.PutBlob(ctx, key, data)
}

// crashRuns are the runs that a process accepts before it waits for all of them: two of one session, one of another.
var crashRuns = []engine.Request{
	{Agent: "main", Session: "s1", Payload: json.RawMessage(`{"name": "one"}`), IdempotencyKey: "1"},
	{Agent: "main", Session: "s1", Payload: json.RawMessage(`{"name": "two"}`), IdempotencyKey: "2"},
	{Agent: "helper", Session: "s2", Payload: json.RawMessage(`{"name": "three"}`), IdempotencyKey: "3"},
}

// mortalProcess is the program `flue-mortal BASE PLACE COUNTER POINT`. It says which runs were accepted, and in the end,
// if it comes to that, how many points it has passed.
func mortalProcess() {
	if err := beMortal(os.Args[1:]); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func beMortal(args []string) error {
	ctx := context.Background()
	m := mortal{passed: new(atomic.Int64), last: new(atomic.Int64)}
	var point int64
	if _, err := fmt.Sscan(args[3], &point); err != nil {
		return err
	}
	m.last.Store(point)
	st, e, err := crashed{args[0], args[1], args[2]}.open(ctx, func(st store.Store) store.Store {
		m.Store = st
		return m
	})
	if err != nil {
		return err
	}
	node := engine.NewNode(e, engine.NodeConfig{})
	for _, req := range crashRuns {
		accepted, err := node.Accept(ctx, req)
		if err != nil {
			return err
		}
		fmt.Println("accepted", accepted.Run.ID)
		defer func() { node.Wait(ctx, accepted.Run.ID) }()
	}
	runs, err := st.Runs(ctx, store.RunQuery{})
	if err != nil {
		return err
	}
	for _, run := range runs {
		if _, err := node.Wait(ctx, run.ID); err != nil {
			return err
		}
	}
	if err := errors.Join(node.Close(ctx), st.Close()); err != nil {
		return err
	}
	fmt.Println("passed", m.passed.Load())
	return nil
}

// die runs a process up to a point. It returns the runs that were accepted, and how many points there were if it has come
// to its end.
func (c crashed) die(t *testing.T, point int64) (accepted []string, passed int64) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args = []string{"flue-mortal", c.base, c.place, c.counter, fmt.Sprint(point)}
	out, err := cmd.Output()
	for line := range strings.Lines(string(out)) {
		what, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch what {
		case "accepted":
			accepted = append(accepted, value)
		case "passed":
			fmt.Sscan(value, &passed)
		default:
			t.Errorf("killed at point %d, it says %s", point, line)
		}
	}
	if killed := err != nil && cmd.ProcessState.ExitCode() == -1; killed == (passed > 0) {
		t.Errorf("at point %d: %v, after %d points", point, err, passed)
	}
	return accepted, passed
}

// counting counts the requests of tools, by path.
type counting struct {
	mu    sync.Mutex
	times map[string]int
}

func (c *counting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times[r.URL.Path]++
	fmt.Fprintln(w, "counted")
}

// TestKilledAnywhere kills a process with SIGKILL before and after every single write of its store, and has another process
// go on. Whatever the point: the store opens; every run that was accepted has one outcome; the log has no gap, and tells
// what that of an undisturbed process tells, but for calls that were interrupted; nothing outside happened twice; and the
// files are those of the last stored entry.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	if runtime.GOOS == "windows" {
		t.Skip("the project's command is a shell script")
	}
	counts := &counting{times: map[string]int{}}
	counter := httptest.NewServer(counts)
	defer counter.Close()
	base := crashProject(t)
	at := func(point int64) crashed {
		return crashed{base, t.TempDir(), fmt.Sprintf("%s/%d", counter.URL, point)}
	}

	whole := at(0)
	_, points := whole.die(t, 0)
	undisturbed := whole.judge(t, nil, 0)
	if t.Failed() || points < 80 {
		t.Fatalf("an undisturbed process passes %d points:\n%s", points, strings.Join(undisturbed.story, "\n"))
	}

	var next, interrupted, refused, resumed atomic.Int64
	var workers sync.WaitGroup
	for range 4 * runtime.GOMAXPROCS(0) { // most of it is waiting for the disk
		workers.Go(func() {
			for point := next.Add(1); point <= points && !t.Failed(); point = next.Add(1) {
				c := at(point)
				accepted, _ := c.die(t, point)
				c.checkFiles(t, point)
				end := c.judge(t, accepted, point)
				end.compare(t, undisturbed, point)
				interrupted.Add(int64(end.interrupted))
				refused.Add(int64(end.refused))
				resumed.Add(int64(end.resumed))
			}
		})
	}
	workers.Wait()
	counts.mu.Lock()
	defer counts.mu.Unlock()
	again := 0
	for path, times := range counts.times {
		if strings.Contains(path, "/again/") {
			again += times - 1
		} else if times != 1 {
			t.Errorf("%s was counted %d times", path, times)
		}
	}
	t.Logf("%d points; %d resumed runs, %d interrupted calls, %d scripts not repeated, %d calls repeated that may be",
		points, resumed.Load(), interrupted.Load(), refused.Load(), again)
	if resumed.Load() == 0 || interrupted.Load() == 0 || refused.Load() == 0 || again == 0 {
		t.Error("the sweep has not come upon everything that it is for")
	}
}

// aftermath is what is there when all runs have their outcome.
type aftermath struct {
	story       []string // of each run, what counts
	usage       []string // of each run: what its models have said, in tokens
	interrupted int      // calls
	refused     int      // scripts that were interrupted and may not be repeated
	resumed     int      // runs
}

// judge opens the store again, waits until every run is over, and checks what holds whatever has happened.
func (c crashed) judge(t *testing.T, accepted []string, point int64) (end aftermath) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("killed at point %d: %s", point, fmt.Sprintf(format, args...))
	}
	st, e, err := c.open(ctx, func(st store.Store) store.Store { return st })
	if err != nil {
		fail("the store does not open: %v", err)
		return end
	}
	defer st.Close()
	node := engine.NewNode(e, engine.NodeConfig{})
	runs, err := st.Runs(ctx, store.RunQuery{})
	if err != nil {
		fail("%v", err)
	}
	for _, id := range accepted {
		if !slices.ContainsFunc(runs, func(r store.Run) bool { return r.ID == id }) {
			fail("run %s was accepted, and is not there", id)
		}
	}
	for _, req := range crashRuns { // asked for again: what was accepted before is found again
		again, err := node.Accept(ctx, req)
		if err != nil {
			fail("%v", err)
		}
		if _, err := node.Wait(ctx, again.Run.ID); err != nil {
			fail("run %s of %s: %v", again.Run.ID, again.Run.Session, err)
		}
	}
	if err := node.Close(ctx); err != nil {
		fail("%v", err)
	}
	if runs, err = st.Runs(ctx, store.RunQuery{}); err != nil { // those that agent steps have begun, too
		fail("%v", err)
	}
	slices.Reverse(runs)
	noted := []string{}
	for _, run := range runs {
		if run.Settlement == nil {
			fail("run %s of %s has no outcome", run.ID, run.Session)
			continue
		}
		noted = append(noted, end.read(t, st, run, fail)...)
	}
	ledger, err := os.ReadFile(filepath.Join(c.place, "ledger"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		fail("%v", err)
	}
	lines := strings.Fields(string(ledger))
	slices.Sort(lines)
	if twice := len(lines) - len(slices.Compact(slices.Clone(lines))); twice > 0 {
		fail("%d notes were made twice: %q", twice, lines)
	}
	for _, name := range noted {
		if !slices.Contains(lines, name) {
			fail("%s was told to be noted, and is not: %q", name, lines)
		}
	}
	c.checkFiles(t, point)
	return end
}

// read checks the log of a run and adds to what is told of it. It returns the names that it says were noted.
func (end *aftermath) read(t *testing.T, st store.Store, run store.Run, fail func(string, ...any)) (noted []string) {
	t.Helper()
	dones, last := 0, int64(0)
	open := map[string]bool{}
	for entry, err := range st.Entries(t.Context(), run.Session, 0) {
		if err != nil {
			fail("%v", err)
			return noted
		}
		if last++; entry.Seq != last {
			fail("entry %d of %s follows entry %d", entry.Seq, run.Session, last-1)
			last = entry.Seq
		}
		if entry.Run != run.ID {
			continue
		}
		e, err := engine.EventOf(run.Session, entry)
		if err != nil {
			fail("%v", err)
			continue
		}
		if dones > 0 {
			fail("behind its end, run %s of %s has entry %d: %s", run.ID, run.Session, e.ID, e.Type)
		}
		tell := func(format string, args ...any) {
			end.story = append(end.story, fmt.Sprintf("%s: %s %s", run.Session, e.Type, fmt.Sprintf(format, args...)))
		}
		switch e.Type {
		case engine.RunStart:
			if e.Resumed {
				end.resumed++
			}
		case engine.MessageStored:
			text := ""
			for _, b := range e.Message.Blocks {
				text += fmt.Sprintf(" %s%s%s", b.Text, b.Name, b.Args)
			}
			tell("%s%s", e.Message.Role, text)
		case engine.ToolStart:
			open[e.Call] = true
		case engine.ToolEnd:
			delete(open, e.Call)
			text := fmt.Sprint(e.Result)
			tell("%s %s", e.Tool, text)
			if name, ok := strings.CutPrefix(strings.TrimSpace(text), "did "); ok {
				noted = append(noted, name)
			}
		case engine.StepEnd:
			tell("%s %s", e.Kind, e.Output.Text)
			if name, ok := strings.CutPrefix(strings.TrimSpace(e.Output.Stdout), "did "); ok {
				noted = append(noted, name)
			}
		case engine.Done:
			dones++
			end.usage = append(end.usage, fmt.Sprintf("%s: %d", run.Session, e.Usage.Output)) // a later life's prompt lists its files
			tell("%s", e.Outcome)
			if e.Outcome != run.Settlement.Outcome {
				fail("run %s is %s, its log says %s", run.ID, run.Settlement.Outcome, e.Outcome)
			}
			if e.Error != nil && strings.Contains(e.Error.Message, "may not be repeated") {
				end.refused++
			} else if e.Error != nil {
				fail("run %s of %s failed: %v", run.ID, run.Session, e.Error)
			}
		}
	}
	if dones != 1 {
		fail("the log of %s tells %d times of the end of run %s", run.Session, dones, run.ID)
	}
	end.interrupted += len(open)
	return noted
}

// compare compares what is told with what is told of an undisturbed process: the same, without the results of interrupted
// calls and, where a script may not be repeated, without what would have come after it.
func (end aftermath) compare(t *testing.T, undisturbed aftermath, point int64) {
	t.Helper()
	sorted := func(story []string) []string { return slices.Sorted(slices.Values(story)) }
	got, want := sorted(end.story), sorted(undisturbed.story)
	missing := 0
	for _, told := range want {
		if i := slices.Index(got, told); i >= 0 {
			got = slices.Delete(got, i, i+1)
		} else {
			missing++
		}
	}
	if end.refused > 0 {
		return
	}
	if used, whole := sorted(end.usage), sorted(undisturbed.usage); end.interrupted == 0 && !slices.Equal(used, whole) {
		t.Errorf("killed at point %d, the runs have used\n%q, undisturbed\n%q", point, used, whole)
	}
	if len(got) > 0 || missing != end.interrupted {
		t.Errorf("killed at point %d, %d calls were interrupted, %d entries of an undisturbed log are missing, and these are new: %q",
			point, end.interrupted, missing, got)
	}
}

// checkFiles compares the files of each session with its log: the notes in log.txt are those that the log tells of.
func (c crashed) checkFiles(t *testing.T, point int64) {
	t.Helper()
	st, e, err := c.open(t.Context(), func(st store.Store) store.Store { return st })
	if err != nil {
		t.Errorf("killed at point %d, the store does not open: %v", point, err)
		return
	}
	defer st.Close()
	sessions, err := st.Sessions(t.Context(), store.SessionQuery{})
	if err != nil {
		t.Error(err)
	}
	for _, s := range sessions {
		h, err := engine.ReadHistory(t.Context(), st, s.Key)
		if err != nil {
			t.Error(err)
			continue
		}
		var told bytes.Buffer
		for _, e := range h.Events {
			text := ""
			switch {
			case e.Type == engine.ToolEnd:
				text = fmt.Sprint(e.Result)
			case e.Type == engine.StepEnd:
				text = e.Output.Stdout
			}
			if name, ok := strings.CutPrefix(text, "did "); ok {
				told.WriteString(name)
			}
		}
		for _, m := range h.Messages {
			for _, b := range m.Blocks {
				if b.Type == model.ResultBlock && b.IsError && b.Text != model.Interrupted {
					t.Errorf("killed at point %d, a call of %s failed: %s", point, s.Key, b.Text)
				}
			}
		}
		box, err := e.Workspace(t.Context(), s.Key)
		if err != nil {
			t.Errorf("killed at point %d, the files of %s: %v", point, s.Key, err)
			continue
		}
		log, err := box.Exec(t.Context(), sandbox.Exec{Script: "cat log.txt"})
		if err != nil || log.Stdout != told.String() {
			t.Errorf("killed at point %d, the log of %s tells of %q, its files of %q, %v", point, s.Key, told.String(), log.Stdout, err)
		}
		box.Close()
	}
}
