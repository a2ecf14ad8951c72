package shell

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// BenchmarkRun measures whole Execs of typical scripts.
func BenchmarkRun(b *testing.B) {
	for _, c := range []struct{ name, script string }{
		{"echo", `echo hi`},
		{"while 10000", `i=0; while [ $i -lt 10000 ]; do i=$((i+1)); done`},
		{"for 10000", `for ((i=0; i<10000; i++)); do :; done`},
		{"function 5000", `f() { :; }; for ((i=0; i<5000; i++)); do f a b; done`},
		{"substitution 1000", `for ((i=0; i<1000; i++)); do x=$(echo hi); done`},
		{"pipe 500", `for ((i=0; i<500; i++)); do echo hi | cat; done`},
		{"read 10000", `for ((i=0; i<10000; i++)); do echo "line $i"; done > f; while read l; do :; done < f`},
		{"operators 5000", `x=/a/b/c.tar.gz; for ((i=0; i<5000; i++)); do a=${x##*/} b=${x%%.*} c=${x^^}; done`},
		{"array 10000", `for ((i=0; i<10000; i++)); do a[i]=$i; done`},
		{"assoc 10000", `declare -A m; for ((i=0; i<10000; i++)); do m[k$i]=$i; done`},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := vfs.New(vfs.Quota{}, time.Now)
			if err := f.MkdirAll("/area", 0o755); err != nil {
				b.Fatal(err)
			}
			if err := errors.Join(f.Mkdir("/bin", 0o755), f.WriteFile("/bin/cat", Image("cat"), 0o755)); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				budget := limits.New(context.Background(), limits.Limits{})
				Run(context.Background(), Config{FS: f, Commands: fakes, Dir: "/area", Budget: budget, Stdout: io.Discard, Stderr: io.Discard}, c.script)
				budget.End()
			}
		})
	}
}
