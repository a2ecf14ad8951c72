package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// builder makes the library's form of flue's own documents. The library's compiler makes the same (a test compares them),
// but first checks each document against the metaschema of JSON Schema, which took most of flue's start.
type builder struct {
	documents map[string]any                // by URL
	built     map[string]*jsonschema.Schema // by URL and pointer
}

// document reads one of the documents.
func (b *builder) document(at string) any {
	if b.documents[at] == nil {
		raw, err := files.ReadFile(strings.TrimPrefix(at, base))
		if err == nil {
			b.documents[at], err = Decode(raw)
		}
		if err != nil {
			panic(err)
		}
	}
	return b.documents[at]
}

// bundled is all documents in one piece, made when it is asked for.
func (b *builder) bundled(root string) func() json.RawMessage {
	return sync.OnceValue(func() json.RawMessage {
		l := &loader{load: embedded, trees: map[string]*node{}}
		for at := range b.documents {
			if err := l.fetch(at); err != nil {
				panic(err)
			}
		}
		return bundle(l.trees, root, "").json()
	})
}

// ref is the schema that a $ref in the document at means.
func (b *builder) ref(at, ref string) *jsonschema.Schema {
	file, pointer, _ := strings.Cut(ref, "#")
	if file != "" {
		at = base + file
	}
	value, ok := Lookup(b.document(at), pointer)
	if !ok {
		panic(fmt.Sprintf("%s: $ref %q points nowhere", at, ref))
	}
	return b.schema(at, pointer, value)
}

// schema is value, which stands at a pointer of the document at, as a schema.
func (b *builder) schema(at, pointer string, value any) *jsonschema.Schema {
	location := at + "#" + pointer
	if s := b.built[location]; s != nil {
		return s
	}
	s := &jsonschema.Schema{Location: location, Draft: jsonschema.Draft2020, MinProperties: -1, MaxProperties: -1,
		Extensions: map[string]jsonschema.ExtSchema{},
		MinItems:   -1, MaxItems: -1, MinContains: 1, MaxContains: -1, MinLength: -1, MaxLength: -1}
	b.built[location] = s
	if pass, ok := value.(bool); ok {
		s.Always = &pass
		return s
	}
	object := value.(map[string]any)
	for keyword, v := range object {
		b.keyword(s, at, pointer+"/"+keyword, keyword, v)
	}
	if s.If == nil {
		s.Then, s.Else = nil, nil
	}
	return s
}

// keyword sets what one keyword means. Others than flue's documents use are taken for
// annotations, which are left out; TestBuild notices if one is not.
func (b *builder) keyword(s *jsonschema.Schema, at, pointer, keyword string, v any) {
	one := func() *jsonschema.Schema { return b.schema(at, pointer, v) }
	list := func() []*jsonschema.Schema {
		var schemas []*jsonschema.Schema
		for i, item := range v.([]any) {
			schemas = append(schemas, b.schema(at, fmt.Sprintf("%s/%d", pointer, i), item))
		}
		return schemas
	}
	each := func() map[string]*jsonschema.Schema {
		schemas := map[string]*jsonschema.Schema{}
		for name, item := range v.(map[string]any) {
			schemas[name] = b.schema(at, pointer+"/"+url.PathEscape(Escape(name)), item)
		}
		return schemas
	}
	switch keyword {
	case "$ref":
		s.Ref = b.ref(at, v.(string))
	case "type":
		s.Types = strs(v)
	case "const":
		s.Constant = []any{v}
	case "enum":
		s.Extensions[keyword] = enum(v.([]any))
	case "not":
		s.Not = one()
	case "allOf":
		s.AllOf = list()
	case "anyOf":
		s.AnyOf = list()
	case "oneOf":
		s.OneOf = list()
	case "if":
		s.If = one()
	case "then":
		s.Then = one()
	case "else":
		s.Else = one()
	case "minProperties":
		s.MinProperties = integer(v)
	case "maxProperties":
		s.MaxProperties = integer(v)
	case "required":
		s.Required = strs(v)
	case "properties":
		s.Properties = each()
	case "propertyNames":
		s.PropertyNames = one()
	case "patternProperties":
		s.PatternProperties = map[*regexp.Regexp]*jsonschema.Schema{}
		for pattern, schema := range each() {
			s.PatternProperties[regexp.MustCompile(pattern)] = schema
		}
	case "additionalProperties":
		if allowed, ok := v.(bool); ok {
			s.AdditionalProperties = allowed
		} else {
			s.AdditionalProperties = one()
		}
	case "dependentRequired":
		s.DependentRequired = map[string][]string{}
		for name, names := range v.(map[string]any) {
			s.DependentRequired[name] = strs(names)
		}
	case "dependentSchemas":
		s.DependentSchemas = each()
	case "items":
		s.Items2020 = one()
	case "minItems":
		s.MinItems = integer(v)
	case "maxItems":
		s.MaxItems = integer(v)
	case "uniqueItems":
		s.UniqueItems = v.(bool)
	case "minLength":
		s.MinLength = integer(v)
	case "maxLength":
		s.MaxLength = integer(v)
	case "pattern":
		s.Pattern = regexp.MustCompile(v.(string))
	case "format":
		s.Extensions[keyword] = format(v.(string))
	case "minimum":
		s.Minimum = number(v)
	case "maximum":
		s.Maximum = number(v)
	case "exclusiveMinimum":
		s.ExclusiveMinimum = number(v)
	case "exclusiveMaximum":
		s.ExclusiveMaximum = number(v)
	}
}

// enum and format are the keywords of those names: the library keeps a part of them to itself.
type (
	enum   []any // scalars
	format string
)

// Validate implements jsonschema.ExtSchema.
func (e enum) Validate(ctx jsonschema.ValidationContext, v any) error {
	if !slices.Contains(e, v) {
		return ctx.Error("enum", "must be one of %v", []any(e))
	}
	return nil
}

// Validate implements jsonschema.ExtSchema.
func (f format) Validate(ctx jsonschema.ValidationContext, v any) error {
	if !jsonschema.Formats[string(f)](v) {
		return ctx.Error("format", "is not a valid %s", string(f))
	}
	return nil
}

func strs(v any) []string {
	if one, ok := v.(string); ok {
		return []string{one}
	}
	var all []string
	for _, s := range v.([]any) {
		all = append(all, s.(string))
	}
	return all
}

func integer(v any) int {
	n, err := v.(json.Number).Int64()
	if err != nil {
		panic(err)
	}
	return int(n)
}

func number(v any) *big.Rat {
	n, ok := new(big.Rat).SetString(v.(json.Number).String())
	if !ok {
		panic(fmt.Sprintf("%v is not a number", v))
	}
	return n
}
