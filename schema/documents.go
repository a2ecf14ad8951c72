package schema

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

//go:embed *.json
var files embed.FS

// Kinds are the documents of a project, in the order in which they are explained.
func Kinds() []string {
	return []string{"agent", "role", "skill", "command", "tool", "sandbox", "settings", "model"}
}

var kinds = func() map[string]func() *Schema {
	m := map[string]func() *Schema{}
	for _, kind := range Kinds() {
		m[kind] = sync.OnceValue(func() *Schema { return compileKind(kind) })
	}
	return m
}()

// For is the schema of the documents of one kind, which is one of Kinds. It is compiled when first asked for.
func For(kind string) *Schema {
	compiled, ok := kinds[kind]
	if !ok {
		panic(fmt.Sprintf("schema: there is no document kind %q", kind))
	}
	return compiled()
}

func compileKind(kind string) *Schema {
	b := &builder{documents: map[string]any{}, built: map[string]*jsonschema.Schema{}}
	root := base + kind + ".json"
	return &Schema{compiled: b.ref(root, ""), documents: b.documents, raw: b.bundled(root)}
}

func embedded(name string) (any, error) {
	raw, err := files.ReadFile(name)
	return json.RawMessage(raw), err
}
