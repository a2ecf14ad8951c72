package lint

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

// template is a string of the project that holds expressions, and what expr says of it.
type template struct {
	doc     *spec.Document
	pointer string
	text    string
	form    form
	want    expr.Kind // what a condition or list must give; 0: anything
	types   expr.Types
	present []string    // optional values that are known to be there
	agent   *spec.Agent // whose it is, if an agent's

	parsed   *expr.Template // nil if it cannot be read
	mistakes []*expr.Error  // those about quoting in a script included
}

// form is how a template is read.
type form int

const (
	plainText  form = iota // text with ${{ }} in it
	script                 // a shell script with ${{ }} in it
	expression             // one expression, with or without ${{ }}
)

// look parses and checks t.
func (t *template) look() {
	read := expr.Parse
	if t.form == expression {
		read = expr.ParseExpr
	}
	parsed, err := read(t.text)
	var mistake *expr.Error
	if errors.As(err, &mistake) {
		t.mistakes = []*expr.Error{mistake}
		return
	}
	t.parsed, t.mistakes = parsed, parsed.Check(t.types, t.present...)
	if t.form == script {
		if mistake := parsed.CheckShell(); mistake != nil {
			t.mistakes = append(t.mistakes, mistake)
		}
	}
}

// reportMistakes reports what expr finds in the project's templates and files under the pass's rule.
func reportMistakes(p *Pass) {
	for _, t := range p.templates() {
		for _, e := range t.mistakes {
			if e.Kind == p.rule.Name {
				p.ReportIn(t.doc, t.pointer, e.Offset, e.End, e.Text, e.Hint)
			}
		}
	}
}

// templatesOf lists all strings of a project that hold expressions.
func templatesOf(p *spec.Project) []template {
	var c collector
	for _, name := range slices.Sorted(maps.Keys(p.Agents)) {
		c.addAgent(p, p.Agents[name])
	}
	env := expr.Types{"env": expr.Of(expr.Object)}
	for _, name := range slices.Sorted(maps.Keys(p.Tools)) {
		c.addTool(p.Tools[name])
	}
	for _, name := range slices.Sorted(maps.Keys(p.Models)) {
		c.addModel(p.Models[name])
	}
	for _, d := range p.Documents {
		if d.Kind == "settings" || d.Kind == "command" || d.Kind == "sandbox" {
			c.in(d, env).add("", plainText, 0)
		}
	}
	return c.found
}

// collector gathers templates.
type collector struct{ found []template }

// scope is a place of a document with the names that exist there.
type scope struct {
	*collector
	template     // what the templates found have in common
	value    any // of the document
}

func (c *collector) in(d *spec.Document, types expr.Types) scope {
	return scope{c, template{doc: d, types: types}, d.Value()}
}

// with is s where more names exist.
func (s scope) with(types expr.Types) scope {
	all := maps.Clone(s.types)
	maps.Copy(all, types)
	s.types = all
	return s
}

// add adds the strings at a pointer and below it.
func (s scope) add(pointer string, form form, want expr.Kind) {
	if value, ok := schema.Lookup(s.value, pointer); ok {
		s.addValue(pointer, value, form, want)
	}
}

func (s scope) addValue(pointer string, value any, form form, want expr.Kind) {
	switch value := value.(type) {
	case string:
		t := s.template
		t.pointer, t.text, t.form, t.want = pointer, value, form, want
		if form != expression && !strings.Contains(value, "${{") {
			return
		}
		t.look()
		s.found = append(s.found, t)
	case []any:
		for i, item := range value {
			s.addValue(join(pointer, strconv.Itoa(i)), item, form, want)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			s.addValue(join(pointer, key), value[key], form, want)
		}
	}
}

// object is the type of an object whose fields are all there.
func object(fields map[string]*expr.Type) *expr.Type {
	all := map[string]expr.Field{}
	for name, t := range fields {
		all[name] = expr.Field{Type: t}
	}
	return expr.ObjectOf(all)
}

// schemaType is what a user's schema says of a value; nil says nothing.
func schemaType(s *spec.Schema) *expr.Type {
	if s == nil || s.Schema == nil {
		return expr.Any
	}
	value, err := schema.Decode(s.JSON())
	if err != nil {
		return expr.Any
	}
	return expr.FromSchema(value)
}

func (c *collector) addTool(t *spec.Tool) {
	text := expr.Of(expr.String)
	s := c.in(t.Doc, expr.Types{
		"args": schemaType(t.Parameters), "payload": expr.Any,
		"session": object(map[string]*expr.Type{"id": text}), "run": object(map[string]*expr.Type{"id": text}),
		"agent": object(map[string]*expr.Type{"name": text}),
	})
	s.add("/shell", script, 0)
	s.add("/command", plainText, 0)
	s.with(expr.Types{"env": expr.Of(expr.Object)}).add("/http", plainText, 0)
}

// addModel adds a scripted model's turns; what one captures, the later ones may name.
func (c *collector) addModel(m *spec.ScriptedModel) {
	turns, _ := schema.Lookup(m.Doc.Value(), "/turns")
	list, _ := turns.([]any)
	captures := map[string]*expr.Type{}
	for i, item := range list {
		pointer := join("/turns", strconv.Itoa(i))
		turn, _ := item.(map[string]any)
		own, _ := turn["capture"].(map[string]any)
		for name := range own {
			captures[name] = expr.Of(expr.String)
		}
		s := c.in(m.Doc, expr.Types{"payload": expr.Any, "captures": object(captures), "last": expr.Of(expr.Object), "turn": expr.Of(expr.Number)})
		s.add(pointer+"/when", expression, expr.Bool)
		for _, key := range []string{"thinking", "text", "calls", "finish", "give_up"} {
			s.add(join(pointer, key), plainText, 0)
		}
	}
}
