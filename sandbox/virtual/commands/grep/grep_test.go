package grep

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

const text = "one\ntwo\nthree\nTwo and one\nfour-two\n"

var tests = []struct {
	args   string // separated by spaces
	stdin  string
	out    string
	status int
}{
	{"grep two", text, "two\nfour-two\n", 0},
	{"grep -i two", text, "two\nTwo and one\nfour-two\n", 0},
	{"grep -v o", text, "three\n", 0},
	{"grep -n one", text, "1:one\n4:Two and one\n", 0},
	{"grep -b one", text, "0:one\n14:Two and one\n", 0},
	{"grep -c o", text, "4\n", 0},
	{"grep -c zzz", text, "0\n", 1},
	{"grep -o t[wh]", text, "tw\nth\ntw\n", 0},
	{"grep -ob two", text, "4:two\n31:two\n", 0},
	{"grep -w two", text, "two\nfour-two\n", 0},
	{"grep -x two", text, "two\n", 0},
	{"grep -l two", text, "(standard input)\n", 0},
	{"grep -L two", text, "", 0},
	{"grep -q two", text, "", 0},
	{"grep -m1 two", text, "two\n", 0},
	{"grep -A1 one", text, "one\ntwo\n--\nTwo and one\nfour-two\n", 0},
	{"grep -B1 three", text, "two\nthree\n", 0},
	{"grep -n -C1 three", text, "2-two\n3:three\n4-Two and one\n", 0},
	{"grep -1 three", text, "two\nthree\nTwo and one\n", 0},
	{"grep -m1 -A1 two", text, "two\nthree\n", 0},
	{"grep -e one -e three", text, "one\nthree\nTwo and one\n", 0},
	{"grep -F -e o.e -e three", text, "three\n", 0},
	{"grep -E (o|w)n?e$", text, "one\nTwo and one\n", 0},
	{"grep -P o(?=n)", text, "one\nTwo and one\n", 0},
	{"grep -oP t\\Kw", text, "w\nw\n", 0},
	{"grep -H three", text, "(standard input):three\n", 0},
	{"grep --label=x -H three -", text, "x:three\n", 0},
	{"grep -z b", "a\x00b\nc\x00", "b\nc\x00", 0},
	{"grep a", "a\x00b\n", "", 0},
	{"grep -a a", "a\x00b\n", "a\x00b\n", 0},
	{"grep -I a", "a\x00b\n", "", 1},
	{"grep --color=always w", "two\n", "t\x1b[01;31m\x1b[Kw\x1b[m\x1b[Ko\n", 0},
	{"grep -n --color=always w", "two\n", "\x1b[32m\x1b[K1\x1b[m\x1b[K\x1b[36m\x1b[K:\x1b[m\x1b[Kt\x1b[01;31m\x1b[Kw\x1b[m\x1b[Ko\n", 0},
	{"grep -o b*", "abbcb\n", "bb\nb\n", 0},
	{"grep -vn o", text, "3:three\n", 0},
	{"grep a\\{1", "", "", 2},
	{"grep", "", "", 2},
	{"grep -E", "", "", 2},
	{"grep --foo x", "", "", 2},
	{"grep -c ^", "a\nb", "2\n", 0},
	{"grep -ow [a-z]*", "ab cd\n", "ab\ncd\n", 0},
	{"grep -i -o É", "é\n", "é\n", 0},
	{"egrep a|b", "a\nb\n", "a\nb\n", 0},
	{"fgrep a.b", "axb\na.b\n", "a.b\n", 0},
}

func TestGrep(t *testing.T) {
	for _, c := range tests {
		clitest.Check(t, Run, clitest.Case{Args: strings.Split(c.args, " "), Stdin: c.stdin, Out: c.out, Status: c.status})
	}
}

