package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// TestBuild checks that flue's own documents are schemas, and that they are built as the library compiles them.
func TestBuild(t *testing.T) {
	for _, kind := range Kinds() {
		raw, err := files.ReadFile(kind + ".json")
		if err != nil {
			t.Fatal(err)
		}
		want, err := CompileFile(kind+".json", json.RawMessage(raw), embedded)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		got := For(kind)
		seen := 0
		if err := same(reflect.ValueOf(got.compiled), reflect.ValueOf(want.compiled), map[uintptr]bool{}, &seen); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if seen < 3 {
			t.Errorf("%s: only %d schemas were compared", kind, seen)
		}
		if string(got.JSON()) != string(want.JSON()) {
			t.Errorf("%s: the document differs:\n%s\n%s", kind, got.JSON(), want.JSON())
		}
	}
}

// besides are the fields that do not decide whether a value is valid.
var besides = []string{"Extensions", "Draft", "Title", "Description", "Comment", "Default", "Examples", "ContainsEval"}

// same compares what the library shows of its schemas, which refer to each other in circles.
func same(got, want reflect.Value, compared map[uintptr]bool, schemas *int) error {
	if got.Kind() != want.Kind() {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	switch got.Interface().(type) {
	case *regexp.Regexp, json.Number:
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("got %v, want %v", got, want)
		}
		return nil
	case map[*regexp.Regexp]*jsonschema.Schema:
		return same(byText(got), byText(want), compared, schemas)
	}
	switch got.Kind() {
	case reflect.Pointer:
		if got.IsNil() != want.IsNil() {
			return fmt.Errorf("got %v, want %v", got, want)
		}
		if got.IsNil() || compared[want.Pointer()] {
			return nil
		}
		compared[want.Pointer()] = true
		return same(got.Elem(), want.Elem(), compared, schemas)
	case reflect.Interface:
		if got.IsNil() || want.IsNil() {
			if got.IsNil() != want.IsNil() {
				return fmt.Errorf("got %v, want %v", got, want)
			}
			return nil
		}
		return same(got.Elem(), want.Elem(), compared, schemas)
	case reflect.Struct:
		if _, ok := got.Interface().(jsonschema.Schema); ok {
			*schemas++
		}
		for i := range got.NumField() {
			field := got.Type().Field(i)
			one, other := got.Field(i), want.Field(i)
			switch ours, _ := got.Interface().(jsonschema.Schema); {
			case !field.IsExported() || slices.Contains(besides, field.Name):
				continue
			case field.Name == "Enum" && ours.Extensions["enum"] != nil:
				one = reflect.ValueOf([]any(ours.Extensions["enum"].(enum)))
			case field.Name == "Format" && ours.Extensions["format"] != nil:
				one = reflect.ValueOf(string(ours.Extensions["format"].(format)))
			}
			if err := same(one, other, compared, schemas); err != nil {
				return fmt.Errorf("%s %w", field.Name, err)
			}
		}
		return nil
	case reflect.Map:
		if got.Len() != want.Len() {
			return fmt.Errorf("got %v, want %v", got, want)
		}
		for _, key := range want.MapKeys() {
			if !got.MapIndex(key).IsValid() {
				return fmt.Errorf("no %v", key)
			}
			if err := same(got.MapIndex(key), want.MapIndex(key), compared, schemas); err != nil {
				return fmt.Errorf("%v %w", key, err)
			}
		}
		return nil
	case reflect.Slice:
		if got.Len() != want.Len() {
			return fmt.Errorf("got %v, want %v", got, want)
		}
		for i := range got.Len() {
			if err := same(got.Index(i), want.Index(i), compared, schemas); err != nil {
				return fmt.Errorf("%d %w", i, err)
			}
		}
		return nil
	}
	if !got.Equal(want) {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}

func byText(patterns reflect.Value) reflect.Value {
	m := map[string]*jsonschema.Schema{}
	for pattern, schema := range patterns.Interface().(map[*regexp.Regexp]*jsonschema.Schema) {
		m[pattern.String()] = schema
	}
	return reflect.ValueOf(m)
}
