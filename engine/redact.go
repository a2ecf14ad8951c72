package engine

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/flue-run/flue/store"
)

// Outputs of commands are redacted where they are made. This is the second net: whatever else brought a secret into an
// event keeps it neither in the store nor in what is shown.

// redact takes secrets out of an event and its entry.
func (r *run) redact(e *Event, entry *store.Entry) error {
	data, err := r.redactJSON(entry.Data)
	if err != nil || bytes.Equal(data, entry.Data) {
		return err
	}
	entry.Data = data
	*e, err = EventOf(r.key, *entry)
	return err
}

// redactJSON is a JSON document without secrets in its strings and numbers.
func (r *run) redactJSON(data json.RawMessage) (json.RawMessage, error) {
	if !r.broker.Redactor().Contains(data) {
		return data, nil
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("redact: %w", err)
	}
	return mustJSON(r.redactValue(value)), nil
}

func (r *run) redactValue(value any) any {
	redactor := r.broker.Redactor()
	switch v := value.(type) {
	case string:
		return redactor.String(v)
	case json.Number:
		if text := redactor.String(v.String()); text != v.String() {
			return text
		}
	case []any:
		for i := range v {
			v[i] = r.redactValue(v[i])
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, item := range v {
			clean[redactor.String(key)] = r.redactValue(item)
		}
		return clean
	}
	return value
}
