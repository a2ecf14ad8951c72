package engine_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"golang.org/x/tools/txtar"
)

// TestStoredEventsReadAsLive compares each event of all transcripts, as it is handed out, with what the log has of it: a
// reader that comes back must see the same bytes.
func TestStoredEventsReadAsLive(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			project, payload := unpack(archive)
			readAsLive(t, project, payload)
		})
	}
	t.Run("numbers", func(t *testing.T) {
		readAsLive(t, agentFile("description: Numbers.\nsteps: [{shell: 'true'}]\nreturn: ${{ payload.all }}\n"),
			json.RawMessage(`{"all": [1.0, 1e3, 12345678901234567890, 0.1, -0, "<&>\u2028"]}`))
	})
}

func readAsLive(t *testing.T, project fstest.MapFS, payload json.RawMessage) {
	t.Helper()
	st := memory.New()
	var live []string
	for e, err := range newEngine(t, project, st).Run(t.Context(), engine.Request{Agent: "main", Session: "s", Payload: payload}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.ID != 0 {
			live = append(live, compact(e))
		}
	}
	key := store.Key{Agent: "main", Session: "s"}
	for entry, err := range st.Entries(t.Context(), key, 0) {
		if err != nil {
			t.Fatal(err)
		}
		e, err := engine.EventOf(key, entry)
		if err != nil {
			t.Fatal(err)
		}
		if got := compact(e); got != live[e.ID-1] {
			t.Errorf("event %d was\n%s\nand reads\n%s", e.ID, live[e.ID-1], got)
		}
	}
}
