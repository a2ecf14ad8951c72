//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/sqlite"
)

// workProject has an agent whose runs take a while and note outside that they were there.
const workProject = `
-- project/.flue/agents/work.yaml --
description: Works, and notes it.
triggers: {webhook: true}
model: scripted/work
payload: {type: object, required: [name], properties: {name: {type: string}}}
tools: [bash]
commands: [note]
steps:
  - shell: echo ${{ payload.name }} >> log.txt
  - prompt: Work on ${{ payload.name }}.
return: '${{ "worked on " + payload.name }}'
-- project/.flue/agents/answer.yaml --
description: Answers.
triggers: {webhook: true}
model: scripted/answer
prompt: Answer.
-- project/.flue/models/answer.yaml --
turns: [{text: The answer.}]
-- project/.flue/commands/note.yaml --
description: Notes a name.
exec: note
env: {LEDGER: "${{ env.LEDGER }}"}
args: ["{name}"]
match: {name: "[a-z0-9-]+"}
isolation: none
timeout: 60s
-- project/.flue/models/work.yaml --
turns:
  - delay: 20ms
    text: I begin.
    calls: [{bash: {command: "note ${{ payload.name }}-a"}}]
  - delay: 20ms
    text: I go on.
    calls: [{bash: {command: "note ${{ payload.name }}-b"}}]
  - delay: 20ms
    text: Worked on ${{ payload.name }}.
-- bin/note --
#!/bin/sh
echo "$1" >> "$LEDGER"
`

// worked is a folder with workProject, and what a server of it needs.
type worked struct {
	dir  string
	env  []string
	args []string // of flue serve
}

func newWorked(t *testing.T) worked {
	dir := t.TempDir()
	unpackTo(t, dir, workProject)
	return worked{dir, []string{"LEDGER=" + filepath.Join(dir, "ledger"),
		"PATH=" + filepath.Join(dir, "bin") + string(os.PathListSeparator) + os.Getenv("PATH")},
		[]string{"--dir", filepath.Join(dir, "project"), "--store", filepath.Join(dir, "flue.db")}}
}

// checkLedger looks whether what happened outside happened once.
func (w worked) checkLedger(t *testing.T) {
	t.Helper()
	ledger, err := os.ReadFile(filepath.Join(w.dir, "ledger"))
	if err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
	lines := slices.Sorted(strings.Lines(string(ledger)))
	if len(lines) != len(slices.Compact(slices.Clone(lines))) {
		t.Errorf("something was noted twice: %q", lines)
	}
}

// TestServeKilled kills a server while its runs are at work, again and again at other moments, and serves the store anew on
// another port: runs that were answered with 202 go on, and who followed a session's events goes on behind the last one.
func TestServeKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	flue := []string{fluePath(t)}
	for _, seen := range []int{1, 2, 5, 9, 14, 19, 24} {
		t.Run(fmt.Sprint("after event ", seen), func(t *testing.T) {
			w := newWorked(t)
			first := serveProgram(t, w.env, flue, w.args...)
			runs := []string{}
			for i := range 3 {
				body := fmt.Sprintf(`{"name": "s1-%d"}`, i)
				runs = append(runs, first.want(202, "POST", "/agents/work/s1", body, "Prefer", "respond-async").field("run"))
			}
			for i := range 4 {
				body := fmt.Sprintf(`{"name": "other-%d"}`, i)
				runs = append(runs, first.want(202, "POST", fmt.Sprintf("/agents/work/o%d", i), body, "Prefer", "respond-async").field("run"))
			}
			before := first.events("/agents/work/s1/events", 0, func(events []string) bool { return len(events) == seen })
			first.kill()

			second := serveProgram(t, w.env, flue, w.args...)
			if second.url == first.url {
				t.Errorf("both serve at %s", first.url)
			}
			dones := func(events []string) (n int) {
				for _, e := range events {
					n += strings.Count(e, "event: done\n")
				}
				return n
			}
			after := second.events("/agents/work/s1/events", len(before), func(events []string) bool { return dones(before)+dones(events) == 3 })
			for _, run := range runs {
				if a := second.settled(run); a.field("status") != "completed" {
					t.Errorf("run %s: %s", run, a.body)
				}
			}
			whole := second.events("/agents/work/s1/events", 0, func(events []string) bool { return dones(events) == 3 })
			if got := append(before, after...); !slices.Equal(got, whole) {
				t.Errorf("who came back got\n%s\nwho was there all the time\n%s", strings.Join(got, ""), strings.Join(whole, ""))
			}
			for i, event := range whole {
				if !strings.HasPrefix(event, fmt.Sprintf("id: %d\n", i+1)) {
					t.Fatalf("event %d is\n%s", i+1, event)
				}
			}
			if log := second.want(200, "GET", "/agents/work/s1/files/log.txt", "").body; log != "s1-0\ns1-1\ns1-2\n" {
				t.Errorf("the files say %q", log)
			}
			w.checkLedger(t)
		})
	}
}

// TestServersShareStore has two servers on one store: whichever is asked, each run happens once and the runs of a session
// one after another; when one is killed, the other finishes what it had begun, at once.
func TestServersShareStore(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	flue := []string{fluePath(t)}
	w := newWorked(t)
	servers := []*program{serveProgram(t, w.env, flue, w.args...), serveProgram(t, w.env, flue, w.args...)}
	const sessions, each = 6, 4
	runs := make([]string, sessions*each)
	var asking sync.WaitGroup
	for i := range runs {
		asking.Go(func() {
			path, body := fmt.Sprintf("/agents/work/s%d", i%sessions), fmt.Sprintf(`{"name": "s%d-%d"}`, i%sessions, i/sessions)
			a, err := servers[i/sessions%2].ask(t.Context(), "POST", path, body, "Prefer", "respond-async")
			if err != nil || a.status != 202 {
				t.Errorf("%d, %v: %s", a.status, err, a.body)
			}
			runs[i] = a.field("run")
		})
	}
	asking.Wait()
	if t.Failed() {
		return
	}
	servers[0].settled(runs[0]) // all sessions are at work, on both
	servers[0].kill()
	begun := time.Now()
	for _, run := range runs {
		a := servers[1].settled(run)
		if a.field("status") != "completed" {
			t.Errorf("run %s: %s", run, a.body)
		}
	}
	if took := time.Since(begun); took > 25*time.Second {
		t.Errorf("the other server took %v: did it wait for a dead process's lease?", took)
	}
	w.checkLedger(t)
	w.checkOrder(t, len(runs))
}

// checkOrder looks whether the runs of each session were at work one after another, in the order in which they were
// accepted, and those of different sessions side by side.
func (w worked) checkOrder(t *testing.T, want int) {
	t.Helper()
	st, err := sqlite.Open(t.Context(), filepath.Join(w.dir, "flue.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	runs, err := st.Runs(t.Context(), store.RunQuery{})
	if err != nil || len(runs) != want {
		t.Errorf("there are %d runs, %v, want %d", len(runs), err, want)
	}
	beside := 0
	for i, later := range runs { // the last one that was accepted comes first
		for _, earlier := range runs[i+1:] {
			switch together := later.Started.Before(earlier.Settlement.Time) && earlier.Started.Before(later.Settlement.Time); {
			case later.Session == earlier.Session && later.Started.Before(earlier.Settlement.Time):
				t.Errorf("run %s of %s began before the one before it had ended", later.ID, later.Session)
			case later.Session != earlier.Session && together:
				beside++
			}
		}
	}
	if beside == 0 {
		t.Error("no runs of different sessions were at work at once")
	}
}
