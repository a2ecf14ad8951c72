package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/schema"
	"gopkg.in/yaml.v3"
)

// Schema is a JSON Schema that a user wrote, in place or as a file of the project.
type Schema struct {
	Pos     Pos       // of the schema's first key, in the file that holds it
	File    string    // the path that was named, or ""
	Doc     *Document // that holds it,
	Pointer string    // and where in there
	*schema.Schema

	node *yaml.Node // as it was decoded, until the loader compiles it
}

// UnmarshalYAML keeps the node: only the loader can read the files that it may name.
func (s *Schema) UnmarshalYAML(n *yaml.Node) error {
	s.node = n
	return nil
}

// compile fills in a schema that d holds at pointer. A schema that cannot be compiled has a nil Schema, and a problem.
func (l *loader) compile(d *Document, pointer string, s *Schema) {
	if s == nil || s.node == nil {
		return
	}
	s.Doc, s.Pointer = d, pointer
	base := ""
	if s.node.Kind == yaml.ScalarNode {
		s.File = s.node.Value
		file, problem := l.schemaFile(s.File)
		if problem != nil {
			l.report(d.schemaProblem(pointer, *problem))
			return
		}
		s.Doc, s.Pointer, base = file, "", file.File
	}
	s.Pos = s.Doc.At(s.Pointer)
	raw := s.Doc.jsonAt(s.Pointer)
	if raw == nil {
		return // the file has a problem of its own
	}
	key := base + "\x00" + string(raw)
	compiled := l.compiledBefore(key)
	if compiled == nil {
		var err error
		if base == "" {
			compiled, err = schema.Compile(raw, l.loadSchema)
		} else {
			compiled, err = schema.CompileFile(base, raw, l.loadSchema)
		}
		if err != nil {
			l.report(s.problems(err)...)
			return
		}
		l.mu.Lock()
		l.compiled[key] = compiled
		l.mu.Unlock()
	}
	s.Schema = compiled
}

func (l *loader) compiledBefore(key string) *schema.Schema {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.compiled[key]
}

// jsonAt is what stands at a pointer, as JSON with the keys in their order. A .json file is its own source: YAML does
// not read all of JSON's escapes.
func (d *Document) jsonAt(pointer string) json.RawMessage {
	if pointer == "" && strings.HasSuffix(d.File, ".json") {
		if json.Valid(d.Source) {
			return d.Source
		}
		return nil
	}
	if n := d.Node(pointer); n != nil {
		return jsonText(n)
	}
	return nil
}

// schemaFile reads a file that a schema names, once.
func (l *loader) schemaFile(name string) (*Document, *Problem) {
	clean := path.Clean(name)
	if !fs.ValidPath(clean) || strings.Contains(name, `\`) {
		return nil, &Problem{Rule: "outside-project", Text: fmt.Sprintf("%q is not in the project", name),
			Hint: "name a file by its path from the project's folder"}
	}
	l.schemasMu.Lock()
	defer l.schemasMu.Unlock()
	if d := l.schemas[clean]; d != nil {
		return d, nil
	}
	source, err := l.read(clean)
	if err != nil {
		return nil, &Problem{Rule: "missing-file", Text: fmt.Sprintf("there is no file %q in the project", name),
			Hint: "paths count from the project's folder, which holds .flue"}
	}
	d, problems := ParseDocument(clean, "schema", source)
	l.schemas[clean] = d
	if strings.HasSuffix(clean, ".json") && len(d.Source) <= maxFile {
		if json.Valid(source) {
			problems = nil
		} else if len(problems) == 0 {
			problems = []Problem{d.jsonProblem()}
		}
	}
	l.keep(d)
	l.report(problems...)
	return d, nil
}

func (d *Document) jsonProblem() Problem {
	at := 0
	var value any
	var syntax *json.SyntaxError
	err := json.Unmarshal(d.Source, &value)
	if errors.As(err, &syntax) {
		at = max(int(syntax.Offset)-1, 0)
	}
	return d.problem("yaml-syntax", at, at+1, "not valid JSON: "+fmt.Sprint(err), "")
}

// loadSchema is what a $ref may reach.
func (l *loader) loadSchema(ref string) (any, error) {
	d, problem := l.schemaFile(ref)
	if problem != nil {
		return nil, refProblem{*problem}
	}
	raw := d.jsonAt("")
	if raw == nil {
		return nil, refProblem{Problem{Rule: "bad-schema", Text: fmt.Sprintf("%q cannot be read", ref)}}
	}
	return raw, nil
}

type refProblem struct{ Problem }

func (p refProblem) Error() string { return p.Text }

// problems explains at their places why a schema does not compile.
func (s *Schema) problems(err error) []Problem {
	var invalid *schema.InvalidError
	var ref *schema.RefError
	if errors.As(err, &invalid) {
		var all []Problem
		for _, v := range invalid.Violations {
			p := s.Doc.violationProblem(schema.Violation{Path: s.Pointer + v.Path, Message: v.Message, Keyword: v.Keyword, Allowed: v.Allowed})
			p.Rule = "bad-schema"
			all = append(all, p)
		}
		return all
	}
	problem := Problem{Rule: "bad-schema", Text: "not a JSON Schema: " + err.Error()}
	pointer := s.Pointer
	if errors.As(err, &ref) {
		var named refProblem
		switch {
		case ref.Remote:
			problem = Problem{Rule: "remote-ref", Text: fmt.Sprintf("$ref to %q: a schema may only refer to files of the project", ref.Ref),
				Hint: "save it in the project and name its path"}
		case ref.Outside:
			problem = Problem{Rule: "outside-project", Text: fmt.Sprintf("$ref to %q leads out of the project", ref.Ref)}
		case errors.As(err, &named):
			problem = named.Problem
		}
		pointer += findRef(s.Doc.Node(s.Pointer), ref.Ref)
	}
	return []Problem{s.Doc.schemaProblem(pointer, problem)}
}

// schemaProblem puts p at a pointer.
func (d *Document) schemaProblem(pointer string, p Problem) Problem {
	p.Pos, p.End = d.Span(pointer)
	return p
}

// findRef is the pointer of the $ref whose text best fits a target; empty if it is in another file.
func findRef(n *yaml.Node, target string) string {
	if n == nil {
		return ""
	}
	switch n.Kind {
	case yaml.MappingNode:
		for _, e := range entries(n) {
			if e.key.Value == "$ref" {
				file, _, _ := strings.Cut(e.value.Value, "#")
				if file != "" && strings.HasSuffix(target, strings.TrimLeft(file, "./")) {
					return "/$ref"
				}
			}
			if at := findRef(e.value, target); at != "" {
				return "/" + schema.Escape(e.key.Value) + at
			}
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			if at := findRef(item, target); at != "" {
				return "/" + strconv.Itoa(i) + at
			}
		}
	}
	return ""
}
