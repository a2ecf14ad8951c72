package find

import (
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

var tree = map[string]string{"f": "hello\n", "g": "", "d/in": "x\n", "d/s/deep.txt": "deep\n"}

var tests = []clitest.Case{
	{Args: []string{"find"}, Out: ".\n./d\n./d/in\n./d/s\n./d/s/deep.txt\n./f\n./g\n"},
	{Args: []string{"find", "-name", "[fg]", "-o", "-name", "*.txt"}, Out: "./d/s/deep.txt\n./f\n./g\n"},
	{Args: []string{"find", ".", "(", "-name", "f", "-o", "-name", "g", ")", "!", "-empty"}, Out: "./f\n"},
	{Args: []string{"find", ".", "-path", "./d", "-prune", "-o", "-print"}, Out: ".\n./f\n./g\n"},
	{Args: []string{"find", "d", "-depth", "-type", "d"}, Out: "d/s\nd\n"},
	{Args: []string{"find", "-maxdepth", "1", "-type", "f", "-size", "-2c"}, Out: "./g\n"},
	{Args: []string{"find", "d", "-mindepth", "1", "-printf", "%P %f %h %d %y %s %m|%-4f|%%\\n"}, Out: "in in d 1 f 2 644|in  |%\ns s d 1 d 4096 755|s   |%\ns/deep.txt deep.txt d/s 2 f 5 644|deep.txt|%\n"},
	{Args: []string{"find", "f", "g", "-exec", "./c", "<{}>", ";", "-print"}, Out: "ran: ./c <f>\nran: ./c <g>\n"},
	{Args: []string{"find", "f", "g", "-exec", "./c", "{}", "+"}, Out: "ran: ./c f g\n", Status: 1},
	{Args: []string{"find", ".", "-regex", "./\\(f\\|g\\)+"}, Out: "./f\n./g\n"},
	{Args: []string{"find", ".", "-newermt", "2023-01-01", "-name", "f", "-quit"}, Out: ""},
	{Args: []string{"find", "f", "-mmin", "-5", ",", "-false"}, Out: ""},
	{Args: []string{"find", "f", "-perm", "-u+r", "-perm", "/111"}, Out: ""},
	{Args: []string{"find", "nope"}, Err: "find: 'nope': No such file or directory", Status: 1},
	{Args: []string{"find", "-foo"}, Err: "find: unknown predicate `-foo'", Status: 1},
	{Args: []string{"find", "-name"}, Err: "find: missing argument to `-name'", Status: 1},
	{Args: []string{"find", "(", "-name", "x"}, Err: "find: invalid expression; I was expecting to find a ')' somewhere but did not see one.", Status: 1},
	{Args: []string{"find", "-name", "x", ")"}, Err: "find: you have too many ')'", Status: 1},
	{Args: []string{"find", "!"}, Err: "find: expected an expression after '!'", Status: 1},
	{Args: []string{"find", "-mtime", "1x"}, Err: "find: invalid argument `1x' to `-mtime'", Status: 1},
	{Args: []string{"find", "-exec", "x"}, Err: "find: missing argument to `-exec'", Status: 1},
}

func TestFind(t *testing.T) {
	for _, c := range tests {
		c.Files = tree
		r := clitest.Run(t, Run, c)
		if r.Out != c.Out || r.Status != c.Status || strings.TrimSuffix(r.Err, "\n") != c.Err {
			t.Errorf("%q\n got %q, status %d, stderr %q\nwant %q, status %d, stderr %q", c.Args, r.Out, r.Status, r.Err, c.Out, c.Status, c.Err)
		}
	}
}

func TestDelete(t *testing.T) {
	r := clitest.Run(t, Run, clitest.Case{Args: []string{"find", "d", "-delete"}, Files: tree})
	if _, err := r.FS.Stat("/w/d"); err == nil || r.Status != 0 {
		t.Errorf("d is still there, status %d, %s", r.Status, r.Err)
	}
}

func FuzzExpression(f *testing.F) {
	for _, c := range tests {
		f.Add(strings.Join(c.Args[1:], "\x00"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		clitest.Run(t, Run, clitest.Case{Args: append([]string{"find"}, strings.Split(text, "\x00")...), Files: tree})
	})
}
