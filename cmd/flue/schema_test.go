package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/scripted"
	"github.com/flue-run/flue/schema"
	"github.com/google/go-cmp/cmp"
)

// node is as much of a JSON Schema as says which keys a document has.
type node struct {
	Properties           map[string]node
	AdditionalProperties any
	Items                *node
}

func kindNode(t *testing.T, kind string) node {
	t.Helper()
	var n node
	if err := json.Unmarshal(schema.For(kind).JSON(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// additional is the schema of a mapping's values.
func (n node) additional() *node {
	raw, err := json.Marshal(n.AdditionalProperties)
	var values node
	if err != nil || json.Unmarshal(raw, &values) != nil {
		return nil
	}
	return &values
}

// TestSchemaKeys compares the keys of documents that other packages than spec decode with the fields behind them: a key
// without a field would do nothing, and a field without a key could not be set.
func TestSchemaKeys(t *testing.T) {
	provider := kindNode(t, "settings").Properties["providers"].additional()
	compareKeys(t, "compat", provider.Properties["compat"], reflect.TypeFor[model.Compat]())
	compareKeys(t, "model", kindNode(t, "model"), reflect.TypeFor[scripted.Script]())
}

func compareKeys(t *testing.T, where string, n node, typ reflect.Type) {
	t.Helper()
	switch {
	case typ == reflect.TypeFor[time.Duration]():
		return
	case typ.Kind() == reflect.Pointer:
		compareKeys(t, where, n, typ.Elem())
	case typ.Kind() == reflect.Slice && n.Items != nil:
		compareKeys(t, where+"[]", *n.Items, typ.Elem())
	case typ.Kind() == reflect.Map && n.additional() != nil:
		compareKeys(t, where+".*", *n.additional(), typ.Elem())
	case typ.Kind() == reflect.Struct:
		fields := map[string]reflect.Type{}
		for field := range typ.Fields() {
			fields[field.Tag.Get("yaml")] = field.Type
		}
		if n.AdditionalProperties != false {
			t.Errorf("%s: the schema lets any key pass", where)
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(n.Properties))); diff != "" {
			t.Errorf("%s: -%v +schema:\n%s", where, typ, diff)
		}
		for key, field := range fields {
			compareKeys(t, where+"."+key, n.Properties[key], field)
		}
	}
}
