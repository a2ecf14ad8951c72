package lint

import (
	"io/fs"
	"runtime"
	"testing"
	"testing/fstest"
)

func TestRunBit(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no run bit there")
	}
	for mode, broken := range map[fs.FileMode]bool{0o644: true, 0o755: false, 0: false, 0o744: false} {
		files := fstest.MapFS{"scripts/x": {Data: []byte("#!/bin/sh\n"), Mode: mode}}
		if text, _ := brokenScript(files, "scripts/x"); (text != "") != broken {
			t.Errorf("%v: %q", mode, text)
		}
	}
}
