package virtual_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// forbidden are ways out of the sandbox.
var forbidden = map[string]string{
	"os":            "it reaches the host's files, environment and processes; use the vfs.FS you are handed",
	"os/exec":       "it starts the host's programs; use Invocation.Exec",
	"os/user":       "it reads the host's users; the user here is virtual",
	"os/signal":     "signals are the process's; the shell has its own",
	"net":           "it reaches the network; take what you need as an interface",
	"net/http":      "it reaches the network; take what you need as an interface",
	"syscall":       "it reaches the host's kernel; vfs has the errors, the shell the signals",
	"plugin":        "it loads code",
	"unsafe":        "it reads any memory",
	"path/filepath": "it follows the host's rules and reads its files; use path",
	"C":             "C code is not bound by any of this",
	"io/ioutil":     "it is os",
}

// allowed are the modules of others, each with why it is safe here.
var allowed = map[string]string{
	"mvdan.cc/sh/v3/syntax":              "parses text that was scanned for depth and size before",
	"mvdan.cc/sh/v3/pattern":             "translates patterns, as text",
	"github.com/dlclark/regexp2/v2":      "matches text in memory, with a time limit",
	"github.com/dsnet/compress/bzip2":    "compresses what it is given",
	"github.com/klauspost/compress/zstd": "compresses and expands what it is given, with a limit on its window",
	"github.com/ulikunitz/xz":            "compresses and expands what it is given",
	"github.com/itchyny/gojq":            "parses jq programs, as text",
	"github.com/itchyny/timefmt-go":      "formats times",
	"golang.org/x/net/html":              "parses HTML in memory, no deeper than 512 elements",
	"golang.org/x/text/encoding/charmap": "tables of characters",
	"gopkg.in/yaml.v3":                   "parses YAML in memory",
}

// reach is what the allowed modules import themselves that could reach out, and why nothing that we call comes there.
var reach = map[string]string{
	"github.com/itchyny/gojq os":                       "its module loader reads files; only Parse is called, and a program with imports is refused",
	"github.com/itchyny/gojq path/filepath":            "of the module loader",
	"github.com/ulikunitz/xz/internal/xlog os":         "a logger to standard error, whose debug lines, the only ones, are off",
	"github.com/dlclark/regexp2/v2/syntax unsafe":      "the size of a word",
	"github.com/dlclark/regexp2/v2/helpers unsafe":     "text as words, within its length",
	"github.com/klauspost/compress/internal/le unsafe": "numbers from bytes, after the length was checked",
}

// TestTransitiveImports holds what the allowed modules import, however far down, to the lists.
func TestTransitiveImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", `{{if not .Standard}}{{.ImportPath}}{{range .Imports}} {{.}}{{end}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "github.com/flue-run/flue/") {
			continue
		}
		for _, imported := range words[1:] {
			if use := words[0] + " " + imported; forbidden[imported] != "" {
				met[use] = true
				if reach[use] == "" {
					t.Errorf("%s imports %s: %s; reach says which may, and why", words[0], imported, forbidden[imported])
				}
			}
		}
	}
	for use := range reach {
		if !met[use] {
			t.Errorf("%s: it does not any more", use)
		}
	}
}

// TestImports reads every source below, tests apart, and holds it to the two lists.
func TestImports(t *testing.T) {
	seen := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		seen++
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return nil // the compiler says so
		}
		for _, spec := range file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if why := problem(path); why != "" {
				t.Errorf("%s imports %s: %s", name, path, why)
			}
		}
		return nil
	})
	if err != nil || seen < 20 {
		t.Errorf("%d sources read, %v", seen, err)
	}
}

func problem(path string) string {
	if why := forbidden[path]; why != "" {
		return why
	}
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return ""
	}
	if rest, ours := strings.CutPrefix(path, "github.com/flue-run/flue/"); ours {
		if rest == "sandbox" || strings.HasPrefix(rest, "sandbox/virtual/") {
			return ""
		}
		return "the sandbox knows only what is below it"
	}
	for module := range allowed {
		if path == module || strings.HasPrefix(path, module+"/") {
			return ""
		}
	}
	return "a module that is not on the list of those that are safe here"
}

func TestProblem(t *testing.T) {
	for path, bad := range map[string]bool{"os": true, "net/http": true, "net/url": false, "fmt": false, "mvdan.cc/sh/v3/interp": true,
		"mvdan.cc/sh/v3/syntax": false, "github.com/flue-run/flue/engine": true, "github.com/flue-run/flue/sandbox/hostdir": true,
		"github.com/flue-run/flue/sandbox/virtual/vfs": false, "unsafe": true} {
		if got := problem(path); (got != "") != bad {
			t.Errorf("%s: %q", path, got)
		}
	}
}
