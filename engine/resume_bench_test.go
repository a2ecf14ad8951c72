package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/sqlite"
)

// longSession makes a session with so many entries: turns with calls, as a run writes them.
func longSession(t testing.TB, st store.Store, key store.Key, entries int) {
	t.Helper()
	if _, err := st.Admit(t.Context(), store.Admission{Run: "run_0", Session: key, Payload: json.RawMessage(`{"n": 1}`)}); err != nil {
		t.Fatal(err)
	}
	l, err := st.Claim(t.Context(), key, "me", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	usage := &model.Usage{Input: 1000, Output: 50}
	no := false
	for i := 0; i < entries; i += 5 {
		call := fmt.Sprint("call_", i)
		answer := model.Message{Role: model.Assistant, Stop: model.StopCalls, Usage: usage, Blocks: []model.Block{
			{Type: model.TextBlock, Text: "Now I look at the next file, which should tell where the configuration is read."},
			{Type: model.CallBlock, ID: call, Name: "read", Args: json.RawMessage(`{"path": "internal/config/load.go", "offset": 100}`)}}}
		if i == 0 {
			answer = model.UserText("Find it.")
		}
		var batch []store.Entry
		for _, e := range []engine.Event{
			{Type: engine.TurnStart, Turn: i + 1, Model: "test/m"},
			{Type: engine.MessageStored, Message: &answer},
			{Type: engine.TurnEnd, Usage: usage},
			{Type: engine.ToolStart, Tool: "read", Call: call, Args: json.RawMessage(`{"path": "internal/config/load.go", "offset": 100}`)},
			{Type: engine.ToolEnd, Tool: "read", Call: call, IsError: &no, Result: "func Load(path string) (*Config, error) {\n\tdata, err := os.ReadFile(path)\n\tif err != nil {\n\t\treturn nil, err\n\t}\n"},
		} {
			data, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			batch = append(batch, store.Entry{Run: "run_0", Type: string(e.Type), Time: day, Data: data})
		}
		if _, err := st.Append(t.Context(), l, batch...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.Settle(t.Context(), l, "run_0", store.Settlement{Outcome: store.Completed}, store.Release); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkResume is a run of one turn in a session that has 10,000 entries already.
func BenchmarkResume(b *testing.B) {
	st, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "flue.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	key := store.Key{Agent: "main", Session: "long"}
	longSession(b, st, key, 10_000)
	e := helping(b, st, helper, func(context.Context, *model.Request) string { return "Done" })
	b.ReportAllocs()
	for b.Loop() {
		finish(b, e.Run(b.Context(), ask("long", 1)))
	}
}
