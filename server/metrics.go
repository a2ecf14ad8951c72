package server

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// buckets are the upper bounds of the histogram of requests, in seconds.
var buckets = []float64{.005, .025, .1, .5, 2.5, 10, 60, 300}

// metrics counts what happened. The zero value is ready.
type metrics struct {
	streams atomic.Int64 // that are open

	mu       sync.Mutex
	requests map[requestLabels]*requestCount
	firings  map[firingLabels]int64
}

type firingLabels struct {
	agent   string
	outcome firing
}

// firing counts a slot of an agent's schedule.
func (m *metrics) firing(agent string, outcome firing) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.firings == nil {
		m.firings = map[firingLabels]int64{}
	}
	m.firings[firingLabels{agent, outcome}]++
}

type requestLabels struct {
	route, method string
	status        int
}

type requestCount struct {
	count   int64
	seconds float64
	within  [8]int64 // as many as buckets: no longer than each
}

// answered counts a request.
func (m *metrics) answered(r *http.Request, status int, took time.Duration) {
	labels := requestLabels{cmp.Or(r.Pattern, "none"), r.Method, status}
	if !slices.Contains([]string{"GET", "HEAD", "POST", "DELETE", "OPTIONS"}, r.Method) {
		labels.method = "other" // clients do not decide how many labels there are
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.requests == nil {
		m.requests = map[requestLabels]*requestCount{}
	}
	c := m.requests[labels]
	if c == nil {
		c = &requestCount{}
		m.requests[labels] = c
	}
	c.count++
	c.seconds += took.Seconds()
	for i, bound := range buckets {
		if took.Seconds() <= bound {
			c.within[i]++
		}
	}
}

// showMetrics answers GET /metrics in the text format of Prometheus.
func (s *Server) showMetrics(w http.ResponseWriter, _ *http.Request) error {
	var b bytes.Buffer
	gauge := func(name, help string, value any) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n%s %v\n", name, help, name, name, value)
	}
	stats := s.cfg.Runner.Stats()
	fmt.Fprintf(&b, "# HELP flue_info The version of flue.\n# TYPE flue_info gauge\nflue_info{version=%q} 1\n", s.cfg.Version)
	gauge("flue_runs_running", "Runs that are carried out now.", stats.Running)
	gauge("flue_runs_queued", "Runs that were accepted and wait.", stats.Queued)
	gauge("flue_streams", "Event streams that are open.", s.metrics.streams.Load())
	s.metrics.write(&b)
	s.metrics.writeFirings(&b)
	if s.cfg.Limits != nil {
		const name = "flue_sandbox_limits_total"
		fmt.Fprintf(&b, "# HELP %s Scripts that a limit of their sandbox ended.\n# TYPE %s counter\n", name, name)
		struck := s.cfg.Limits()
		for _, limit := range slices.Sorted(maps.Keys(struck)) {
			fmt.Fprintf(&b, "%s{limit=%q} %d\n", name, limit, struck[limit])
		}
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	gauge("go_goroutines", "Goroutines of the process.", runtime.NumGoroutine())
	gauge("go_memstats_heap_inuse_bytes", "Bytes of the heap in use.", memory.HeapInuse)
	h := w.Header()
	h.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.hurry(w)
	w.Write(b.Bytes()) // a client that is gone needs no answer
	return nil
}

// write writes the histogram of requests.
func (m *metrics) write(b *bytes.Buffer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	const name = "flue_http_request_duration_seconds"
	fmt.Fprintf(b, "# HELP %s How long requests took; those of streams and of runs that were waited for are long.\n# TYPE %s histogram\n", name, name)
	order := func(a, b requestLabels) int {
		return cmp.Or(strings.Compare(a.route, b.route), strings.Compare(a.method, b.method), a.status-b.status)
	}
	for _, l := range slices.SortedFunc(maps.Keys(m.requests), order) {
		c := m.requests[l]
		labels := fmt.Sprintf("route=%q,method=%q,status=\"%d\"", l.route, l.method, l.status)
		for i, bound := range buckets {
			fmt.Fprintf(b, "%s_bucket{%s,le=%q} %d\n", name, labels, strconv.FormatFloat(bound, 'g', -1, 64), c.within[i])
		}
		fmt.Fprintf(b, "%s_bucket{%s,le=\"+Inf\"} %d\n%s_sum{%s} %g\n%s_count{%s} %d\n", name, labels, c.count, name, labels, c.seconds, name, labels, c.count)
	}
}

// writeFirings writes what became of the slots of schedules.
func (m *metrics) writeFirings(b *bytes.Buffer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	const name = "flue_schedule_firings_total"
	fmt.Fprintf(b, "# HELP %s Times of schedules that have come, by what became of them.\n# TYPE %s counter\n", name, name)
	order := func(a, b firingLabels) int {
		return cmp.Or(strings.Compare(a.agent, b.agent), strings.Compare(string(a.outcome), string(b.outcome)))
	}
	for _, l := range slices.SortedFunc(maps.Keys(m.firings), order) {
		fmt.Fprintf(b, "%s{agent=%q,outcome=%q} %d\n", name, l.agent, string(l.outcome), m.firings[l])
	}
}
