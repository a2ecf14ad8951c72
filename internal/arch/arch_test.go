// Package arch is the test that every import points down. Start at layers, which is the drawing in docs/architecture.md
// as a table.
package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/flue-run/flue/"

// A layer may import the folders it lists, and what is below its own folder.
type layer struct {
	folder string
	may    []string
	why    string // said when it imports something else
}

// layers: the first entry whose folder holds a package counts. "*" is everything.
var layers = []layer{
	{"cmd/flue", []string{"*"}, ""},
	{"internal", []string{"*"}, ""},
	{"examples", []string{"*"}, ""},
	{"engine", []string{"command", "command/redact", "spec", "tools", "store", "model", "sandbox", "expr", "schema"},
		"the engine knows interfaces; cmd/flue/wire*.go alone know the adapters"},
	{"server", []string{"engine", "spec", "store", "model", "sandbox", "schema", "expr"}, "the server hands requests to the engine; cmd/flue/wire*.go alone know the adapters"},
	{"command/grammar", nil, "what arguments may be is a leaf, so that lint can read it"},
	{"command/redact", nil, "what a secret looks like is a leaf"},
	{"command", []string{"spec", "sandbox", "sandbox/bubblewrap", "expr"}, "a privileged command knows its file and who calls it, not the run"},
	{"spec/lint", []string{"spec", "command/grammar", "schema", "expr", "skills", "roles"}, "lint judges files and runs nothing"},
	{"spec", []string{"schema", "expr", "skills", "roles"}, "spec reads files and runs nothing"},
	{"tools/mcp", []string{"tools", "model"}, "an adapter knows only its own interface"},
	{"tools", []string{"sandbox", "sandbox/fetch", "model", "schema"}, "a tool sees a sandbox, never the engine"},
	{"store/storetest", []string{"store"}, "the contract suite knows only the contract"},
	{"store", []string{"model", "store"}, "a store keeps bytes and knows nothing of runs"},
	{"model/wire", []string{"model"}, "what adapters share knows only the interface"},
	{"model/modeltest", []string{"model"}, "the fake server knows only the interface"},
	{"model", []string{"model", "model/wire", "model/modeltest"}, "an adapter knows only its own interface; the model layer is a leaf"},
	{"sandbox/virtual/limits", nil, "the sandbox's budget is a leaf"},
	{"sandbox/virtual/datetime", nil, "dates are a leaf"},
	{"sandbox/virtual/regex", []string{"sandbox/virtual/limits"}, "the sandbox's packages point down: commands, shell, vfs, limits"},
	{"sandbox/virtual/vfs", []string{"sandbox/virtual/limits", "sandbox"}, "the sandbox's packages point down: commands, shell, vfs, limits"},
	{"sandbox/virtual/shell", []string{"sandbox", "sandbox/virtual/limits", "sandbox/virtual/vfs", "sandbox/virtual/regex", "sandbox/virtual/datetime"},
		"the sandbox's packages point down: commands, shell, vfs, limits"},
	{"sandbox/virtual", []string{"sandbox"}, "an adapter knows only its own interface"},
	{"sandbox/local", []string{"sandbox", "sandbox/hostdir", "sandbox/virtual", "sandbox/virtual/vfs"},
		"the local sandbox is a virtual one with a folder of the host in it, and nothing else"},
	{"sandbox/runner", []string{"sandbox", "sandbox/virtual/limits"}, "what runs scripts elsewhere knows limits and the interface"},
	{"sandbox/container", []string{"sandbox", "sandbox/runner", "sandbox/bubblewrap", "sandbox/hostdir", "sandbox/virtual", "sandbox/virtual/limits", "sandbox/virtual/shell", "sandbox/virtual/vfs"},
		"a container is folders and programs of the host, behind its own interface"},
	{"sandbox/daytona/daytonatest", []string{"sandbox/bubblewrap"}, "the test server knows nothing of whom it tests"},
	{"sandbox/daytona", []string{"sandbox", "sandbox/runner", "sandbox/daytona/daytonatest"}, "a provider knows its own API and the interface"},
	{"sandbox/bubblewrap", nil, "how bwrap is used is a leaf"},
	{"sandbox/bucket/s3", nil, "the protocol is a leaf: it knows nothing of files"},
	{"sandbox", []string{"sandbox", "sandbox/virtual/vfs"}, "an adapter knows only its own interface; the sandbox is a leaf"},
	{"schema", nil, "a leaf imports nothing of flue"},
	{"expr", nil, "a leaf imports nothing of flue"},
	{"skills", nil, "a leaf imports nothing of flue"},
	{"roles", nil, "a leaf imports nothing of flue"},
}

// TestImportsPointDown reads the sources themselves, so that its result is never a cached one of other sources.
func TestImportsPointDown(t *testing.T) {
	root := filepath.Join("..", "..")
	packages := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && name != "." || entry.Name() == "testdata" || entry.Name() == "node_modules") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		packages++
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := refused(path.Dir(name), imported, strings.HasSuffix(name, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if packages < 50 {
		t.Errorf("only %d Go files were found: the test looks in the wrong place", packages)
	}
}

// refused says why a package may not import another, or "". Tests may put adapters in place as cmd does.
func refused(from, imported string, test bool) string {
	to, ours := strings.CutPrefix(imported, module)
	if !ours || test || within(to, from) {
		return ""
	}
	for _, l := range layers {
		if !within(from, l.folder) {
			continue
		}
		if slices.Contains(l.may, "*") || slices.Contains(l.may, to) || within(to, l.folder) && l.folder != "model" && l.folder != "store" && l.folder != "sandbox" {
			return ""
		}
		return l.why
	}
	return "its folder is not in the table of layers: a new folder is a decision, to be written there and in docs/architecture.md"
}

func within(folder, of string) bool { return folder == of || strings.HasPrefix(folder, of+"/") }

// TestRefused shows that the table refuses what it should.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"engine", "spec", true},
		{"engine", "model/openai", false},
		{"spec", "engine", false},
		{"spec", "model/scripted", false},
		{"model/openai", "model", true},
		{"model/openai", "model/anthropic", false},
		{"model/openai", "model/wire", true},
		{"model", "schema", false},
		{"store/sqlite", "store", true},
		{"store/sqlite", "store/memory", false},
		{"sandbox/virtual/vfs", "sandbox/virtual/shell", false},
		{"sandbox/virtual/commands/sed", "sandbox/virtual/shell", true},
		{"sandbox/local", "sandbox/hostdir", true},
		{"sandbox/hostdir", "sandbox/local", false},
		{"sandbox/container", "sandbox/hostdir", true},
		{"sandbox/container", "command", false},
		{"tools", "engine", false},
		{"server", "engine", true},
		{"server", "store/sqlite", false},
		{"engine", "server", false},
		{"command", "engine", false},
		{"command", "sandbox/local", false},
		{"spec", "command", false},
		{"cmd/flue", "store/sqlite", true},
	} {
		if got := refused(c.from, module+c.to, false) == ""; got != c.ok {
			t.Errorf("%s imports %s: allowed is %v, want %v", c.from, c.to, got, c.ok)
		}
	}
}
