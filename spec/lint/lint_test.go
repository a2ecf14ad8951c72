package lint

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/roles"
	"github.com/flue-run/flue/skills"
	"github.com/flue-run/flue/spec"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite what the files in testdata expect")

// project makes files of a txtar archive; a text without a header is one agent.
func project(archive string) fs.FS {
	if !strings.HasPrefix(archive, "-- ") {
		archive = "-- .flue/agents/example.yaml --\n" + archive
	}
	return filesOf(txtar.Parse([]byte(archive)).Files)
}

func filesOf(files []txtar.File) fs.FS {
	m := fstest.MapFS{}
	for _, file := range files {
		m[file.Name] = &fstest.MapFile{Data: file.Data}
	}
	return m
}

func checkFS(fsys fs.FS) []spec.Problem {
	p, problems := spec.Load(fsys)
	return Check(p, problems)
}

func TestExamplesOfRules(t *testing.T) {
	names := map[string]bool{}
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			if names[rule.Name] || rule.Doc == "" || rule.Group == "" {
				t.Error("a rule has a name of its own, a doc and a group")
			}
			names[rule.Name] = true
			bad := checkFS(project(rule.Bad))
			found := false
			for _, p := range bad {
				found = found || p.Rule == rule.Name && p.Severity == rule.Severity
			}
			if !found {
				t.Errorf("the bad example gives %v", bad)
			}
			for _, p := range checkFS(project(rule.Good)) {
				if p.Rule == rule.Name || p.Severity == spec.Error {
					t.Errorf("the good example gives %v", p)
				}
			}
		})
	}
}

// TestProjects runs each project of testdata: in ok nothing may be found, in err what the file named want says.
func TestProjects(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.ToSlash(file), ".txtar"), func(t *testing.T) { checkProject(t, file) })
	}
}

func checkProject(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want *txtar.File
	var files []txtar.File
	for i := range archive.Files {
		if archive.Files[i].Name == "want" {
			want = &archive.Files[i]
		} else {
			files = append(files, archive.Files[i])
		}
	}
	p, problems := spec.Load(filesOf(files))
	var got bytes.Buffer
	if err := Text(&got, Check(p, problems), nil); err != nil {
		t.Fatal(err)
	}
	if filepath.Base(filepath.Dir(file)) == "ok" {
		if got.Len() > 0 {
			t.Errorf("found:\n%s", got.String())
		}
		return
	}
	if want == nil {
		archive.Files = append([]txtar.File{{Name: "want"}}, archive.Files...)
		want = &archive.Files[0]
	}
	if *update {
		want.Data = got.Bytes()
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want.Data), got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestProjectsOfTheRepository: examples and what flue init writes are without a finding.
func TestProjectsOfTheRepository(t *testing.T) {
	var dirs []string
	for _, pattern := range []string{"../../examples/*/.flue", "../../cmd/flue/template*/.flue"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		dirs = append(dirs, found...)
	}
	for _, dir := range dirs {
		for _, p := range checkFS(os.DirFS(filepath.Dir(dir))) {
			t.Errorf("%s: %v", filepath.Dir(dir), p)
		}
	}
}

// TestWhatShips: the roles and skills of flue are without a finding, were they a project's own.
func TestWhatShips(t *testing.T) {
	shipped := fstest.MapFS{".flue/agents/all.yaml": {Data: []byte("steps: [{prompt: Hi., role: triager}, {prompt: Hi., role: reviewer}]\n")}}
	for folder, files := range map[string]fs.FS{"roles": roles.FS, "skills": skills.FS} {
		err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, name)
			shipped[path.Join(".flue", folder, name)] = &fstest.MapFile{Data: text}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range checkFS(shipped) {
		t.Error(p)
	}
}

func BenchmarkFiveHundredAgents(b *testing.B) {
	fsys := fstest.MapFS{}
	for i := range 500 {
		fsys[fmt.Sprintf(".flue/agents/agent-%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, `description: Agent %d.
triggers: {webhook: true}
payload:
  type: object
  required: [text, language]
  properties: {text: {type: string, maxLength: %d}, language: {type: string}}
steps:
  - id: translate
    prompt: 'Translate this to ${{ payload.language }}: "${{ payload.text }}"'
    result:
      type: object
      required: [translation, confidence]
      properties: {translation: {type: string, maxLength: %d}, confidence: {enum: [low, medium, high]}}
  - if: ${{ steps.translate.result.confidence == "low" }}
    prompt: Try again.
    limits: {turns: 5, timeout: 5m}
`, i, i+1, i+1)}
	}
	b.ResetTimer()
	for b.Loop() {
		checkFS(fsys)
	}
}

// FuzzCheck looks for a rule that a half-right project makes panic, and for places that are not in the file.
func FuzzCheck(f *testing.F) {
	for _, rule := range Rules() {
		if !strings.HasPrefix(rule.Bad, "-- ") {
			f.Add(rule.Bad)
			f.Add(rule.Good)
		}
	}
	f.Add("jobs: {a: {permissions: [], steps: [{uses: ./, with: 3}, {run: '${{ github.event.x }}'}]}}\n")
	f.Add("---\nname: y\ndescription: [x](y) \nallowed-tools: Read( ,\n---\n[a](../b) scripts/x\u200b")
	f.Add("exec: sh\nargs: ['{a', '-c {b}']\nmatch: {b: ''}\nnetwork: ['*']\n")
	f.Add("triggers: {webhook: {session: '${{ '}, cron: [{schedule: '* * * * *  '}, null]}\nprompt: x\nlimits: {result_attempts: 9, turns: 1}\n")
	f.Add("steps: [{id: a, agent: x, payload: {a: '${{ steps.b.result }}'}}, {parallel: [null]}, null]\naccept: [null]\nresult: 3\n")
	f.Fuzz(func(t *testing.T, source string) {
		fsys := fstest.MapFS{}
		for _, file := range []string{".flue/agents/x.yaml", ".flue/agents/y.md", ".flue/tools/x.yaml", ".flue/commands/x.yaml", ".flue/sandboxes/x.yaml",
			".flue/flue.yaml", ".flue/skills/x/SKILL.md", ".github/workflows/x.yml", "AGENTS.md"} {
			fsys[file] = &fstest.MapFile{Data: []byte(source)}
		}
		p, problems := spec.Load(fsys)
		problems = Check(p, problems)
		for _, problem := range problems {
			if problem.Pos.Line < 1 || problem.Pos.Col < 1 || problem.Text == "" || Find(problem.Rule) == nil {
				t.Fatalf("%+v", problem)
			}
		}
		for _, write := range []func(io.Writer, []spec.Problem, Sources) error{Text, SARIF, GitHub} {
			if err := write(io.Discard, problems, SourcesOf(p)); err != nil {
				t.Fatal(err)
			}
		}
		before := errorsByFile(problems)
		changes, _, left := Fix(fsys, spec.Load, func(string) bool { return true })
		for _, change := range changes {
			if after := errorsByFile(left)[change.File]; after > before[change.File] {
				t.Fatalf("%s had %d errors, and has %d: %q", change.File, before[change.File], after, change.After)
			}
		}
	})
}
