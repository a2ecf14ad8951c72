package virtual_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
)

var update = flag.Bool("update", false, "write what bash and the programs of this machine do into testdata")

// realTools are the programs that the records come from, each with a part of its --version. Others word messages in
// another way, so a machine that lacks one of them checks the records only.
var realTools = map[string]string{
	"bash": "version 5.2.", "sort": "coreutils) 9.1", "grep": "grep) 3.8", "sed": "sed) 4.9", "gawk": "Awk 5.2.", "find": "findutils) 4.9",
	"diff": "diffutils) 3.8", "jq": "jq-1.6", "bc": "bc 1.07", "sqlite3": "3.40.", "xz": "(XZ Utils) 5.4.", "zstd": "v1.5.4",
}

// transcript is a script, and what is left of running it in an empty directory.
type transcript struct {
	script  string
	differs string // why flue does not do as the real tools do
	want    string // as record writes it
	before  string // comments and empty lines
	line    int    // in its file
}

// TestTranscripts runs the scripts in testdata/transcripts here and, where the tools of realTools are installed, by them. Both must
// do what is recorded. A transcript reads like a terminal:
//
//	# a comment
//	$ a script
//	> its next line
//	what it prints; "\" before a line that could be taken for something else, "\c" after one that is not ended
//	! what it prints on standard error
//	? the exit status, unless 0
//	= a file it leaves, and what is in it
//
// With -short only the records are checked. "# differs: REASON" before a script says why flue does otherwise on purpose: then the record is of flue, and the real
// tools must differ from it.
func TestTranscripts(t *testing.T) {
	names, err := filepath.Glob("testdata/transcripts/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	missing := missingTool()
	if testing.Short() {
		missing = "the test is to be short"
	}
	haveTools := missing == ""
	if !haveTools {
		t.Logf("the records are not compared with the real tools: %s", missing)
		if *update {
			t.Fatal("-update needs them")
		}
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			failed, total := 0, 0
			line := 1 + bytes.Count(archive.Comment, []byte("\n"))
			for i, file := range archive.Files {
				line++
				cases := parseTranscripts(t, name, string(file.Data), line)
				line += bytes.Count(file.Data, []byte("\n"))
				rewritten := ""
				for _, c := range cases {
					total++
					want := c.want
					var real string
					if haveTools {
						real = runReal(t, c.script)
						if *update {
							want = real
							if c.differs != "" {
								want = runFlue(t, c.script)
							}
							rewritten += c.before + c.head() + want
							continue
						}
						if (real == c.want) != (c.differs == "") {
							t.Errorf("%s:%d: the record is not what the real tools do (-update writes it), or what differs does not:\n%s\nrecord:\n%s\nreal:\n%s", name, c.line, c.script, c.want, real)
						}
					}
					if got := runFlue(t, c.script); got != want {
						failed++
						t.Errorf("%s:%d: %s\n%s--- got\n%s--- want\n%s", name, c.line, file.Name, c.head(), got, want)
					}
				}
				if *update {
					archive.Files[i].Data = []byte(rewritten)
				}
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d of %d", total-failed, total)
		})
	}
}

// parseTranscripts reads one file of an archive, which begins at a line of name.
func parseTranscripts(t *testing.T, name, text string, line int) (cases []transcript) {
	var c *transcript
	before := ""
	for i, l := range strings.SplitAfter(text, "\n") {
		switch {
		case l == "":
		case strings.HasPrefix(l, "# ") || l == "\n" && before != "":
			before += l
		case strings.HasPrefix(l, "$ "):
			cases = append(cases, transcript{script: l[2:], before: before, line: line + i})
			c, before = &cases[len(cases)-1], ""
			if _, why, ok := strings.Cut(c.before, "# differs: "); ok {
				c.differs, _, _ = strings.Cut(why, "\n")
			}
		case c == nil || before != "":
			t.Fatalf("%s:%d: a script must come first: %s", name, line+i, l)
		case strings.HasPrefix(l, "> ") && c.want == "":
			c.script += l[2:]
		default:
			c.want += l
		}
	}
	return cases
}

// head is the script as it stands in its file.
func (c *transcript) head() string {
	return "$ " + strings.ReplaceAll(strings.TrimSuffix(c.script, "\n"), "\n", "\n> ") + "\n"
}

