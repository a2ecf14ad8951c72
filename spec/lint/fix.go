package lint

import (
	"bytes"
	"cmp"
	"io/fs"
	"slices"

	"github.com/flue-run/flue/spec"
)

// Change is what Fix makes of a file.
type Change struct {
	File          string
	Before, After []byte
}

// Load reads a project, as spec.Load does.
type Load func(fs.FS) (*spec.Project, []spec.Problem)

// Fix corrects what has one safe answer in the files for which in is true, and changes nothing on disk. It gives the
// changes, sorted by file, and the project as it is then with the problems that are left. Changes after which a file has
// more errors than before are left out.
func Fix(files fs.FS, load Load, in func(file string) bool) ([]Change, *spec.Project, []spec.Problem) {
	fixed := &edited{files, map[string][]byte{}}
	before := map[string][]byte{}
	refused := map[string]bool{}
	project, problems := check(fixed, load)
	for range maxFixRounds { // a corrected key may hold what can be corrected, too
		tried := map[string][]byte{} // with what they were
		for _, d := range project.Documents {
			if !in(d.File) || refused[d.File] {
				continue
			}
			if after := fixDocument(d, problems); !bytes.Equal(after, d.Source) {
				tried[d.File] = d.Source
				fixed.files[d.File] = after
			}
		}
		if len(tried) == 0 {
			break
		}
		errors := errorsByFile(problems)
		project, problems = check(fixed, load)
		now, worse := errorsByFile(problems), false
		for file, source := range tried {
			if now[file] > errors[file] {
				fixed.files[file], refused[file], worse = source, true, true
				continue
			}
			if before[file] == nil {
				before[file] = source
			}
		}
		if worse {
			project, problems = check(fixed, load)
		}
	}
	var changes []Change
	sorted(before, func(file string, source []byte) { changes = append(changes, Change{file, source, fixed.files[file]}) })
	return changes, project, problems
}

const maxFixRounds = 5

func check(files fs.FS, load Load) (*spec.Project, []spec.Problem) {
	project, problems := load(files)
	return project, Check(project, problems)
}

func errorsByFile(problems []spec.Problem) map[string]int {
	count := map[string]int{}
	for _, p := range problems {
		if p.Severity == spec.Error {
			count[p.Pos.File]++
		}
	}
	return count
}

// fixDocument is a document's source with the problems in it corrected that can be, each only if it can still be read then.
func fixDocument(d *spec.Document, problems []spec.Problem) []byte {
	var places []spec.Problem
	var whole []*Rule
	for _, p := range problems {
		if p.Pos.File != d.File {
			continue
		}
		if p.Fix != "" {
			places = append(places, p)
		} else if rule := Find(p.Rule); rule != nil && rule.FixFile != nil && !slices.Contains(whole, rule) {
			whole = append(whole, rule)
		}
	}
	// From the end, so that the places before stay where they are.
	slices.SortFunc(places, func(a, b spec.Problem) int { return cmp.Compare(d.Offset(b.Pos), d.Offset(a.Pos)) })
	source, last := d.Source, len(d.Source)
	try := func(after []byte) bool {
		_, mistakes := spec.ParseDocument(d.File, d.Kind, after)
		_, had := spec.ParseDocument(d.File, d.Kind, source)
		if len(mistakes) > len(had) {
			return false
		}
		source = after
		return true
	}
	for _, p := range places {
		start, end := d.Offset(p.Pos), d.Offset(p.End)
		if end <= last && start <= end && try(slices.Concat(source[:start], []byte(p.Fix), source[end:])) {
			last = start
		}
	}
	for _, rule := range whole {
		try(rule.FixFile(source))
	}
	return source
}

// edited is a file system with some files replaced.
type edited struct {
	fs.FS
	files map[string][]byte
}

// Open implements fs.FS.
func (e *edited) Open(name string) (fs.File, error) {
	file, err := e.FS.Open(name)
	source, ok := e.files[name]
	if err != nil || !ok {
		return file, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	return &editedFile{file, bytes.NewReader(source), info}, nil
}

// editedFile is a file with other content.
type editedFile struct {
	fs.File
	*bytes.Reader
	info fs.FileInfo
}

func (f *editedFile) Read(b []byte) (int, error) { return f.Reader.Read(b) }
func (f *editedFile) Stat() (fs.FileInfo, error) { return editedInfo{f.info, f.Reader.Size()}, nil }

// editedInfo is the description of such a file.
type editedInfo struct {
	fs.FileInfo
	size int64
}

func (i editedInfo) Size() int64 { return i.size }
