// Package schema checks values against JSON Schemas (draft 2020-12): those that users write, and those of flue's own
// documents, which are embedded. Start at Compile for the former and at For for the latter.
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Schema is a compiled JSON Schema.
type Schema struct {
	raw       func() json.RawMessage
	compiled  *jsonschema.Schema
	documents map[string]any // every document that it consists of, by URL, to look keywords up in
}

// Load reads a document that a $ref names: ref is a path from the project's folder, with slashes. What it returns is
// taken as Compile takes its document.
type Load func(ref string) (any, error)

// InvalidError says why a document is no schema. The violations' paths point into the document.
type InvalidError struct{ Violations []Violation }

func (e *InvalidError) Error() string {
	v := e.Violations[0]
	return fmt.Sprintf("not a JSON Schema: %s: %s", v.Path, v.Message)
}

// RefError says why what a $ref names cannot be had.
type RefError struct {
	Ref     string
	Remote  bool // it names a server, or a file by file://
	Outside bool // it is a path that leads out of the project's folder
	Err     error
}

func (e *RefError) Error() string { return fmt.Sprintf("$ref %q: %v", e.Ref, e.Err) }
func (e *RefError) Unwrap() error { return e.Err }

// Compile makes a Schema of doc: a json.RawMessage, whose order of keys JSON keeps, or any value that encoding/json can
// encode. A relative $ref counts from the project's folder. Errors are *InvalidError, *RefError, or plain.
func Compile(doc any, load Load) (*Schema, error) {
	return CompileFile(inline, doc, load)
}

// CompileFile is Compile for a document that is the file name (a path from the project's folder): its relative $refs
// count from there.
func CompileFile(name string, doc any, load Load) (_ *Schema, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("compiling a schema: %v", r)
		}
	}()
	l := &loader{load: load, trees: map[string]*node{}}
	root := base + (&url.URL{Path: name}).EscapedPath()
	if err := l.add(root, doc); err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	compiler.AssertFormat = true
	compiler.ExtractAnnotations = true // for WithDefaults
	compiler.LoadURL = l.open
	compiled, err := compiler.Compile(root)
	if err != nil {
		return nil, l.explain(err, root)
	}
	s := &Schema{compiled: compiled, documents: map[string]any{},
		raw: sync.OnceValue(func() json.RawMessage { return bundle(l.trees, root, "").json() })}
	for at, tree := range l.trees {
		s.documents[at] = tree.plain()
	}
	return s, nil
}

// JSON is the schema as it was written, in one piece: the files that it refers to are below $defs.
func (s *Schema) JSON() json.RawMessage { return bytes.Clone(s.raw()) }

// base is the address of the project's folder. The library would take a bare name for a path of the host.
const base = "flue:///"

const inline = ".inline"

// loader gives the documents of one schema to the library, and remembers them.
type loader struct {
	load   Load
	trees  map[string]*node
	failed *RefError
}

func (l *loader) add(at string, doc any) error {
	raw, ok := doc.(json.RawMessage)
	if !ok {
		var err error
		if raw, err = json.Marshal(doc); err != nil {
			return fmt.Errorf("a schema must be a JSON value: %w", err)
		}
	}
	tree, err := parse(raw)
	if err != nil {
		return fmt.Errorf("a schema must be a JSON value: %w", err)
	}
	if ref := outside(tree, strings.TrimPrefix(at, base)); ref != "" {
		return &RefError{Ref: ref, Outside: true, Err: errors.New("leads out of the project")}
	}
	tree.remove("$id") // a file is known by its path: an $id would move its relative references elsewhere
	l.trees[at] = tree
	return nil
}

// open is the library's LoadURL. Without it, file:// would read the host's disk.
func (l *loader) open(at string) (io.ReadCloser, error) {
	if l.trees[at] == nil {
		if err := l.fetch(at); err != nil {
			l.failed = err
			return nil, err
		}
	}
	return io.NopCloser(bytes.NewReader(l.trees[at].json())), nil
}

func (l *loader) fetch(at string) *RefError {
	path, ok := strings.CutPrefix(at, base)
	if !ok {
		return &RefError{Ref: at, Remote: true, Err: errors.New("a schema may only refer to files of the project")}
	}
	name, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return &RefError{Ref: path, Err: err}
	case l.load == nil:
		return &RefError{Ref: name, Err: errors.New("this schema may not refer to files")}
	}
	doc, err := l.load(name)
	if err == nil {
		err = l.add(at, doc)
	}
	var inner *RefError
	switch {
	case errors.As(err, &inner):
		return inner
	case err != nil:
		return &RefError{Ref: name, Err: err}
	}
	return nil
}

// explain turns an error of the library into one that names places in the user's document.
func (l *loader) explain(err error, root string) error {
	var invalid *jsonschema.ValidationError
	var loop jsonschema.InfiniteLoopError
	switch {
	case l.failed != nil:
		return l.failed
	case errors.As(err, &invalid):
		var wrapped *jsonschema.SchemaError
		at := root
		if errors.As(err, &wrapped) {
			at, _, _ = strings.Cut(wrapped.SchemaURL, "#")
		}
		if l.trees[at] == nil {
			at = root
		}
		violations := violationsOf(invalid, nil, l.trees[at].plain())
		if at != root {
			for i := range violations {
				violations[i].Message = strings.TrimPrefix(at, base) + violations[i].Path + ": " + violations[i].Message
				violations[i].Path = ""
			}
		}
		return &InvalidError{violations}
	case errors.As(err, &loop):
		return &InvalidError{[]Violation{{Path: loopPath(string(loop)), Keyword: "$ref", Message: "refers to itself without end"}}}
	}
	text := err.Error()
	if _, after, ok := strings.Cut(text, "compilation failed: "); ok {
		text = after
	}
	return errors.New(strings.ReplaceAll(strings.ReplaceAll(text, base+inline, ""), base, ""))
}

// loopPath is the place of the first reference of a loop that the library describes as url#/place/…/$ref.
func loopPath(loop string) string {
	_, place, _ := strings.Cut(loop, "#")
	before, _, _ := strings.Cut(place, "/$ref")
	if i := strings.Index(before, base); i >= 0 {
		before = before[:i]
	}
	return strings.TrimSuffix(before, "/")
}
