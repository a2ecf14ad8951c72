package main

import (
	"os"
	"slices"
	"testing"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
)

// TestExample: what the reference shows is a project without a finding.
func TestExample(t *testing.T) {
	for _, problem := range lint.Check(spec.Load(os.DirFS("example"))) {
		t.Errorf("%v", problem)
	}
}

func TestSplitDefault(t *testing.T) {
	tests := []struct{ description, meaning, def string }{
		{"How long it may take. Default 1h.", "How long it may take.", "1h"},
		{"host:port. Default 127.0.0.1:3000.", "host:port.", "127.0.0.1:3000"},
		{"The model. Default: the agent's.", "The model.", "the agent's"},
		{"The tools. Absent or empty: none.", "The tools.", "none"},
		{"Default true.", "", "true"},
		{"ro (default); rw.", "ro (default); rw.", ""},
	}
	for _, test := range tests {
		if meaning, def := splitDefault(test.description); meaning != test.meaning || def != test.def {
			t.Errorf("%q: got %q and %q", test.description, meaning, def)
		}
	}
}

func TestCommandsOf(t *testing.T) {
	help := "Usage: flue <command>\n\nFlags:\n  -h, --help    Help.\n\nCommands:\n  run          Run it.\n  session list   List.\n\nRun \"flue\" for  more.\n"
	if got := commandsOf(help); !slices.Equal(got, []string{"run", "session list"}) {
		t.Errorf("got %q", got)
	}
}
