package container_test

import (
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/container"
)

// TestKeeper: what runs inside learns nothing of the keeper, and cannot end it.
func TestKeeper(t *testing.T) {
	eachServer(t, keeper)
}

func keeper(t *testing.T, s *container.Sandbox) {
	for name, script := range map[string]string{
		"its memory":      "dd if=/proc/1/mem bs=1 count=1 2>/dev/null && echo got it; cat /proc/1/maps 2>/dev/null | grep . && echo got it",
		"its descriptors": "ls -l /proc/1/fd 2>/dev/null | grep -e '->' && echo got it; (echo x >/proc/1/fd/1) 2>/dev/null && echo got it",
		"its environment": "cat /proc/1/environ 2>/dev/null | grep -a . && echo got it",
		"ending it":       "for s in TERM INT HUP QUIT KILL STOP SEGV ABRT USR1; do kill -$s 1 2>/dev/null; done; sleep 0.1; true",
	} {
		if r := run(t, s, script); strings.Contains(r.Stdout, "got it") || r.ExitCode == 137 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if r := run(t, s, "env -i setsid sleep 1000 & env -i sh -c 'setsid sleep 1001 &'; exit 4"); r.ExitCode != 4 {
		t.Errorf("%+v", r)
	}
	if r := run(t, s, "grep -a -l slee[p] /proc/*/cmdline 2>/dev/null | grep -v -e self -e $$ | wc -l"); r.Stdout != "0\n" {
		t.Errorf("left behind: %+v", r)
	}
}
