package spec

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flue-run/flue/schema"
	"github.com/google/go-cmp/cmp"
)

// TestFieldsMatchSchemas keeps the structs and the JSON Schemas equal, key by key.
func TestFieldsMatchSchemas(t *testing.T) {
	tests := []struct {
		kind, pointer string
		value         any
	}{
		{"agent", "", Agent{}},
		{"agent", "/$defs/step", Step{}},
		{"agent", "/properties/triggers", Triggers{}},
		{"agent", "/properties/triggers/properties/webhook/anyOf/1", Webhook{}},
		{"agent", "/properties/triggers/properties/webhook/anyOf/1/properties/verify", Verify{}},
		{"agent", "/properties/triggers/properties/cron/items", Cron{}},
		{"agent", "/properties/compaction", Compaction{}},
		{"agent", "/properties/accept/items", Accept{}},
		{"agent", "/$defs/step/properties/retry", Retry{}},
		{"agent", "/$defs/common.json/$defs/limits", Limits{}},
		{"agent", "/$defs/common.json/$defs/checks/items", Check{}},
		{"role", "", Role{}},
		{"skill", "", Skill{}},
		{"command", "", Command{}},
		{"tool", "", Tool{}},
		{"tool", "/properties/command", ToolCommand{}},
		{"tool", "/properties/http", ToolHTTP{}},
		{"sandbox", "", Sandbox{}},
		{"sandbox", "/properties/mounts/items", Mount{}},
		{"sandbox", "/properties/limits", SandboxLimits{}},
		{"settings", "", Settings{}},
		{"settings", "/properties/providers/additionalProperties", Provider{}},
		{"settings", "/properties/models/additionalProperties", ModelInfo{}},
		{"settings", "/properties/server", Server{}},
		{"settings", "/properties/server/properties/tokens/items", Token{}},
		{"settings", "/properties/mcp/additionalProperties", MCP{}},
	}
	for _, test := range tests {
		t.Run(test.kind+test.pointer, func(t *testing.T) {
			var document any
			if err := json.Unmarshal(schema.For(test.kind).JSON(), &document); err != nil {
				t.Fatal(err)
			}
			found, _ := schema.Lookup(document, test.pointer)
			object, _ := found.(map[string]any)
			properties, _ := object["properties"].(map[string]any)
			if diff := cmp.Diff(slices.Sorted(maps.Keys(properties)), yamlFields(reflect.TypeOf(test.value))); diff != "" {
				t.Errorf("-schema +struct:\n%s", diff)
			}
		})
	}
}

func yamlFields(s reflect.Type) []string {
	var names []string
	for _, field := range reflect.VisibleFields(s) {
		if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
