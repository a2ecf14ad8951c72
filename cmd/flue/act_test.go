package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestAct runs workflows with nektos/act on this machine. The variable FLUE_ACT is act's path; `make act` builds and names it.
func TestAct(t *testing.T) {
	act := os.Getenv("FLUE_ACT")
	if act == "" {
		t.Skip("FLUE_ACT is not set: see make act")
	}
	testscript.Run(t, testscript.Params{
		Dir:  filepath.Join("testdata", "act"),
		Cmds: scriptCommands,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FLUE_ACT", act)
			text, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
			if err != nil {
				return err
			}
			folder := filepath.Join(env.WorkDir, "action")
			if err := os.Mkdir(folder, 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(folder, "action.yml"), text, 0o644); err != nil {
				return err
			}
			return copyExamples(env)
		},
	})
}
