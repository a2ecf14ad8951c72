package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
)

// notes is an agent that adds the payload's text to a file and to the conversation, and tells the whole file.
var notes = fstest.MapFS{
	".flue/agents/main.yaml": {Data: []byte("model: scripted/echo\npayload: {type: object, properties: {text: {type: string}}}\n" +
		"steps: [{shell: 'echo ${{ payload.text }} >>all'}, {prompt: 'Note ${{ payload.text }}.'}, {id: all, shell: 'paste -sd, all'}]\nreturn: ${{ steps.all.stdout }}\n")},
	".flue/models/echo.yaml": {Data: []byte("turns: [{calls: [{bash: {command: cat all}}]}, {text: 'Noted ${{ payload.text }}.'}]\n")},
}

// note runs the agent once and returns its file and the session's last entry.
func note(t *testing.T, st store.Store, session, text string) (file string, last int64) {
	t.Helper()
	done, _ := finish(t, newEngine(t, notes, st).Run(t.Context(), engine.Request{Agent: "main", Session: session, Payload: fmt.Appendf(nil, `{"text": %q}`, text)}))
	file, _ = done.Result.(string)
	return strings.TrimSpace(file), done.ID
}

// said is what counts of a session: the texts of its messages.
func said(t *testing.T, st store.Store, session string) string {
	t.Helper()
	h, err := engine.ReadHistory(t.Context(), st, store.Key{Agent: "main", Session: session})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, m := range h.Messages {
		if text := m.Text(); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " ")
}

func TestRewindAndFork(t *testing.T) {
	st := memory.New()
	main := store.Key{Agent: "main", Session: "s"}
	rewind := func(to int64) {
		t.Helper()
		if err := engine.RewindSession(t.Context(), st, main, to, day); err != nil {
			t.Fatal(err)
		}
	}
	fork := func(session string, at int64) {
		t.Helper()
		if err := engine.ForkSession(t.Context(), st, main, session, at, day); err != nil {
			t.Fatal(err)
		}
	}
	check := func(session, messages, next, file string) {
		t.Helper()
		if got := said(t, st, session); got != messages {
			t.Errorf("session %s says %q, want %q", session, got, messages)
		}
		if got, _ := note(t, st, session, next); got != file {
			t.Errorf("the next run in session %s sees the file %q, want %q", session, got, file)
		}
	}
	const a, b = "Note a. Noted a.", "Note b. Noted b."
	_, first := note(t, st, "s", "a")
	_, second := note(t, st, "s", "b")
	fork("whole", -1)
	fork("early", first)
	check("whole", a+" "+b, "c", "a,b,c")
	check("early", a, "c", "a,c")

	rewind(first)
	fork("rewound", -1)
	check("rewound", a, "c", "a,c")
	check("s", a, "d", "a,d")
	rewind(second) // brings back what the first rewind took away
	check("s", a+" "+b, "e", "a,b,e")
	rewind(second + 1) // is the first rewind: what counted behind it
	check("s", a, "f", "a,f")
	rewind(0)
	if got := said(t, st, "s"); got != "" {
		t.Errorf("a session that was rewound to its beginning says %q", got)
	}
	check("s", "", "g", "g")
	check("whole", a+" "+b+" Note c. Noted c.", "d", "a,b,c,d") // is a session of its own
}

// TestForkAnywhere cuts a session behind each of its entries: a call whose result is cut off is answered.
func TestForkAnywhere(t *testing.T) {
	st := memory.New()
	main := store.Key{Agent: "main", Session: "s"}
	_, last := note(t, st, "s", "a")
	for at := int64(1); at <= last; at++ {
		session := fmt.Sprint("s", at)
		if err := engine.ForkSession(t.Context(), st, main, session, at, day); err != nil {
			t.Fatal(err)
		}
		h, err := engine.ReadHistory(t.Context(), st, store.Key{Agent: "main", Session: session})
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(h.Events)) != at+1 || h.Events[at].Type != engine.Fork || h.Events[at].From != "s" || h.Events[at].To != at {
			t.Errorf("cut at %d, the log is %+v", at, h.Events)
		}
		open := map[string]bool{}
		for _, m := range h.Messages {
			for _, call := range m.Calls() {
				open[call.ID] = true
			}
			for _, block := range m.Blocks {
				if block.Type == "result" {
					delete(open, block.ID)
				}
			}
		}
		if len(open) > 0 {
			t.Errorf("cut at %d, calls have no results: %v", at, open)
		}
	}
}

func TestForkAndRewindRefuse(t *testing.T) {
	st := memory.New()
	key := store.Key{Agent: "main", Session: "s"}
	_, first := note(t, st, "s", "a")
	_, last := note(t, st, "s", "b")
	if err := engine.RewindSession(t.Context(), st, key, first, day); err != nil {
		t.Fatal(err)
	}
	open := store.Key{Agent: "main", Session: "open"}
	unfinished(t, st, open, "run_1")
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"fork at no entry", engine.ForkSession(t.Context(), st, key, "new", last+2, day), "its entries are 1 to"},
		{"fork at entry 0", engine.ForkSession(t.Context(), st, key, "new", 0, day), "has no entry 0"},
		{"fork at what was taken back", engine.ForkSession(t.Context(), st, key, "new", last, day), "was taken back"},
		{"fork onto a session", engine.ForkSession(t.Context(), st, key, "open", -1, day), "there is a session main/open already"},
		{"fork onto no id", engine.ForkSession(t.Context(), st, key, "../new", -1, day), "is no session id"},
		{"fork of an unfinished run", engine.ForkSession(t.Context(), st, open, "new", -1, day), "has an unfinished run"},
		{"rewind to no entry", engine.RewindSession(t.Context(), st, key, last+2, day), "its entries are 1 to"},
		{"rewind to less than none", engine.RewindSession(t.Context(), st, key, -1, day), "has no entry -1"},
		{"rewind of an unfinished run", engine.RewindSession(t.Context(), st, open, 1, day), "has an unfinished run"},
	} {
		var request *engine.RequestError
		if !errors.As(tt.err, &request) || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, tt.err, tt.want)
		}
	}
	all, err := st.Sessions(t.Context(), store.SessionQuery{})
	if err != nil || slices.ContainsFunc(all, func(s store.Session) bool { return s.Key.Session == "new" || s.Leased }) {
		t.Errorf("there is a new session, or a leased one: %+v, %v", all, err)
	}
}
