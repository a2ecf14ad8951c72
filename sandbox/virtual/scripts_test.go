package virtual_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
)

var update = flag.Bool("update", false, "write what bash and the programs of this machine print into testdata")

// TestScripts runs every script of testdata, whose expected output (both streams, then the status) is what bash and the
// GNU tools print.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			writeExpected(t, file, archive)
		}
		for i := 0; i+1 < len(archive.Files); i += 2 {
			script, want := archive.Files[i], archive.Files[i+1]
			name := strings.TrimSuffix(script.Name, ".sh")
			if want.Name != name+".out" {
				t.Fatalf("%s: after %s comes %s", file, script.Name, want.Name)
			}
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) {
				box, err := virtual.New(virtual.Config{Databases: sqlitedb.Engine{}})
				if err != nil {
					t.Fatal(err)
				}
				defer box.Close()
				r, err := box.Exec(t.Context(), sandbox.Exec{Script: "exec 2>&1\n" + string(script.Data)})
				if err != nil {
					t.Fatal(err)
				}
				if got := shown(r.Stdout, r.ExitCode); got != string(want.Data) {
					t.Errorf("got\n%swant\n%s", got, want.Data)
				}
			})
		}
	}
}

func shown(out string, status int) string {
	if out != "" && !strings.HasSuffix(out, "\n") {
		out += "\n"
	}
	return fmt.Sprintf("%sstatus %d\n", out, status)
}

// writeExpected runs the scripts of an archive on this machine.
func writeExpected(t *testing.T, file string, archive *txtar.Archive) {
	var all []txtar.File
	for _, f := range archive.Files {
		if !strings.HasSuffix(f.Name, ".sh") {
			continue
		}
		c := exec.Command("bash", "-c", "exec 2>&1\n"+string(f.Data))
		c.Dir = t.TempDir()
		c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC", "TERM=dumb")
		out, err := c.Output()
		if c.ProcessState == nil {
			t.Fatal(err)
		}
		all = append(all, f, txtar.File{Name: strings.TrimSuffix(f.Name, ".sh") + ".out", Data: []byte(shown(string(out), c.ProcessState.ExitCode()))})
	}
	archive.Files = all
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
