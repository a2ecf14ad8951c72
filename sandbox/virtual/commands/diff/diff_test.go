package diff

import (
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

func TestDiff(t *testing.T) {
	files := map[string]string{"a": "1\n2\n3\n4\n5\n", "b": "1\n2\nthree\n4\n5\n6\n", "c": "a", "d": "a\n", "s": "A  b\n", "u": "a b\n\n",
		"p/x": "1\n", "p/only": "", "q/x": "2\n", "bin": "\x00\x01"}
	for _, c := range []struct {
		args   []string
		out    string
		status int
	}{
		{[]string{"a", "a"}, "", 0},
		{[]string{"a", "b"}, "3c3\n< 3\n---\n> three\n5a6\n> 6\n", 1},
		{[]string{"-u", "--label", "x", "--label", "y", "a", "b"}, "--- x\n+++ y\n@@ -1,5 +1,6 @@\n 1\n 2\n-3\n+three\n 4\n 5\n+6\n", 1},
		{[]string{"-U0", "--label=x", "--label=y", "a", "b"}, "--- x\n+++ y\n@@ -3 +3 @@\n-3\n+three\n@@ -5,0 +6 @@\n+6\n", 1},
		{[]string{"-c", "--label", "x", "--label", "y", "a", "b"},
			"*** x\n--- y\n***************\n*** 1,5 ****\n  1\n  2\n! 3\n  4\n  5\n--- 1,6 ----\n  1\n  2\n! three\n  4\n  5\n+ 6\n", 1},
		{[]string{"c", "d"}, "1c1\n< a\n\\ No newline at end of file\n---\n> a\n", 1},
		{[]string{"-q", "a", "b"}, "Files a and b differ\n", 1},
		{[]string{"-s", "a", "a"}, "Files a and a are identical\n", 0},
		{[]string{"-iwB", "s", "u"}, "", 0},
		{[]string{"-i", "-b", "s", "u"}, "1a2\n> \n", 1},
		{[]string{"-e", "a", "b"}, "5a\n6\n.\n3c\nthree\n.\n", 1},
		{[]string{"-r", "p", "q"}, "Only in p: only\ndiff -r p/x q/x\n1c1\n< 1\n---\n> 2\n", 1},
		{[]string{"-y", "-W", "20", "c", "b"}, "a     \\\t1\n      >\t2\n      >\tthree\n      >\t4\n      >\t5\n      >\t6\n", 1},
		{[]string{"bin", "a"}, "Binary files bin and a differ\n", 1},
		{[]string{"a", "none"}, "", 2},
		{[]string{"a"}, "", 2},
	} {
		clitest.Check(t, Run, clitest.Case{Args: append([]string{"diff"}, c.args...), Files: files, Out: c.out, Status: c.status})
	}
}
