package virtual_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
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
