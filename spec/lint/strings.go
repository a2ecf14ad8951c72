package lint

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

// eachString visits the strings at a pointer of a document and below it.
func eachString(d *spec.Document, pointer string, visit func(pointer, text string)) {
	if value, ok := schema.Lookup(d.Value(), pointer); ok {
		eachStringIn(pointer, value, visit)
	}
}

func eachStringIn(pointer string, value any, visit func(pointer, text string)) {
	switch value := value.(type) {
	case string:
		visit(pointer, value)
	case []any:
		for i, item := range value {
			eachStringIn(join(pointer, strconv.Itoa(i)), item, visit)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			eachStringIn(join(pointer, key), value[key], visit)
		}
	}
}

// privilegedStrings are the strings of the files that may name secrets, and of sandboxes written in place.
func privilegedStrings(p *spec.Project, visit func(d *spec.Document, pointer, text string)) {
	for _, d := range p.Documents {
		pointer := ""
		switch d.Kind {
		case "settings", "command", "tool", "sandbox":
		case "agent":
			pointer = "/sandbox"
		default:
			continue
		}
		eachString(d, pointer, func(pointer, text string) { visit(d, pointer, text) })
	}
}

// secretsIn are the variables of the environment, where secrets are, that a text names.
func secretsIn(text string) []expr.Name {
	if !strings.Contains(text, "${{") {
		return nil
	}
	parsed, err := expr.Parse(text)
	if err != nil {
		return nil // reported as what it is
	}
	return slices.DeleteFunc(parsed.Names(), func(name expr.Name) bool { return name.Path[0] != "env" })
}

func namesSecret(text string) bool { return len(secretsIn(text)) > 0 }

func anyNamesSecret(texts map[string]string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(texts)), namesSecret)
}

// sorted visits a map in the order of its keys.
func sorted[V any](m map[string]V, visit func(name string, value V)) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		visit(name, m[name])
	}
}
