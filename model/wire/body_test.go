package wire

import (
	"testing"
)

func TestBody(t *testing.T) {
	for _, c := range []struct {
		params any
		want   string
	}{
		{map[string]any{}, `{}`},
		{map[string]any{"b": Raw(`[ 1 ]`), "a": "x", "c": nil}, `{"a":"x","b":[ 1 ],"c":null}`},
		{struct{ A int }{1}, `{"A":1}`},
	} {
		got, err := body(c.params)
		if err != nil || string(got) != c.want {
			t.Errorf("%v is %s, %v, want %s", c.params, got, err, c.want)
		}
	}
	if _, err := body(map[string]any{"a": func() {}}); err == nil {
		t.Error("a function is JSON")
	}
}
