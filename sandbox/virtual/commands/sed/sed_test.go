package sed

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

const abc = "a\nb\nc\n"

var tests = []struct {
	args   []string
	stdin  string
	out    string
	status int
}{
	{[]string{"s/b/X/"}, abc, "a\nX\nc\n", 0},
	{[]string{"-n", "2p"}, abc, "b\n", 0},
	{[]string{"-n", "$p"}, abc, "c\n", 0},
	{[]string{"-n", "$="}, abc, "3\n", 0},
	{[]string{"2,3d"}, abc, "a\n", 0},
	{[]string{"2!d"}, abc, "b\n", 0},
	{[]string{"/a/,/b/d"}, abc, "c\n", 0},
	{[]string{"0,/a/d"}, abc, "b\nc\n", 0},
	{[]string{"1,/a/d"}, "a\na\nb\n", "b\n", 0},
	{[]string{"-n", "1~2p"}, abc, "a\nc\n", 0},
	{[]string{"-n", "/a/,+1p"}, abc, "a\nb\n", 0},
	{[]string{"-n", "1,~2p"}, abc, "a\nb\n", 0},
	{[]string{"-n", "2,1p"}, abc, "b\n", 0},
	{[]string{"s/x*/-/g"}, "abc\n", "-a-b-c-\n", 0},
	{[]string{"s/a*/x/g"}, "baaac\n", "xbxcx\n", 0},
	{[]string{"s/a/X/2"}, "aaa\n", "aXa\n", 0},
	{[]string{"s/a/X/2g"}, "aaa\n", "aXX\n", 0},
	{[]string{"-n", "s/a/X/p"}, abc, "X\n", 0},
	{[]string{`s/\(.\)\(.\)/\2\1/`}, "ab\n", "ba\n", 0},
	{[]string{"-E", `s/(.)(.)/[&]\2\n\1/`}, "ab\n", "[ab]b\na\n", 0},
	{[]string{`s/\w\+/\u&/g`}, "foo bar\n", "Foo Bar\n", 0},
	{[]string{`s/\(.*\) \(.*\)/\U\1\E \u\2/`}, "foo bar\n", "FOO Bar\n", 0},
	{[]string{`s/.*/\L\u&/`}, "FOO\n", "Foo\n", 0},
	{[]string{"s|/|_|g"}, "a/b/c\n", "a_b_c\n", 0},
	{[]string{"s/[/]/_/"}, "a/b\n", "a_b\n", 0},
	{[]string{`s|a\|b|X|`}, "a|b\n", "X\n", 0},
	{[]string{":a;N;$!ba;s/\\n/,/g"}, abc, "a,b,c\n", 0},
	{[]string{"G"}, "a\n", "a\n\n", 0},
	{[]string{"-n", "1!G;h;$p"}, abc, "c\nb\na\n", 0},
	{[]string{"$!N;P;D"}, abc, abc, 0},
	{[]string{"x;p;x"}, "a\n", "\na\n", 0},
	{[]string{"2q"}, abc, "a\nb\n", 0},
	{[]string{"2q5"}, abc, "a\nb\n", 5},
	{[]string{"2Q"}, abc, "a\n", 0},
	{[]string{"1a foo"}, "a\nb\n", "a\nfoo\nb\n", 0},
	{[]string{"1i\\\n  foo\\\nbar"}, "a\n", "  foo\nbar\na\n", 0},
	{[]string{"2c foo"}, abc, "a\nfoo\nc\n", 0},
	{[]string{"1,2c foo"}, abc, "foo\nc\n", 0},
	{[]string{"$!{a foo\n}"}, "a\nb\n", "a\nfoo\nb\n", 0},
	{[]string{"-e", "i\\", "-e", "  x"}, "a\n", "  x\na\n", 0},
	{[]string{"y/abc/xyz/"}, abc, "x\ny\nz\n", 0},
	{[]string{"-n", "l"}, "a\tb\\\x01é\n", `a\tb\\\001\303\251$` + "\n", 0},
	{[]string{"-n", "l 5"}, "abcdefgh\n", "abcd\\\nefgh$\n", 0},
	{[]string{"n;d"}, abc, "a\nc\n", 0},
	{[]string{"-n", "n;p"}, abc, "b\n", 0},
	{[]string{"s/a/x/;ta;s/$/!/;:a"}, abc, "x\nb!\nc!\n", 0},
	{[]string{"s/a/x/;T;s/$/!/"}, abc, "x!\nb\nc\n", 0},
	{[]string{"="}, "a\nb\n", "1\na\n2\nb\n", 0},
	{[]string{"s/b/X/"}, "a\nb", "a\nX", 0},
	{[]string{"p"}, "a", "a\na", 0},
	{[]string{"-z", "s/\\n/,/g"}, "a\nb\n", "a,b,", 0},
	{[]string{"-s", "N;N;s/\\n/+/g"}, abc, "a+b+c\n", 0},
	{[]string{"/a/{s//X/;p}"}, "a\n", "X\nX\n", 0},
	{[]string{"s/A/x/I"}, "a\n", "x\n", 0},
	{[]string{"N;s/^b/X/M"}, "a\nb\n", "a\nX\n", 0},
	{[]string{`s/\(a\)\|b/[\1]/g`}, "ab\n", "[a][]\n", 0},
	{[]string{"w /dev/stdout"}, "a\n", "a\na\n", 0},
	{[]string{"#n\np"}, "a\n", "a\n", 0},
	{[]string{"s/a/b"}, "", "", 1},
	{[]string{"k"}, "", "", 1},
	{[]string{"{p"}, "", "", 1},
	{[]string{"//p"}, "a\n", "", 1},
	{[]string{`s/a/\t\x41/`}, "a\n", "\tA\n", 0},
	{[]string{"1d;n;d"}, "1\n2\n3\n4\n", "2\n4\n", 0},
	{[]string{"$!N;1,2c foo"}, "a\nb\n", "foo\n", 0},
	{[]string{"-n", "2,4{n;n;n};p"}, "a\nb\n", "a\n", 0},
	{[]string{"y/a/\\n/;y/\\//x/"}, "a/\n", "\nx\n", 0},
}

