package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/modeltest"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"golang.org/x/tools/txtar"
)

var errPulled = errors.New("the plug was pulled")

// interrupt runs the agent main until stop says so, and cancels it there. It returns the run's id.
func (l *link) interrupt(t *testing.T, st store.Store, stop func(engine.Event) bool) string {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	run, ended := "", false
	for e, err := range start(t, l.cfg).Run(ctx, engine.Request{Agent: "main"}) {
		if err != nil {
			if ended = true; !errors.Is(err, errPulled) {
				t.Errorf("the run ended with %v", err)
			}
			continue
		}
		run = e.Run
		if stop(e) {
			cancel(errPulled)
		}
	}
	if stored, err := st.RunByID(t.Context(), run); err != nil || stored.Settlement != nil || !ended {
		t.Fatalf("an interrupted run is settled: %+v, %v", stored, err)
	}
	return run
}

func (l *link) resume(t *testing.T, run string) (engine.Event, string) {
	t.Helper()
	return finish(t, start(t, l.cfg).Resume(t.Context(), run))
}

func TestCancelInTheMiddleOfAStream(t *testing.T) {
	const twoSteps = "description: Two steps.\nmodel: test/m\nsteps:\n  - {id: first, shell: echo begun; echo x >>runs}\n  - prompt: Go on after ${{ steps.first.stdout }}.\n"
	for wireName := range wires {
		t.Run(wireName, func(t *testing.T) {
			st := memory.New()
			l := connect(t, wireName, agentFile(twoSteps), st, modeltest.Answer{Text: "one two three four five six", Stall: true})
			run := l.interrupt(t, st, func(e engine.Event) bool { return e.Type == engine.TextDelta })
			l = connect(t, wireName, agentFile(twoSteps), st, calls(call("bash", `{"command": "wc -l <runs"}`)), says("Done."))
			last, transcript := l.resume(t, run)
			if outcome(last) != `"Done."` || strings.Contains(transcript, "step_start first") {
				t.Errorf("got %s\n%s", outcome(last), transcript)
			}
			if err := inOrder(transcript, []string{`"1`}); err != nil {
				t.Errorf("the first step's files: %v\n%s", err, transcript)
			}
			if text := conversation(t, l.server.Requests()[0]); strings.Count(text, "Go on after begun") != 1 {
				t.Errorf("the step's text is not there once:\n%s", text)
			}
		})
	}
}

func TestInterruptedCallIsNotRepeated(t *testing.T) {
	for wireName := range wires {
		t.Run(wireName, func(t *testing.T) {
			st := memory.New()
			l := connect(t, wireName, agentFile(translator), st, calls(call("bash", `{"command": "sleep 1000"}`)))
			run := l.interrupt(t, st, func(e engine.Event) bool { return e.Type == engine.ToolStart })
			l = connect(t, wireName, agentFile(translator), st, done)
			last, transcript := l.resume(t, run)
			if last.Outcome != store.Completed || strings.Contains(transcript, "tool_start 1 turn 2: bash") {
				t.Errorf("got %s\n%s", outcome(last), transcript)
			}
			if err := inOrder(conversation(t, l.server.Requests()[0]), []string{"sleep 1000", model.Interrupted}); err != nil {
				t.Errorf("%v in\n%s", err, l.server.Requests()[0].Body)
			}
		})
	}
}

// TestIdempotentCallIsRepeated interrupts a tool that hangs the first time: whether it is called again is said by it or by
// its command.
func TestIdempotentCallIsRepeated(t *testing.T) {
	for _, tt := range []struct {
		name, tool, command string
		again               bool
	}{
		{"neither says so", "", "", false},
		{"the tool", "idempotent: true\n", "", true},
		{"the command", "", "idempotent: true\n", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			project := agentFile("description: Order.\nmodel: test/m\ntools: [order]\nprompt: Order bolts.\n")
			project[".flue/tools/order.yaml"] = &fstest.MapFile{Data: []byte("description: Order.\ncommand: {name: stock, args: [order, bolts]}\n" + tt.tool)}
			project[".flue/commands/stock.yaml"] = &fstest.MapFile{Data: []byte("description: The warehouse.\nhook: warehouse\nargs: [order bolts]\n" + tt.command)}
			hooked := 0
			hooks := map[string]engine.Hook{"warehouse": func(ctx context.Context, c engine.HookCall) (engine.HookResult, error) {
				if hooked++; hooked == 1 {
					<-ctx.Done()
					return engine.HookResult{}, ctx.Err()
				}
				return engine.HookResult{Stdout: "ordered"}, nil
			}}
			st := memory.New()
			l := connect(t, "openai", project, st, calls(call("order", `{}`)))
			l.cfg.Hooks = hooks
			run := l.interrupt(t, st, func(e engine.Event) bool { return e.Type == engine.CommandStart })
			l = connect(t, "openai", project, st, says("Done."))
			l.cfg.Hooks = hooks
			last, transcript := l.resume(t, run)
			want, times := "ordered", 2
			if !tt.again {
				want, times = model.Interrupted, 1
			}
			if text := conversation(t, l.server.Requests()[0]); outcome(last) != `"Done."` || hooked != times || !strings.Contains(text, want) {
				t.Errorf("called %d times, want %d: %s\n%s\n%s", hooked, times, outcome(last), text, transcript)
			}
			h, err := engine.ReadHistory(t.Context(), st, store.Key{Agent: last.Agent, Session: last.Session})
			if err != nil {
				t.Fatal(err)
			}
			if told := blocks(h.Messages[2].Blocks); !strings.Contains(told, want) {
				t.Errorf("the log says %s", told)
			}
		})
	}
}

