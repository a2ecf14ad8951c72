package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// tables writes the tables of one document's schema.
type tables struct {
	root *yaml.Node // the schema, in which its references point
	out  *strings.Builder
}

// object writes the table of a mapping that stands at path in its document, then those of the mappings in it.
func (t tables) object(path string, object *yaml.Node) {
	required := strs(get(object, "required"))
	if path != "" {
		fmt.Fprintf(t.out, "**`%s`**\n\n", path)
	}
	t.out.WriteString("| key | type | default | meaning |\n|---|---|---|---|\n")
	for key, value := range pairs(get(object, "properties")) {
		meaning, fallback := splitDefault(text(value, "description"))
		if slices.Contains(required, key) {
			fallback = "required"
		}
		fmt.Fprintf(t.out, "| `%s` | %s | %s | %s |\n", key, cell(t.typeOf(value)), cell(fallback), cell(meaning))
	}
	t.out.WriteString("\n")
	t.rules(object)
	for key, value := range pairs(get(object, "properties")) {
		t.inner(strings.TrimPrefix(path+"."+key, "."), value)
	}
}

// rules says what a table cannot: which keys exclude or need others.
func (t tables) rules(object *yaml.Node) {
	var keys []string
	for _, choice := range items(get(object, "oneOf")) {
		keys = append(keys, strs(get(choice, "required"))...)
	}
	var sentences []string
	if len(keys) > 0 {
		sentences = append(sentences, "Exactly one of "+listed(keys, "and")+" is there.")
	}
	for key, needs := range pairs(get(object, "dependentRequired")) {
		sentences = append(sentences, fmt.Sprintf("`%s` goes with %s only.", key, listed(strs(needs), "and")))
	}
	if len(sentences) > 0 {
		t.out.WriteString(strings.Join(sentences, "\n") + "\n\n")
	}
}

// inner writes the tables of the mappings that a value may be or hold.
func (t tables) inner(path string, value *yaml.Node) {
	if get(value, "$ref") != nil {
		return // it has a section of its own, or no keys of its own
	}
	if get(value, "properties") != nil {
		t.object(path, value)
	}
	if values := get(value, "additionalProperties"); values != nil && values.Kind == yaml.MappingNode {
		t.inner(path+".*", values)
	}
	if entries := get(value, "items"); entries != nil {
		t.inner(path+"[]", entries)
	}
	for _, choice := range items(get(value, "anyOf")) {
		t.inner(path, choice)
	}
}

// refs are the types of the parts that schemas share, by the end of the reference. A link leads to the part's table.
var refs = map[string]string{
	"name": "name", "names": "list of names", "tools": "list of names", "duration": "duration", "size": "size",
	"modelID": "model id", "model": "model id or list of them", "strings": "mapping of text", "values": "mapping",
	"schema": "JSON Schema", "limits": "[limits](#limits)", "checks": "list of [checks](#checks)",
	"step": "[step](#steps)", "parallelStep": "[step](#steps)", "sandbox.json": "[sandbox](#sandboxes)",
}

// typeOf says in words what a value may be.
func (t tables) typeOf(value *yaml.Node) string {
	if ref := text(value, "$ref"); ref != "" {
		if name, ok := refs[ref[strings.LastIndexByte(ref, '/')+1:]]; ok {
			return name
		}
		target := t.root
		for _, part := range strings.Split(ref, "/")[1:] {
			target = get(target, part)
		}
		return t.typeOf(target)
	}
	if values := get(value, "enum"); values != nil {
		return listed(strs(values), "or")
	}
	if only := get(value, "const"); only != nil {
		return "`" + only.Value + "`"
	}
	if choices := items(get(value, "anyOf")); choices != nil {
		var types []string
		for _, choice := range choices {
			types = append(types, t.typeOf(choice))
		}
		return strings.Join(types, " or ")
	}
	switch text(value, "type") {
	case "string":
		return "text"
	case "array":
		return "list of " + plural(t.typeOf(get(value, "items")))
	case "object":
		if values := get(value, "additionalProperties"); values != nil && values.Kind == yaml.MappingNode {
			return "mapping of " + plural(t.typeOf(values))
		}
		return "mapping"
	case "":
		return "any value"
	}
	return text(value, "type")
}

// plural is a type as the type of entries.
func plural(name string) string {
	if first, rest, found := strings.Cut(name, " "); first == "mapping" && found {
		return "mappings " + rest
	} else if first == "mapping" {
		return "mappings"
	}
	return name
}

// fallback is the sentence at the end of a description that says what happens without the key.
var fallback = regexp.MustCompile(`(?:^|\. )(?:Default:?|Absent(?: or \S+)?:) (.+)\.$`)

// splitDefault splits that sentence off.
func splitDefault(description string) (meaning, def string) {
	m := fallback.FindStringSubmatchIndex(description)
	if m == nil {
		return description, ""
	}
	meaning = description[:m[0]]
	if meaning != "" {
		meaning += "."
	}
	return meaning, description[m[2]:m[3]]
}

// cell is text that a table's cell can hold, where < would begin HTML.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "<", `\<`).Replace(s) }

// listed is `a`, `b` or `c`.
func listed(words []string, last string) string {
	var b strings.Builder
	for i, word := range words {
		switch {
		case i > 0 && i == len(words)-1:
			b.WriteString(" " + last + " ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString("`" + word + "`")
	}
	return b.String()
}
