package engine

import (
	"strings"
	"testing"
)

func TestLastLines(t *testing.T) {
	long := strings.Repeat("x", 600)
	for stderr, want := range map[string]string{
		"":                              "",
		"\n\n":                          "",
		"one\n":                         ": one",
		"fatal: no\n\nPlease see\nit\n": ":\n  fatal: no\n  Please see\n  it",
		"1\n2\n3\n4\n5\n6\n":            ":\n  2\n  3\n  4\n  5\n  6",
		"why\n" + long + "\n" + long:    ": " + long,
	} {
		if got := lastLines(stderr); got != want {
			t.Errorf("%q is shown as %q, want %q", stderr, got, want)
		}
	}
}
