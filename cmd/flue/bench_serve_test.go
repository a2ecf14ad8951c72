package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/sqlite"
)

const payload = `{"question": "How long does a refund take?"}`

var short = post("short", "", payload)

// serving is what BenchmarkServe measures with: the built programs and a project.
type serving struct {
	flue, project string
	env           []string
	model         *service
}

// BenchmarkServe measures `flue serve` as it is shipped, and beside it, in the same run and in turns with it, a bare server
// that asks the model and answers. The model is a third process, the clients are this one. x-floor says how many times as
// much it is as with the bare server.
func BenchmarkServe(b *testing.B) {
	s := newServing(b)
	durable := s.serve(b, "sqlite")
	memory := s.serve(b, "memory")
	durable.load(b, 1, short, 50*time.Millisecond)
	floor := s.floor(b)
	all := []*service{floor, durable, memory}

	s.runs(b, all)
	s.streams(b, all[:2])
	s.starts(b)
	s.memory(b)
	s.resume(b)
	s.syncs(b)
}

func newServing(b *testing.B) *serving {
	s := &serving{flue: build(b, "."), project: b.TempDir()}
	s.model = launch(b, "model", "/last", nil, build(b, "./testdata/answers"))
	s.env = []string{"MODEL_URL=http://" + s.model.host + "/v1"}
	files := map[string]string{"flue.yaml": "providers:\n  bench: {api: openai, base_url: \"" + s.env[0][len("MODEL_URL="):] + "\"}\n"}
	for _, name := range []string{"short", "long"} {
		files["agents/"+name+".yaml"] = "description: Answer.\ntriggers: {webhook: true}\nmodel: bench/" + name + "\n" +
			"payload: {type: object, required: [question], properties: {question: {type: string}}}\nprompt: ${{ payload.question }}\n"
	}
	for name, text := range files {
		name = filepath.Join(s.project, ".flue", name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// serve starts flue serve; sqlite is a store in a new file, anything else what --store says.
func (s *serving) serve(b *testing.B, name string) *service {
	b.Helper()
	kept := name
	if name == "sqlite" {
		kept = filepath.Join(b.TempDir(), "flue.db")
	}
	return launch(b, name, "/ready", s.env, s.flue, "serve", "--dir", s.project, "--address", "127.0.0.1:0", "--store", kept)
}

// floor starts the bare server, which asks the model what flue has just asked it.
func (s *serving) floor(b *testing.B) *service {
	res, err := http.Get("http://" + s.model.host + "/last")
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "request")
	if err := os.WriteFile(file, []byte(strings.Replace(string(body), `"model":"short"`, `"model":"MODEL"`, 1)), 0o666); err != nil {
		b.Fatal(err)
	}
	return launch(b, "floor", "/ready", s.env, build(b, "./testdata/floor"), file)
}

// metric is one figure: in turns measured with each service, so that what others do on the machine meets all of them alike.
type metric struct {
	values map[string][]float64
}

func (m *metric) add(name string, value float64) {
	if m.values == nil {
		m.values = map[string][]float64{}
	}
	m.values[name] = append(m.values[name], value)
}

// middle is the median of what was measured with a service.
func (m *metric) middle(name string) float64 { return middle(m.values[name]) }

// overFloor is the median of the ratios to the floor, turn by turn.
func (m *metric) overFloor(name string) float64 {
	ratios := make([]float64, len(m.values[name]))
	for i, v := range m.values[name] {
		ratios[i] = v / m.values["floor"][i]
	}
	return middle(ratios)
}

func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// tell reports figures as a benchmark of their own.
func tell(b *testing.B, name string, figures map[string]float64) {
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(0, "ns/op")
		for unit, value := range figures {
			b.ReportMetric(value, unit)
		}
	})
}

