package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestSDK has the published @flue/sdk for Node talk to flue serve. The variable FLUE_SDK is a node_modules folder with its
// versions; `make sdk` installs and names it.
func TestSDK(t *testing.T) {
	modules := os.Getenv("FLUE_SDK")
	if _, err := exec.LookPath("node"); err != nil || modules == "" {
		t.Skip("SKIPPED: FLUE_SDK is not set, or there is no Node: see make sdk")
	}
	testscript.Run(t, testscript.Params{
		Dir:  filepath.Join("testdata", "sdk"),
		Cmds: scriptCommands,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FLUE_SDK", modules)
			return copyExamples(env)
		},
	})
}
