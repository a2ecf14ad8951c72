package spec

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/flue-run/flue/schema"
)

// folder is where the definitions of a project are.
const folder = ".flue"

// Load reads a project. fsys is the project's folder, which holds .flue; as files are read once, later changes to them
// do not matter. It reports every mistake that a file shows by itself and gives what could be read, so a Project with
// problems of severity Error must not be run.
func Load(fsys fs.FS) (*Project, []Problem) {
	l := newLoader(fsys)
	if _, err := fs.Stat(fsys, folder); err != nil {
		l.report(Problem{Pos: Pos{File: folder, Line: 1, Col: 1}, End: Pos{File: folder, Line: 1, Col: 1}, Rule: "missing-file",
			Text: "there is no folder .flue here", Hint: "flue init makes one"})
	} else {
		l.loadFolder()
	}
	return l.finish()
}

// LoadAgentFile reads one agent outside any project: fsys is its folder, file its name in there. The project that it
// gives holds nothing else but what ships with flue.
func LoadAgentFile(fsys fs.FS, file string) (*Project, []Problem) {
	l := newLoader(fsys)
	ending := path.Ext(file)
	switch stem := strings.TrimSuffix(path.Base(file), ending); {
	case ending != ".yaml" && ending != ".md":
		l.report(fileProblem(file, "bad-name", "an agent is a .yaml or .md file", ""))
	case !checkName(stem):
		l.report(fileProblem(file, "bad-name", fmt.Sprintf("%q is not a name", stem), nameHint))
	default:
		l.loadAgent(file, stem)
	}
	return l.finish()
}

// loader reads the files of a project side by side.
type loader struct {
	schemasMu sync.Mutex
	schemas   map[string]*Document // files that schemas name

	mu        sync.Mutex // of all that follows
	project   *Project
	problems  []Problem
	documents []*Document
	compiled  map[string]*schema.Schema // by their source, so that what many agents share is compiled once
}

func newLoader(fsys fs.FS) *loader {
	return &loader{
		project: &Project{
			FS:        fsys,
			Agents:    map[string]*Agent{},
			Roles:     map[string]*Role{},
			Skills:    map[string]*Skill{},
			Commands:  map[string]*Command{},
			Tools:     map[string]*Tool{},
			Sandboxes: map[string]*Sandbox{},
			Models:    map[string]*ScriptedModel{},
		},
		schemas:  map[string]*Document{},
		compiled: map[string]*schema.Schema{},
	}
}

func (l *loader) report(problems ...Problem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.problems = append(l.problems, problems...)
}

func (l *loader) keep(d *Document) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.documents = append(l.documents, d)
}

func (l *loader) define(add func(*Project)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	add(l.project)
}

// sideBySide runs jobs, as many at once as there are processors.
func sideBySide(jobs []func()) {
	var workers sync.WaitGroup
	queue := make(chan func())
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		workers.Go(func() {
			for job := range queue {
				job()
			}
		})
	}
	for _, job := range jobs {
		queue <- job
	}
	close(queue)
	workers.Wait()
}

func (l *loader) finish() (*Project, []Problem) {
	l.loadBuiltin()
	slices.SortFunc(l.documents, func(a, b *Document) int { return strings.Compare(a.File, b.File) })
	l.project.Documents = l.documents
	return l.project, SortProblems(l.problems)
}

// folders are the parts of .flue whose files are documents, with what reads one of them.
var folders = map[string]struct {
	kind    string
	endings []string
	load    func(l *loader, file, name string)
}{
	"agents":    {"agent", []string{".yaml", ".md"}, (*loader).loadAgent},
	"roles":     {"role", []string{".md"}, (*loader).loadRole},
	"commands":  {"command", []string{".yaml"}, (*loader).loadCommand},
	"tools":     {"tool", []string{".yaml"}, (*loader).loadTool},
	"sandboxes": {"sandbox", []string{".yaml"}, (*loader).loadSandbox},
	"models":    {"model", []string{".yaml"}, (*loader).loadModel},
}

