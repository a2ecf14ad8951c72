package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// helloAnswer is what the model says to hello-world.
const helloAnswer = `data: {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", ` +
	`"function": {"name": "finish", "arguments": "{\"translation\": \"Bonjour le monde\", \"confidence\": \"high\"}"}}]}}]}

data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}

data: [DONE]

`

// BenchmarkProgram runs the built program as a user would, against a model on loopback that answers at once. It tells
// the median and the least wall time in ms, the peak of resident memory in MB, and both as multiples of a bare program that makes the
// same request.
func BenchmarkProgram(b *testing.B) {
	flue := build(b, ".")
	bare := build(b, "./testdata/bare")
	measure := build(b, "./testdata/measure")
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, helloAnswer)
	}))
	b.Cleanup(model.Close)
	project := b.TempDir()
	if err := os.CopyFS(project, os.DirFS(filepath.Join("..", "..", "examples", "hello-world"))); err != nil {
		b.Fatal(err)
	}
	run := []string{flue, "run", "hello-world", "--dir", project, "--model", "openai/gpt-5-mini", "--payload", `{"text":"Hello world","language":"French"}`}
	var reference cost
	for _, bm := range []struct {
		name string
		args []string
		want string // of stdout
	}{
		{"bare", []string{bare}, "Bonjour le monde"},
		{"version", []string{flue, "version"}, "flue"},
		{"run", run, "Bonjour le monde"},
		{"run-ephemeral", append(slices.Clone(run), "--ephemeral"), "Bonjour le monde"},
		{"lint", []string{flue, "lint", project}, ""},
	} {
		b.Run(bm.name, func(b *testing.B) {
			var costs []cost
			for b.Loop() {
				costs = append(costs, execute(b, measure, bm.want, "OPENAI_BASE_URL="+model.URL+"/v1", bm.args...))
			}
			c := median(costs)
			if bm.name == "bare" {
				reference = c
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(milliseconds(c.wall), "ms")
			b.ReportMetric(milliseconds(fastest(costs)), "ms-best")
			b.ReportMetric(float64(c.peak)/(1<<20), "MB-peak")
			if reference.wall > 0 {
				b.ReportMetric(float64(c.wall)/float64(reference.wall), "x-bare")
				b.ReportMetric(float64(c.peak)/float64(reference.peak), "x-bare-peak")
			}
		})
	}
	b.Run("size", func(b *testing.B) {
		info, err := os.Stat(flue)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(info.Size())/(1<<20), "MB-binary")
	})
}

// build compiles a program as a release is.
func build(b *testing.B, dir string) string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "program")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, dir)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", dir, err, out)
	}
	return program
}

// cost is what one execution of a program took.
type cost struct {
	wall time.Duration
	peak int64 // bytes
}

// execute runs a program through measure.
func execute(b *testing.B, measure, want, env string, args ...string) cost {
	b.Helper()
	report := filepath.Join(b.TempDir(), "cost")
	cmd := exec.Command(measure, append([]string{report}, args...)...)
	cmd.Env = []string{env, "OPENAI_API_KEY=x", "HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH")}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || !bytes.Contains(stdout.Bytes(), []byte(want)) {
		b.Fatalf("%v: %v\n%s%s", args, err, stdout.Bytes(), stderr.Bytes())
	}
	text, err := os.ReadFile(report)
	if err != nil {
		b.Fatal(err)
	}
	var c cost
	if _, err := fmt.Sscan(string(text), (*int64)(&c.wall), &c.peak); err != nil {
		b.Fatalf("read the cost %q: %v", text, err)
	}
	return c
}

// median is the median of each part.
func median(costs []cost) cost {
	slices.SortFunc(costs, func(a, b cost) int { return int(a.wall - b.wall) })
	wall := costs[len(costs)/2].wall
	slices.SortFunc(costs, func(a, b cost) int { return int(a.peak - b.peak) })
	return cost{wall, costs[len(costs)/2].peak}
}

// fastest is the least wall time: what counts on a machine that others use, too.
func fastest(costs []cost) time.Duration {
	return slices.MinFunc(costs, func(a, b cost) int { return int(a.wall - b.wall) }).wall
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
