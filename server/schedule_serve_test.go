package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/google/go-cmp/cmp"
)

const clockProject = `
-- report.yaml --
prompt: Report of ${{ payload.day }}.
triggers: {cron: [{schedule: "0 %d * * *", timezone: Europe/Berlin, overlap: queue, session: "r-${{ date }}", payload: {day: "${{ date }}"}}]}
`

// TestServeFiresSchedules has a server serve a project with a schedule, then another.
func TestServeFiresSchedules(t *testing.T) {
	st := memory.New()
	defer st.Close()
	node := engine.NewNode(testEngine(t, testProject(t, fmt.Sprintf(clockProject, 9)), st), engine.NodeConfig{})
	c := newClock(t, "2026-03-29T06:00:00Z")
	s, err := New(Config{Runner: node, Store: st, Log: slog.New(slog.DiscardHandler), Now: c.now, After: c.after})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) string {
		r := httptest.NewRequest("GET", "http://localhost"+path, nil)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Body.String()
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln, time.Second) }()
	c.settle()
	if body := get("/agents/report"); !strings.Contains(body, `"next":"2026-03-29T09:00:00+02:00"`) {
		t.Errorf("the next time is not told: %s", body)
	}
	c.until(parseTime(t, "2026-03-29T07:00:00Z"))
	node.Reload(testEngine(t, testProject(t, fmt.Sprintf(clockProject, 11)), st))
	s.Reloaded()
	c.pending = nil // it waits anew
	c.until(parseTime(t, "2026-03-30T08:00:00Z"))
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	runs, err := st.Runs(t.Context(), store.RunQuery{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, run := range runs {
		var trigger engine.Trigger
		if err := json.Unmarshal(run.Trigger, &trigger); err != nil {
			t.Fatal(err)
		}
		got[run.Session.String()] = trigger.Kind + " " + string(run.Payload)
	}
	// Nine o'clock of the first day by the first project, eleven by the second, which has no nine o'clock.
	want := map[string]string{"report/r-2026-03-29": `cron {"day":"2026-03-29"}`}
	if diff := cmp.Diff(want, got); diff != "" || len(runs) != 2 {
		t.Errorf("%d runs, -want +got:\n%s", len(runs), diff)
	}
	if metrics := get("/metrics"); !strings.Contains(metrics, `flue_schedule_firings_total{agent="report",outcome="fired"} 2`) {
		t.Errorf("not counted: %s", metrics)
	}
}