// TestInterruptedScript interrupts a script that has called a command: it runs again only if that may be repeated, or the
// step has another try.
func TestInterruptedScript(t *testing.T) {
	for _, tt := range []struct{ name, step, command, want string }{
		{"once", "", "", "step_failed: after it had called stock"},
		{"idempotent", "", "idempotent: true\n", `"ordered\n"`},
		{"another try", ", retry: {attempts: 2}", "", `"ordered\n"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			project := agentFile("description: Order.\nmodel: test/m\ncommands: [stock]\nsteps: [{shell: stock order bolts" + tt.step + "}]\n")
			project[".flue/commands/stock.yaml"] = &fstest.MapFile{Data: []byte("description: The warehouse.\nhook: warehouse\nargs: [order bolts]\n" + tt.command)}
			hooked := 0
			st := memory.New()
			l := connect(t, "openai", project, st)
			l.cfg.Hooks = map[string]engine.Hook{"warehouse": func(ctx context.Context, c engine.HookCall) (engine.HookResult, error) {
				if hooked++; hooked == 1 {
					<-ctx.Done()
					return engine.HookResult{}, ctx.Err()
				}
				return engine.HookResult{Stdout: "ordered\n"}, nil
			}}
			run := l.interrupt(t, st, func(e engine.Event) bool { return e.Type == engine.CommandStart })
			last, transcript := l.resume(t, run)
			if got := outcome(last); got != tt.want && !fits(got, tt.want) {
				t.Errorf("got %s, want %s\n%s", got, tt.want, transcript)
			}
		})
	}
}

// TestLeaveAnywhere leaves the iterator behind every single event of each transcript: nothing of the run goes on, and it
// can be resumed to the same outcome, unless a call was interrupted, which a scripted model takes no notice of.
func TestLeaveAnywhere(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, name := range names {
		if base := filepath.Base(name); base == "check-fails.txtar" || base == "result-invalid.txtar" {
			continue // the tries that a step has are counted anew when it is resumed, and the script has no more turns
		}
		if filepath.Base(name) == "overflow.txtar" {
			continue // the script's fault happens anew when its turn is asked again, and then nothing is left to fold
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			project, payload := unpack(archive)
			req := engine.Request{Agent: "main", Payload: payload}
			whole, _ := finish(t, newEngine(t, project, memory.New()).Run(t.Context(), req))
			for n := 1; leaveAt(t, project, req, n, outcome(whole)); n++ {
			}
		})
	}
}

// leaveAt leaves a run behind its event n, resumes it and compares the outcome. It is false where the run is shorter.
func leaveAt(t *testing.T, project fstest.MapFS, req engine.Request, n int, want string) bool {
	st := memory.New()
	seen, run := 0, ""
	for event, err := range newEngine(t, project, st).Run(t.Context(), req) {
		if err != nil {
			t.Fatal(err)
		}
		run = event.Run
		if seen++; seen == n {
			break
		}
	}
	if left := goroutinesLeft("flue/engine.("); left != "" {
		t.Fatalf("left behind event %d, there is still\n%s", n, left)
	}
	stored, err := st.RunByID(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if stored.Settlement != nil { // it was settled while its last events were read
		got := string(stored.Settlement.Result)
		if stored.Settlement.Error != nil {
			got = string(stored.Settlement.Error)
		}
		if strings.Contains(got, "the caller has left") {
			t.Errorf("left behind event %d, the run is settled: %s", n, got)
		}
		return seen == n
	}
	calls := map[string]bool{} // begun and not ended
	for entry, err := range st.Entries(t.Context(), stored.Session, 0) {
		if err != nil {
			t.Fatal(err)
		}
		e, err := engine.EventOf(stored.Session, entry)
		if err != nil {
			t.Fatal(err)
		}
		switch e.Type {
		case engine.ToolStart:
			calls[e.Call] = true
		case engine.ToolEnd:
			delete(calls, e.Call)
		}
	}
	last, transcript := finish(t, newEngine(t, project, st).Resume(t.Context(), run))
	if got := outcome(last); got != want && len(calls) == 0 {
		t.Errorf("left behind event %d and resumed: %s, want %s\n%s", n, got, want, transcript)
	}
	return seen == n
}

// goroutinesLeft are the stacks of the goroutines that stay in a function, but for the test's own. One that has handed over
// its last word may still be returning, and has time for that.
func goroutinesLeft(function string) (left string) {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		var all bytes.Buffer
		_ = pprof.Lookup("goroutine").WriteTo(&all, 2)
		stacks := slices.DeleteFunc(strings.Split(all.String(), "\n\n"), func(s string) bool {
			return !strings.Contains(s, function) || strings.Contains(s, "testing.tRunner")
		})
		if left = strings.Join(stacks, "\n\n"); left == "" {
			break
		}
	}
	return left
}

func TestTimeouts(t *testing.T) {
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	silent := modeltest.Answer{Hold: never}
	sleeps := calls(call("bash", `{"command": "sleep 1000"}`))
	steps := func(first string) string {
		return fmt.Sprintf("description: Two.\nmodel: test/m\nsteps:\n  - {prompt: One., timeout: 400ms, continue_on_error: true%s}\n  - prompt: Two.\n", first)
	}
	for _, tt := range []struct {
		name, agent string
		answers     []modeltest.Answer
		want        string
		told        []string
	}{
		{"a provider that never answers", translator + "limits: {timeout: 400ms}\n", []modeltest.Answer{silent}, "limit_timeout: timeout of 400ms", nil},
		{"a call that never ends", translator + "limits: {timeout: 400ms}\n", []modeltest.Answer{sleeps}, "limit_timeout: timeout of 400ms", nil},
		{"a stream that stalls", translator + "limits: {timeout: 20ms}\n", []modeltest.Answer{{Text: "one two three", Stall: true}}, "limit_timeout: timeout of 20ms", nil},
		{"a step's provider", steps(""), []modeltest.Answer{silent, says("Done.")}, `"Done."`, []string{"One.", "Two."}},
		{"a step's call", steps(""), []modeltest.Answer{sleeps, says("Done.")}, `"Done."`, []string{"One.", model.Interrupted, "Two."}},
		{"each try of a step", steps(", retry: {attempts: 2}"), []modeltest.Answer{silent, silent, says("Done.")}, `"Done."`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			st := memory.New()
			l := connect(t, "openai", agentFile(tt.agent), st, tt.answers...)
			last, transcript := l.run(t, "")
			if got := outcome(last); got != tt.want && !fits(got, tt.want) {
				t.Errorf("got %s, want %s\n%s", got, tt.want, transcript)
			}
			if stored, err := st.RunByID(t.Context(), last.Run); err != nil || stored.Settlement == nil {
				t.Errorf("the run is not settled: %+v, %v", stored, err)
			}
			requests := l.server.Requests()
			if err := inOrder(conversation(t, requests[len(requests)-1]), tt.told); err != nil {
				t.Errorf("%v in\n%s", err, requests[len(requests)-1].Body)
			}
		})
	}
}

// TestResumeWaitsForAgentStep resumes a run whose process was killed while an agent step was at work: the lease of the other
// run's session ends later than its own. It waits for that, and does not fail.
func TestResumeWaitsForAgentStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := memory.New()
		project := fstest.MapFS{
			".flue/agents/main.yaml":   {Data: []byte("steps: [{agent: helper}]\n")},
			".flue/agents/helper.yaml": {Data: []byte("steps: [{shell: sleep 1; echo helped}]\n")},
		}
		cfg := config(t, project, st)
		cfg.Now = time.Now
		run := ""
		for e, err := range start(t, cfg).Run(t.Context(), engine.Request{Agent: "main", Session: "s"}) {
			if err != nil {
				t.Fatal(err)
			}
			if run = e.Run; e.Type == engine.TaskStart {
				break
			}
		}
		if _, err := st.Claim(t.Context(), store.Key{Agent: "helper", Session: "s:1"}, "dead", 30*time.Second); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		last, transcript := finish(t, start(t, cfg).Resume(t.Context(), run))
		if got := outcome(last); got != `"helped\n"` {
			t.Errorf("got %s\n%s", got, transcript)
		}
		if took := time.Since(began); took < 30*time.Second || took > 32*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