func TestFiles(t *testing.T) {
	files := map[string]string{"a.txt": "foo\n", "d/b.txt": "foo\nbar\n", "d/c.go": "foo\n", "d/.git/x": "foo\n"}
	for _, c := range []clitest.Case{
		{Args: []string{"grep", "-r", "foo"}, Out: "a.txt:foo\nd/.git/x:foo\nd/b.txt:foo\nd/c.go:foo\n"},
		{Args: []string{"grep", "-rl", "foo", "--include=*.txt", "."}, Out: "./a.txt\n./d/b.txt\n"},
		{Args: []string{"grep", "-rc", "foo", "--exclude-dir=.git", "d/"}, Out: "d/b.txt:1\nd/c.go:1\n"},
		{Args: []string{"grep", "-L", "bar", "a.txt", "d/b.txt"}, Out: "a.txt\n"},
		{Args: []string{"grep", "-h", "foo", "a.txt", "d/c.go"}, Out: "foo\nfoo\n"},
		{Args: []string{"grep", "-lZ", "foo", "a.txt"}, Out: "a.txt\x00"},
		{Args: []string{"grep", "foo", "d"}, Err: "grep: d: Is a directory\n", Status: 2},
		{Args: []string{"grep", "foo", "none", "a.txt"}, Out: "a.txt:foo\n", Err: "grep: none: No such file or directory\n", Status: 2},
		{Args: []string{"grep", "-q", "foo", "none", "a.txt"}, Status: 0},
		{Args: []string{"grep", "-s", "zzz", "none"}, Status: 2},
		{Args: []string{"grep", "-f", "a.txt", "d/b.txt"}, Out: "foo\n"},
		{Args: []string{"grep", "-A1", "foo", "a.txt", "d/b.txt"}, Out: "a.txt:foo\n--\nd/b.txt:foo\nd/b.txt-bar\n"},
	} {
		c.Files = files
		clitest.Check(t, Run, c)
	}
}

func TestRg(t *testing.T) {
	files := map[string]string{"a.txt": "foo Bar\n", "d/b.go": "foo\nbar\n", "d/skip.log": "foo\n", ".hid": "foo\n", ".gitignore": "*.log\n"}
	for _, c := range []clitest.Case{
		{Args: []string{"rg", "foo"}, Out: "a.txt:foo Bar\nd/b.go:foo\n"},
		{Args: []string{"rg", "-n", "-tgo", "bar"}, Out: "d/b.go:2:bar\n"},
		{Args: []string{"rg", "-S", "bar", "a.txt"}, Out: "foo Bar\n"},
		{Args: []string{"rg", "-l", "foo", "-g", "*.txt"}, Out: "a.txt\n"},
		{Args: []string{"rg", "-uu", "-c", "foo"}, Out: ".hid:1\na.txt:1\nd/b.go:1\nd/skip.log:1\n"},
		{Args: []string{"rg", "(\\w+) (\\w+)", "-r", "$2-$1", "a.txt"}, Out: "Bar-foo\n"},
		{Args: []string{"rg", "--files"}, Out: "a.txt\nd/b.go\n"},
		{Args: []string{"rg", "zzz"}, Status: 1},
		{Args: []string{"rg", "a("}, Status: 2},
	} {
		c.Files = files
		clitest.Check(t, RunRg, c)
	}
}

// TestGNU compares with the grep of the machine, where it is GNU's.
func TestGNU(t *testing.T) {
	version, err := exec.Command("grep", "--version").Output()
	if err != nil || !strings.Contains(string(version), "GNU grep") {
		t.Skip("no GNU grep here")
	}
	for _, c := range tests {
		args := strings.Split(c.args, " ")
		if args[0] != "grep" {
			continue
		}
		cmd := exec.Command("grep", args[1:]...)
		cmd.Env = []string{"LC_ALL=C.UTF-8"}
		cmd.Stdin = strings.NewReader(c.stdin)
		out, _ := cmd.Output()
		if string(out) != c.out || cmd.ProcessState.ExitCode() != c.status {
			t.Errorf("%s: GNU has %q, status %d; the table %q, status %d", c.args, out, cmd.ProcessState.ExitCode(), c.out, c.status)
		}
	}
}