// runs measures short runs, each in a new session.
func (s *serving) runs(b *testing.B, all []*service) {
	for _, one := range all {
		one.load(b, 64, short, 500*time.Millisecond) // connections and caches are as they will be
	}
	for _, connections := range []int{64, 1} {
		var rate, took metric
		for range 5 {
			for _, one := range all {
				l := one.load(b, connections, short, 400*time.Millisecond)
				rate.add(one.name, l.perSecond)
				took.add(one.name, l.median.Seconds()*1000)
			}
		}
		for _, one := range all {
			figures := map[string]float64{"runs/s": rate.middle(one.name), "ms-p50": took.middle(one.name)}
			if one.name != "floor" {
				figures["runs/s-x-floor"], figures["ms-p50-x-floor"] = rate.overFloor(one.name), took.overFloor(one.name)
			}
			tell(b, fmt.Sprintf("connections=%d/%s", connections, one.name), figures)
		}
	}
}

// streams measures an answer of 2,000 chunks to a client of its events.
func (s *serving) streams(b *testing.B, all []*service) {
	var took metric
	for range 8 {
		for _, one := range all {
			took.add(one.name, one.stream(b).Seconds()*1000)
		}
	}
	for _, one := range all {
		figures := map[string]float64{"ms": took.middle(one.name), "ms-best": slices.Min(took.values[one.name])}
		if one.name != "floor" {
			figures["x-floor"] = took.overFloor(one.name)
		}
		tell(b, "chunks=2000/"+one.name, figures)
	}
}

// starts measures the time from a start on a store that is there to the first answer.
func (s *serving) starts(b *testing.B) {
	var took []float64
	file := filepath.Join(b.TempDir(), "flue.db")
	for range 11 {
		one := launch(b, "start", "/ready", s.env, s.flue, "serve", "--dir", s.project, "--address", "127.0.0.1:0", "--store", file)
		took = append(took, one.ready.Seconds()*1000)
		one.process.Process.Signal(os.Interrupt)
	}
	tell(b, "ready", map[string]float64{"ms": middle(took), "ms-best": slices.Min(took)})
}

// memory measures what sessions that are over and readers that wait leave in the server.
func (s *serving) memory(b *testing.B) {
	one := s.serve(b, "sqlite")
	figures := map[string]float64{"MB-start": one.memory(b)}
	do := func(runs int) float64 {
		for range runs / 500 {
			c := make([]*connection, 50)
			for i := range c {
				c[i] = one.dial(b)
			}
			done := make(chan bool)
			for _, c := range c {
				go func() {
					for range 10 {
						c.ask(b, short)
					}
					c.Close()
					done <- true
				}()
			}
			for range c {
				<-done
			}
		}
		return one.settled(b)
	}
	warm := do(500)
	figures["MB-warm"] = warm
	figures["MB-5000-sessions-more"] = do(5000) - warm
	before := one.memory(b)
	client := one.dial(b)
	defer client.Close()
	client.ask(b, post("short/followed", "", payload))
	for range 1000 {
		reader := one.dial(b)
		defer reader.Close()
		if _, err := io.WriteString(reader, "GET /agents/short/followed/events?after=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			b.Fatal(err)
		}
		if _, err := reader.in.ReadString('\n'); err != nil {
			b.Fatal(err)
		}
	}
	figures["MB-1000-readers-more"] = one.settled(b) - before
	tell(b, "memory", figures)
}

// resume measures a run in a session that has 10,000 entries, and one in a new session.
func (s *serving) resume(b *testing.B) {
	file := filepath.Join(b.TempDir(), "flue.db")
	st, err := sqlite.Open(b.Context(), file)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 7 {
		fill(b, st, store.Key{Agent: "short", Session: fmt.Sprint("s", i)}, 10_000)
	}
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
	one := launch(b, "long sessions", "/ready", s.env, s.flue, "serve", "--dir", s.project, "--address", "127.0.0.1:0", "--store", file)
	c := one.dial(b)
	defer c.Close()
	var took []float64
	for i := range 7 {
		begun := time.Now()
		c.ask(b, post(fmt.Sprintf("short/s%d", i), "", payload))
		took = append(took, time.Since(begun).Seconds()*1000)
	}
	fresh := one.load(b, 1, short, 200*time.Millisecond).median
	tell(b, "entries=10000", map[string]float64{"ms": middle(took), "ms-best": slices.Min(took), "ms-new-session": fresh.Seconds() * 1000})
}

