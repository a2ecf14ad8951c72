package wire

import (
	"io"
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
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a request may have to be sent again
			text, err := io.ReadAll(got.reader())
			if err != nil || string(text) != c.want || got.size() != int64(len(text)) {
				t.Errorf("%v is %s, %v, want %s", c.params, text, err, c.want)
			}
		}
	}
	if _, err := body(map[string]any{"a": func() {}}); err == nil {
		t.Error("a function is JSON")
	}
}
