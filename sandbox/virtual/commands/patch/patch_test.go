package patch

import (
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

const (
	before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
	after  = "1\n2\n3\nfour\n5\n6\n7\n8\n9\nten\n"
	diff   = "--- a/f\n+++ b/f\n@@ -1,7 +1,7 @@\n 1\n 2\n 3\n-4\n+four\n 5\n 6\n 7\n@@ -8,2 +8,3 @@\n 8\n 9\n+ten\n"
)

const contextDiff = "*** a/f\n--- b/f\n***************\n*** 1,7 ****\n  1\n  2\n  3\n! 4\n  5\n  6\n  7\n--- 1,7 ----\n  1\n  2\n  3\n! four\n" +
	"  5\n  6\n  7\n***************\n*** 8,9 ****\n--- 8,10 ----\n  8\n  9\n+ ten\n"

func TestPatch(t *testing.T) {
	for _, c := range []struct {
		args        []string
		patch, file string
		out         string
		want        string
		status      int
	}{
		{[]string{"-p1"}, diff, before, "patching file f\n", after, 0},
		{[]string{"-R", "-p1"}, diff, after, "patching file f\n", before, 0},
		{[]string{"-p1", "--dry-run"}, diff, before, "checking file f\n", before, 0},
		{[]string{"-s"}, diff, before, "", after, 0},
		{[]string{"-p1"}, diff, "0\n" + before, "patching file f\nHunk #1 succeeded at 2 (offset 1 line).\nHunk #2 succeeded at 9 (offset 1 line).\n", "0\n" + after, 0},
		{[]string{"f"}, "4c4\n< 4\n---\n> four\n9a10\n> ten\n", before, "patching file f\n", after, 0},
		{[]string{"-p1"}, contextDiff, before, "patching file f\n", after, 0},
		{[]string{"-R"}, contextDiff, after, "patching file f\n", before, 0},
		{[]string{"-p1"}, "*** f\n--- f\n***************\n*** 1 ****\n  x\n--- 1 ----\n  y\n", before, "", before, 2},
		{[]string{"-p1"}, diff, "x\ny\n", "patching file f\nHunk #1 FAILED at 1.\nHunk #2 FAILED at 8.\n2 out of 2 hunks FAILED -- saving rejects to file f.rej\n", "x\ny\n", 1},
		{[]string{"-p1"}, "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n", "a\n", "patching file f\n", "b", 0},
	} {
		r := clitest.Run(t, Run, clitest.Case{Args: append([]string{"patch"}, c.args...), Stdin: c.patch, Files: map[string]string{"f": c.file}})
		got, _ := r.FS.ReadFile("/w/f")
		if r.Out != c.out || string(got) != c.want || r.Status != c.status {
			t.Errorf("%q: %q, file %q, status %d, %s; want %q, file %q, status %d", c.args, r.Out, got, r.Status, r.Err, c.out, c.want, c.status)
		}
	}
}

func TestNewAndRemoved(t *testing.T) {
	r := clitest.Run(t, Run, clitest.Case{Args: []string{"patch", "-p1"},
		Stdin: "--- /dev/null\n+++ b/d/new\n@@ -0,0 +1 @@\n+x\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n", Files: map[string]string{"old": "gone\n"}})
	if got, err := r.FS.ReadFile("/w/d/new"); string(got) != "x\n" {
		t.Error(got, err, r)
	}
	if _, err := r.FS.Stat("/w/old"); err == nil || r.Status != 0 {
		t.Error("old is still there", r)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(diff)
	f.Add(contextDiff)
	f.Add("4c4\n< 4\n---\n> four\n")
	f.Fuzz(func(t *testing.T, text string) {
		parse(text)
	})
}