func TestSed(t *testing.T) {
	for _, c := range tests {
		clitest.Check(t, Run, clitest.Case{Args: append([]string{"sed"}, c.args...), Stdin: c.stdin, Out: c.out, Status: c.status})
	}
}

// TestGNU compares the table with the sed of the machine, where it is GNU's.
func TestGNU(t *testing.T) {
	version, err := exec.Command("sed", "--version").Output()
	if err != nil || !strings.Contains(string(version), "GNU sed") {
		t.Skip("no GNU sed here")
	}
	for _, c := range tests {
		cmd := exec.Command("sed", c.args...)
		cmd.Env = []string{"LC_ALL=C.UTF-8"}
		cmd.Stdin = strings.NewReader(c.stdin)
		out, _ := cmd.Output()
		if string(out) != c.out || cmd.ProcessState.ExitCode() != c.status {
			t.Errorf("%q: GNU has %q, status %d; the table %q, status %d", c.args, out, cmd.ProcessState.ExitCode(), c.out, c.status)
		}
	}
}

func TestErrors(t *testing.T) {
	for script, want := range map[string]string{
		"s/a/b":        "-e expression #1, char 5: unterminated `s' command",
		"s/a/b/k":      "-e expression #1, char 7: unknown option to `s'",
		"k":            "-e expression #1, char 1: unknown command: `k'",
		"b foo":        "can't find label for jump to `foo'",
		"y/ab/c/":      "-e expression #1, char 7: strings for `y' command are different lengths",
		"{p":           "-e expression #1, char 0: unmatched `{'",
		"p}":           "-e expression #1, char 2: unexpected `}'",
		"0p":           "-e expression #1, char 2: invalid usage of line address 0",
		"1,p":          "-e expression #1, char 3: unexpected `,'",
		"a":            "-e expression #1, char 1: expected \\ after `a', `c' or `i'",
		"s/a/x/gg":     "-e expression #1, char 8: multiple `g' options to `s' command",
		"s/a/\\1/":     "-e expression #1, char 7: invalid reference \\1 on `s' command's RHS",
		"r":            "-e expression #1, char 1: missing filename in r/R/w/W commands",
		"/(/p;s/\\(//": "-e expression #1, char 11: Unmatched ( or \\(",
	} {
		status := 1
		if strings.HasPrefix(want, "can't find label") {
			status = 4
		}
		clitest.Check(t, Run, clitest.Case{Args: []string{"sed", script}, Status: status, Err: "sed: " + want + "\n"})
	}
}

func TestFiles(t *testing.T) {
	files := map[string]string{"x": "a\nb\n", "y": "c\n"}
	r := clitest.Run(t, Run, clitest.Case{Args: []string{"sed", "-i.bak", "-e", "s/[ac]/X/;w out", "-e", "$r y", "x", "y"}, Files: files})
	if r.Status != 0 || r.Out != "" || r.Err != "" {
		t.Fatal(r)
	}
	for name, want := range map[string]string{"x": "X\nb\nc\n", "y": "X\nc\n", "x.bak": "a\nb\n", "y.bak": "c\n", "out": "X\nb\nX\n"} {
		if got, err := r.FS.ReadFile("/w/" + name); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	clitest.Check(t, Run, clitest.Case{Args: []string{"sed", "-n", "$p;F", "x", "none", "y"}, Files: files, Out: "x\nx\nc\ny\n",
		Err: "sed: can't read none: No such file or directory\n", Status: 2})
	clitest.Check(t, Run, clitest.Case{Args: []string{"sed", "R y"}, Files: files, Stdin: "1\n2\n", Out: "1\nc\n2\n"})
}

func FuzzParse(f *testing.F) {
	for _, c := range tests {
		f.Add(strings.Join(c.args, "\n"), c.stdin)
	}
	f.Fuzz(func(t *testing.T, script, text string) {
		if _, err := parse([]part{{text: script}}, &options{extended: len(text)%2 == 0, utf8: true}); err != nil && err.Error() == "" {
			t.Fatal("an error without text")
		}
	})
}