// fill makes a session with so many entries: turns with calls, as a run writes them.
func fill(b *testing.B, st store.Store, key store.Key, entries int) {
	b.Helper()
	run := "run_" + key.Session
	if _, err := st.Admit(b.Context(), store.Admission{Run: run, Session: key, Payload: json.RawMessage(payload)}); err != nil {
		b.Fatal(err)
	}
	lease, err := st.Claim(b.Context(), key, "bench", time.Minute)
	if err != nil {
		b.Fatal(err)
	}
	usage, no := &model.Usage{Input: 1000, Output: 50}, false
	args := json.RawMessage(`{"path": "internal/config/load.go", "offset": 100}`)
	var all []store.Entry
	for i := 0; i < entries; i += 5 {
		call := fmt.Sprint("call_", i)
		said := model.Message{Role: model.Assistant, Stop: model.StopCalls, Usage: usage, Blocks: []model.Block{
			{Type: model.TextBlock, Text: "Now the next file."}, {Type: model.CallBlock, ID: call, Name: "read", Args: args}}}
		if i == 0 {
			said = model.UserText("Find it.")
		}
		for _, e := range []engine.Event{
			{Type: engine.TurnStart, Turn: i + 1, Model: "bench/short"}, {Type: engine.MessageStored, Message: &said}, {Type: engine.TurnEnd, Usage: usage},
			{Type: engine.ToolStart, Tool: "read", Call: call, Args: args},
			{Type: engine.ToolEnd, Tool: "read", Call: call, IsError: &no, Result: "func Load(path string) (*Config, error) {\n\tdata, err := os.ReadFile(path)"},
		} {
			data, err := json.Marshal(e)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, store.Entry{Run: run, Type: string(e.Type), Time: time.Now(), Data: data})
		}
	}
	for batch := range slices.Chunk(all, 5) {
		if _, err := st.Append(b.Context(), lease, batch...); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := st.Settle(b.Context(), lease, run, store.Settlement{Outcome: store.Completed}, store.Release); err != nil {
		b.Fatal(err)
	}
}

var syncCalls = regexp.MustCompile(`(?m)(\d+) +(?:\d+ +)?f(?:data)?sync$`)

// syncs counts with strace how often the server has the disk write, for each run.
func (s *serving) syncs(b *testing.B) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		b.Log("syncs are not counted: ", err)
		return
	}
	figures := map[string]float64{}
	for _, connections := range []int{1, 64} {
		counts := filepath.Join(b.TempDir(), "counts")
		file := filepath.Join(b.TempDir(), "flue.db")
		runs := 1
		b.Run("traced", func(b *testing.B) {
			one := launch(b, "traced", "/ready", s.env, strace, "-D", "-f", "--seccomp-bpf", "-c", "-U", "calls,errors,name", "-e", "trace=fsync,fdatasync", "-o", counts,
				s.flue, "serve", "--dir", s.project, "--address", "127.0.0.1:0", "--store", file)
			runs = one.load(b, connections, short, time.Second).runs
		})
		told, err := os.ReadFile(counts)
		if err != nil {
			b.Fatal(err)
		}
		syncs := 0
		for _, found := range syncCalls.FindAllStringSubmatch(string(told), -1) {
			n, err := strconv.Atoi(found[1])
			if err != nil {
				b.Fatal(err)
			}
			syncs += n
		}
		figures[fmt.Sprintf("syncs/run-%d-connections", connections)] = float64(syncs) / float64(runs)
	}
	tell(b, "syncs", figures)
}
