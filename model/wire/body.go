package wire

import (
	"encoding/json"
	"maps"
	"slices"
)

// Raw is JSON that goes into a request as it is. Of a json.RawMessage every byte is looked at again, and what tools take as
// parameters is most of a short request.
type Raw []byte

// body is params as JSON. A field of a map[string]any may be Raw.
func body(params any) ([]byte, error) {
	fields, ok := params.(map[string]any)
	if !ok {
		return json.Marshal(params)
	}
	size := 1 << 10
	for _, value := range fields {
		if raw, ok := value.(Raw); ok {
			size += len(raw)
		}
	}
	b := append(make([]byte, 0, size), '{')
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		b = append(append(b, key...), ':')
		value, raw := fields[name].(Raw)
		if !raw {
			if value, err = json.Marshal(fields[name]); err != nil {
				return nil, err
			}
		}
		b = append(b, value...)
	}
	return append(b, '}'), nil
}
