package engine_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/flue-run/flue/engine"
)

// TestAppendJSON sets every field of an event, and of what is in it, one by one and all at once: what is written by hand is
// what encoding/json writes.
func TestAppendJSON(t *testing.T) {
	all := fill(reflect.TypeFor[engine.Event](), "")
	same(t, &engine.Event{})
	same(t, all.Addr().Interface().(*engine.Event))
	for i := range all.NumField() {
		if !all.Type().Field(i).IsExported() {
			continue
		}
		var one engine.Event
		reflect.ValueOf(&one).Elem().Field(i).Set(all.Field(i))
		same(t, &one)
		empty := all.Field(i)
		if empty.Kind() != reflect.Pointer {
			continue
		}
		empty.Set(reflect.New(empty.Type().Elem())) // and a pointer to what is empty
		reflect.ValueOf(&one).Elem().Field(i).Set(empty)
		same(t, &one)
	}
	for _, value := range []any{"text", "", 1.5, json.Number("1e400"), []any{}, map[string]any{"b": 1, "a": "<&>"}, true} {
		same(t, &engine.Event{Result: value, Data: value})
	}
}

func TestAppendJSONFails(t *testing.T) {
	if data, err := (&engine.Event{Data: math.Inf(1)}).AppendJSON(nil); err == nil {
		t.Errorf("wrote %s", data)
	}
}

func FuzzAppendJSON(f *testing.F) {
	for _, text := range []string{"", "plain", "line\nline\ttab\r\b\f\x00\x1f\x7f", `"\/`, "<&>", "é\u2028\u2029", "\xff\xc3", "a\"é"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { same(t, &engine.Event{Text: text, Data: text}) })
}

// same compares e with what encoding/json makes of it.
func same(t *testing.T, e *engine.Event) {
	t.Helper()
	var want bytes.Buffer
	to := json.NewEncoder(&want)
	to.SetEscapeHTML(false)
	if err := to.Encode(e); err != nil {
		t.Fatal(err)
	}
	got, err := e.AppendJSON([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != "before"+want.String() {
		t.Errorf("got\n%s, want\n%s", got, want.String())
	}
}

// fill is a value of a type with nothing empty in it.
func fill(kind reflect.Type, name string) reflect.Value {
	v := reflect.New(kind).Elem()
	switch kind {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)))
		return v
	case reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(`{"a": ["<&>", 1.0]}`))
		return v
	}
	switch kind.Kind() {
	case reflect.Struct:
		for i := range kind.NumField() {
			if kind.Field(i).IsExported() {
				v.Field(i).Set(fill(kind.Field(i).Type, kind.Field(i).Name))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(kind.Elem()))
		v.Elem().Set(fill(kind.Elem(), name))
	case reflect.Slice:
		v.Set(reflect.Append(v, fill(kind.Elem(), name), fill(kind.Elem(), name)))
	case reflect.String:
		v.SetString(name + " \"\\\n<é>")
	case reflect.Int, reflect.Int64:
		v.SetInt(-7)
	case reflect.Float64:
		v.SetFloat(1e21)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Interface:
		if kind.NumMethod() == 0 {
			v.Set(reflect.ValueOf(map[string]any{"a": []any{1, "x"}}))
		}
	default:
		panic("no value of " + kind.String())
	}
	return v
}
