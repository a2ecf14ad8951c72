package lint

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/flue-run/flue/spec"
)

// BenchmarkCold loads and checks hello-world in a process of its own each time, as flue run does: no schema is compiled
// yet. It tells the means of both in ms.
func BenchmarkCold(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var load, check time.Duration
	for b.Loop() {
		cmd := exec.Command(self, "-test.run", "^TestColdChild$")
		cmd.Env = append(os.Environ(), "FLUE_COLD=../../examples/hello-world")
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		var one, other time.Duration
		if _, err := fmt.Sscan(string(out), (*int64)(&one), (*int64)(&other)); err != nil {
			b.Fatalf("read %q: %v", out, err)
		}
		load, check = load+one, check+other
	}
	b.ReportMetric(float64(load.Microseconds())/1000/float64(b.N), "ms-load")
	b.ReportMetric(float64(check.Microseconds())/1000/float64(b.N), "ms-check")
}

// TestColdChild is what BenchmarkCold starts.
func TestColdChild(t *testing.T) {
	dir := os.Getenv("FLUE_COLD")
	if dir == "" {
		t.Skip("a part of BenchmarkCold")
	}
	start := time.Now()
	project, problems := spec.Load(os.DirFS(dir))
	load := time.Since(start)
	Check(project, problems)
	fmt.Println(load.Nanoseconds(), (time.Since(start) - load).Nanoseconds())
}