// record writes down what a script did.
func record(t *testing.T, stdout, stderr string, status int, left []string) string {
	var b strings.Builder
	write := func(text, prefix string) {
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r\x1b") {
			text = strconv.QuoteToASCII(text)
		}
		for l := range strings.Lines(text) {
			if prefix == "" && (l == "\n" || len(l) > 1 && strings.Contains("\\ $ > ! ? = # --", l[:2])) {
				b.WriteByte('\\')
			}
			b.WriteString(prefix + strings.TrimSuffix(l, "\n") + "\n")
			if !strings.HasSuffix(l, "\n") {
				b.WriteString("\\c\n")
			}
		}
	}
	write(stdout, "")
	write(stderr, "! ")
	if status != 0 {
		fmt.Fprintf(&b, "? %d\n", status)
	}
	for _, l := range left {
		b.WriteString("= " + l + "\n")
	}
	return b.String()
}

// leftover writes down a file: its name, its mode if it is unusual, and its content or what stands for it.
func leftover(name string, mode fs.FileMode, content func() string) string {
	usual := fs.FileMode(0o644)
	what := ""
	switch {
	case mode.IsDir():
		usual, name = 0o755, name+"/"
	case mode&fs.ModeSymlink != 0:
		return name + " -> " + content()
	default:
		if mode&0o400 == 0 {
			break
		}
		text := content()
		if what = " " + strconv.Quote(text); len(text) > 200 {
			what = fmt.Sprintf(" %d bytes, SHA-256 %.4x", len(text), sha256.Sum256([]byte(text)))
		}
	}
	if perm := mode.Perm(); perm != usual {
		name += fmt.Sprintf(" %04o", perm)
	}
	return name + what
}

func runFlue(t *testing.T, script string) string {
	t.Helper()
	s, err := virtual.New(virtual.Config{Databases: sqlitedb.Engine{}, Env: map[string]string{"TZ": "UTC", "LC_ALL": "C.UTF-8"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Exec(t.Context(), sandbox.Exec{Script: script, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	var walk func(dir string)
	files := s.Files()
	walk = func(dir string) {
		entries, err := files.ReadDir("/workspace/" + dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			name := dir + e.Name
			left = append(left, leftover(name, e.Mode, func() string {
				if e.Mode&fs.ModeSymlink != 0 {
					target, _ := files.Readlink("/workspace/" + name)
					return target
				}
				text, err := files.ReadFile("/workspace/" + name)
				if err != nil {
					t.Fatal(err)
				}
				return string(text)
			}))
			if e.IsDir() && e.Mode&0o500 == 0o500 {
				walk(name + "/")
			}
		}
	}
	walk("")
	slices.Sort(left)
	return record(t, r.Stdout, r.Stderr, r.ExitCode, left)
}

// runReal runs a script by bash and the programs of this machine, as a user of no rights if the test has any.
func runReal(t *testing.T, script string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "flue")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home/agent", "TMPDIR=/tmp", "TERM=dumb", "TZ=UTC", "LC_ALL=C.UTF-8"}
	if err := withoutRights(cmd); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	var left []string
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		left = append(left, leftover(name[len(dir)+1:], info.Mode(), func() string {
			if info.Mode()&fs.ModeSymlink != 0 {
				target, _ := os.Readlink(name)
				return target
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}))
		if info.IsDir() && info.Mode()&0o500 != 0o500 {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(left)
	// GNU's messages quote in the style of the locale; flue's in that of C, which is the one that scripts look for.
	r := strings.NewReplacer(dir, "/workspace", "‘", "'", "’", "'")
	here := func(b bytes.Buffer) string { return r.Replace(b.String()) }
	return record(t, here(stdout), here(stderr), cmd.ProcessState.ExitCode(), left)
}

// missingTool says which of the real tools is not here, or is another version.
func missingTool() string {
	if runtime.GOOS != "linux" {
		return "this is not Linux"
	}
	for name, version := range realTools {
		if out, err := exec.Command(name, "--version").Output(); err != nil || !strings.Contains(string(out), version) {
			return name + " is not here, or not " + version
		}
	}
	return ""
}