func (l *loader) loadFolder() {
	top, err := fs.ReadDir(l.project.FS, folder)
	if err != nil {
		l.report(unreadable(folder, err))
	}
	// Compiling a schema takes longer than reading a file, so all that are needed are begun first.
	schemas := []func(){func() { schema.For("agent") }, func() { schema.For("role") }, func() { schema.For("skill") }}
	var files []func()
	for _, item := range top {
		name := item.Name()
		file := path.Join(folder, name)
		switch {
		case name == "flue.yaml":
			schemas = append(schemas, func() { schema.For("settings") })
			files = append(files, func() { l.loadSettings(file) })
		case name == "skills":
			files = append(files, func() { l.loadSkills(file) })
		case folders[name].load != nil:
			schemas = append(schemas, func() { schema.For(folders[name].kind) })
			files = append(files, l.documentsIn(file, name)...)
		case strings.HasPrefix(name, "."):
		default:
			l.unknownFile(file, name)
		}
	}
	sideBySide(append(schemas, files...))
}

// unknownFile reports what was probably meant to be read. Folders of the user's own are fine.
func (l *loader) unknownFile(file, name string) {
	known := []string{"flue.yaml", "agents", "roles", "skills", "commands", "tools", "sandboxes", "models"}
	if near := Suggest(name, known); near != "" || strings.TrimSuffix(name, ".yml") == "flue" {
		if near == "" {
			near = "flue.yaml"
		}
		l.report(fileProblem(file, "bad-name", fmt.Sprintf("flue does not read %q", name), fmt.Sprintf("did you mean %q?", near)))
	}
}

// documentsIn gives what reads each file of a folder.
func (l *loader) documentsIn(dir, kind string) (jobs []func()) {
	items, err := fs.ReadDir(l.project.FS, dir)
	if err != nil {
		l.report(unreadable(dir, err))
	}
	stems := map[string]string{}
	for _, item := range items {
		name := item.Name()
		file := path.Join(dir, name)
		ending := path.Ext(name)
		stem := strings.TrimSuffix(name, ending)
		if strings.HasPrefix(name, ".") || strings.EqualFold(stem, "README") || strings.HasSuffix(stem, ".test") {
			continue
		}
		endings := folders[kind].endings
		if !slices.Contains(endings, ending) {
			text := fmt.Sprintf("flue does not read %q: the files of %s end in %s", name, kind, strings.Join(endings, " or "))
			l.report(fileProblem(file, "bad-name", text, ""))
			continue
		}
		if first, ok := stems[stem]; ok {
			l.report(fileProblem(file, "defined-twice", fmt.Sprintf("%q is defined twice: %s defines it, too", stem, first), "remove one of them"))
			continue
		}
		stems[stem] = file
		if !checkName(stem) {
			l.report(fileProblem(file, "bad-name", fmt.Sprintf("%q is not a name", stem), nameHint))
			continue
		}
		jobs = append(jobs, func() { folders[kind].load(l, file, stem) })
	}
	return jobs
}

const nameHint = "names are lower-case letters and digits, in words joined by -, at most 64 characters"

var namePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func checkName(name string) bool { return len(name) <= 64 && namePattern.MatchString(name) }

func fileProblem(file, rule, text, hint string) Problem {
	at := Pos{File: file, Line: 1, Col: 1}
	return Problem{Pos: at, End: at, Rule: rule, Text: text, Hint: hint}
}

func unreadable(file string, err error) Problem {
	var wrapped *fs.PathError
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fileProblem(file, "missing-file", fmt.Sprintf("cannot be read: %v", err), "")
}

// read gives a file's bytes, and of a file that is too large only enough to see that it is.
func (l *loader) read(file string) ([]byte, error) {
	f, err := l.project.FS.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: file, Err: errors.New("not a file")}
	}
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// open reads a document, checks it against its kind's schema, and decodes its YAML into target as far as that goes. It
// is nil if the file cannot be read at all.
func (l *loader) open(file, kind string, target any) *Document {
	source, err := l.read(file)
	if err != nil {
		l.report(unreadable(file, err))
		return nil
	}
	d, problems := ParseDocument(file, kind, source)
	l.keep(d)
	l.report(problems...)
	l.report(d.decode(target)...)
	return d
}
