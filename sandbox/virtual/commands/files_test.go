package commands

import (
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

var fileTexts = map[string]string{"f": "hello\n", "g": "world\n", "d/in": "x\n", "d/s/deep.txt": "deep\n", "sp": "a\tb\n\n\n\x01\x80\r\n"}

// fileTests is what the GNU tools print on fileTexts; Err is the first line of the standard error.
var fileTests = []clitest.Case{
	{Args: []string{"ls"}, Out: "d\nf\ng\nsp\n"},
	{Args: []string{"ls", "-F", "d", "f"}, Out: "f\n\nd:\nin\ns/\n"},
	{Args: []string{"ls", "-R", "d"}, Out: "d:\nin\ns\n\nd/s:\ndeep.txt\n"},
	{Args: []string{"ls", "-m"}, Out: "d, f, g, sp\n"},
	{Args: []string{"ls", "-l", "f"}, Out: "-rw-r--r-- 1 agent agent 6 Jan  2 03:04 f\n"},
	{Args: []string{"ls", "-C", "-w", "20"}, Out: "d  f  g  sp\n"},
	{Args: []string{"ls", "nope", "f"}, Out: "f\n", Err: "ls: cannot access 'nope': No such file or directory\n", Status: 2},
	{Args: []string{"cat", "-A", "sp"}, Out: "a^Ib$\n$\n$\n^AM-^@^M$\n"},
	{Args: []string{"cat", "-ns", "sp"}, Out: "     1\ta\tb\n     2\t\n     3\t\x01\x80\r\n"},
	{Args: []string{"cat", "d"}, Err: "cat: d: Is a directory\n", Status: 1},
	{Args: []string{"cp", "d", "e"}, Err: "cp: -r not specified; omitting directory 'd'\n", Status: 1},
	{Args: []string{"cp", "-rv", "d", "e"}, Out: "'d' -> 'e'\n'd/in' -> 'e/in'\n'd/s' -> 'e/s'\n'd/s/deep.txt' -> 'e/s/deep.txt'\n"},
	{Args: []string{"cp", "-r", "d", "d/s"}, Err: "cp: cannot copy a directory, 'd', into itself, 'd/s/d'\n", Status: 1},
	{Args: []string{"cp", "f", "f"}, Err: "cp: 'f' and 'f' are the same file\n", Status: 1},
	{Args: []string{"cp", "-v", "--backup=t", "f", "g"}, Out: "'f' -> 'g' (backup: 'g.~1~')\n"},
	{Args: []string{"mv", "d", "d/s"}, Err: "mv: cannot move 'd' to a subdirectory of itself, 'd/s/d'\n", Status: 1},
	{Args: []string{"mv", "-v", "f", "d"}, Out: "renamed 'f' -> 'd/f'\n"},
	{Args: []string{"rm", "d"}, Err: "rm: cannot remove 'd': Is a directory\n", Status: 1},
	{Args: []string{"rm", "-r", ".."}, Err: "rm: refusing to remove '.' or '..' directory: skipping '..'\n", Status: 1},
	{Args: []string{"rm", "-rf", "/"}, Err: "rm: it is dangerous to operate recursively on '/'\n", Status: 1},
	{Args: []string{"rm", "-rv", "d"}, Out: "removed 'd/in'\nremoved 'd/s/deep.txt'\nremoved directory 'd/s'\nremoved directory 'd'\n"},
	{Args: []string{"mkdir", "-pv", "m/n"}, Out: "mkdir: created directory 'm'\nmkdir: created directory 'm/n'\n"},
	{Args: []string{"mkdir", "-p", "f/x"}, Err: "mkdir: cannot create directory 'f': Not a directory\n", Status: 1},
	{Args: []string{"rmdir", "d"}, Err: "rmdir: failed to remove 'd': Directory not empty\n", Status: 1},
	{Args: []string{"touch", "-d", "nonsense", "f"}, Err: "touch: invalid date format 'nonsense'\n", Status: 1},
	{Args: []string{"touch", "-h", "x"}, Err: "touch: setting times of 'x': No such file or directory\n", Status: 1},
	{Args: []string{"ls", "-F", "--color=always", "d", "f"}, Env: map[string]string{"TERM": "xterm"}, Out: "f\n\nd:\nin\n\x1b[0m\x1b[01;34ms\x1b[0m/\n"},
	{Args: []string{"ls", "--color", "-d", "d", "f"}, Env: map[string]string{"LS_COLORS": "di=1:*f=32"}, Out: "\x1b[0m\x1b[1md\x1b[0m\n\x1b[32mf\x1b[0m\n"},
	{Args: []string{"ln", "f", "g"}, Err: "ln: failed to create hard link 'g': File exists\n", Status: 1},
	{Args: []string{"ln", "-sv", "f", "l"}, Out: "'l' -> 'f'\n"},
	{Args: []string{"realpath", "--relative-to=d", "f", "d/s"}, Out: "../f\ns\n"},
	{Args: []string{"readlink", "-m", "a/../b"}, Out: "/w/b\n"},
	{Args: []string{"stat", "-c", "%n %s %a %A %F", "f", "d"}, Out: "f 6 644 -rw-r--r-- regular file\nd 4096 755 drwxr-xr-x directory\n"},
	{Args: []string{"chmod", "-v", "u+x,g=o", "f"}, Out: "mode of 'f' changed from 0644 (rw-r--r--) to 0744 (rwxr--r--)\n"},
	{Args: []string{"chmod", "xyz", "f"}, Err: "chmod: invalid mode: 'xyz'\n", Status: 1},
	{Args: []string{"basename", "-s", ".h", "a/b.h", "/"}, Out: "b\n/\n"},
	{Args: []string{"dirname", "/a", "b", "/c/d/"}, Out: "/\n.\n/c\n"},
	{Args: []string{"seq", "-w", "8", "-1.5", "3"}, Out: "8.0\n6.5\n5.0\n3.5\n"},
	{Args: []string{"seq", "5", "-2", "1"}, Out: "5\n3\n1\n"},
	{Args: []string{"seq", "-f", "%03g", "-s,", "3"}, Out: "001,002,003\n"},
	{Args: []string{"seq", "18446744073709551615", "18446744073709551616"}, Out: "18446744073709551615\n18446744073709551616\n"},
	{Args: []string{"seq", "1", "0", "2"}, Err: "seq: invalid Zero increment value: '0'\n", Status: 1},
	{Args: []string{"date", "-ud", "2024-02-29 +1 year", "+%F %T"}, Out: "2025-03-01 00:00:00\n"},
	{Args: []string{"date", "+%s"}, Out: "1704164645\n"},
	{Args: []string{"date", "-d", "foo"}, Err: "date: invalid date 'foo'\n", Status: 1},
	{Args: []string{"date", "-Ins", "-d@0.5"}, Env: map[string]string{"TZ": "Asia/Tokyo"}, Out: "1970-01-01T09:00:00,500000000+09:00\n"},
	{Args: []string{"env", "-i", "A=1", "B=2"}, Out: "A=1\nB=2\n"},
	{Args: []string{"env", "nope"}, Err: "env: 'nope': No such file or directory\n", Status: 127},
	{Args: []string{"printenv", "X"}, Env: map[string]string{"X": "y"}, Out: "y\n"},
	{Args: []string{"xargs", "-n0"}, Err: "xargs: value 0 for -n option should be >= 1\n", Status: 1},
	{Args: []string{"xargs", "c"}, Stdin: "a 'b c' \"d\"\\ e\n", Out: "ran: c a b c d e\n", Status: 123},
	{Args: []string{"xargs", "-I{}", "c", "<{}>"}, Stdin: " a b\n\nc\n", Out: "ran: c <a b>\nran: c <c>\n", Status: 123},
	{Args: []string{"xargs", "-P3", "-n1", "c"}, Stdin: "1 2 3", Out: "ran: c 1\nran: c 2\nran: c 3\n", Status: 123},
	{Args: []string{"xargs", "c"}, Stdin: "it's", Err: "xargs: unmatched single quote; by default quotes are special to xargs unless you use the -0 option\n", Status: 1},
	{Args: []string{"expr", "(", "1", "+", "2", ")", "*", "3"}, Out: "9\n"},
	{Args: []string{"expr", "abc", ":", `a\(b\)`}, Out: "b\n"},
	{Args: []string{"expr", "0", "|", ""}, Out: "0\n", Status: 1},
	{Args: []string{"expr", "1", "/", "0"}, Err: "expr: division by zero\n", Status: 2},
	{Args: []string{"md5sum", "f"}, Out: "b1946ac92492d2347c6235b4d2611184  f\n"},
	{Args: []string{"sha1sum", "--tag", "f"}, Out: "SHA1 (f) = f572d396fae9206628714fb2ce00f72e94f2258f\n"},
	{Args: []string{"md5sum", "-c"}, Stdin: "b1946ac92492d2347c6235b4d2611184  f\nb1946ac92492d2347c6235b4d2611184  g\n", Out: "f: OK\ng: FAILED\n",
		Err: "md5sum: WARNING: 1 computed checksum did NOT match\n", Status: 1},
	{Args: []string{"cksum", "f"}, Out: "3015617425 6 f\n"},
	{Args: []string{"sum", "f"}, Out: "36979     1 f\n"},
	{Args: []string{"base64", "-w4", "f"}, Out: "aGVs\nbG8K\n"},
	{Args: []string{"base64", "-d"}, Stdin: "aGk=aGk", Out: "hihi", Err: "base64: invalid input\n", Status: 1},
	{Args: []string{"base32", "f"}, Out: "NBSWY3DPBI======\n"},
	{Args: []string{"gzip", "-d"}, Stdin: "x", Err: "\n", Status: 1},
	{Args: []string{"tar", "cvf", "a.tar", "d"}, Out: "d/\nd/in\nd/s/\nd/s/deep.txt\n"},
	{Args: []string{"tar", "xf", "nope"}, Err: "tar: nope: Cannot open: No such file or directory\n", Status: 2},
	{Args: []string{"numfmt", "--to=iec", "1500", "1048576"}, Out: "1.5K\n1.0M\n"},
	{Args: []string{"numfmt", "--from=si", "1K", "1x"}, Out: "1000\n", Err: "numfmt: invalid suffix in input: '1x'\n", Status: 2},
	{Args: []string{"factor", "18446744073709551617", "12"}, Out: "18446744073709551617: 274177 67280421310721\n12: 2 2 3\n"},
	{Args: []string{"du", "-ab", "d"}, Out: "2\td/in\n5\td/s/deep.txt\n4101\td/s\n8199\td\n"},
	{Args: []string{"df"}, Out: "Filesystem     1K-blocks  Used Available Use% Mounted on\nflue              262144     1    262144   1% /\n"},
	{Args: []string{"df", "-h", "-T", "f"}, Out: "Filesystem     Type   Size  Used Avail Use% Mounted on\nflue           tmpfs  256M    29  256M   1% /\n"},
	{Args: []string{"df", "--output=file,iused", "f", "nope"}, Out: "File IUsed\nf        8\n", Err: "df: nope: No such file or directory\n", Status: 1},
	{Args: []string{"df", "--output=x"}, Err: "df: option --output: field 'x' unknown\n", Status: 1},
	{Args: []string{"tree", "d"}, Out: "d\n├── in\n└── s\n    └── deep.txt\n\n1 directory, 2 files\n"},
	{Args: []string{"truncate", "-s", "x", "f"}, Err: "truncate: Invalid number: 'x'\n", Status: 1},
	{Args: []string{"mktemp", "aXX"}, Err: "mktemp: too few X's in template 'aXX'\n", Status: 1},
	{Args: []string{"jq", "-c", ".b,.a"}, Stdin: `{"a":[1.0],"b":null}`, Out: "null\n[1.0]\n"},
	{Args: []string{"jq", "-e", ".a"}, Stdin: `{}`, Out: "null\n", Status: 1},
	{Args: []string{"jq", ".a.b"}, Stdin: "{\"a\":1}\n", Err: "jq: error (at <stdin>:1): Cannot index number with string \"b\"\n", Status: 5},
	{Args: []string{"jq", "-rn", "--arg", "x", "1", "--args", "$x, $ARGS.positional[]", "p", "q"}, Out: "1\np\nq\n"},
	{Args: []string{"jq", "-nr", "--rawfile", "t", "f", "$t"}, Out: "hello\n\n"},
	{Args: []string{"yq", ".c", "-"}, Stdin: "b: 1\nc: {y: 2, x: [a]}\n", Out: "y: 2\nx:\n  - a\n"},
	{Args: []string{"file", "f", "d"}, Out: "f: ASCII text\nd: directory\n"},
	{Args: []string{"id", "-un"}, Out: "agent\n"},
	{Args: []string{"timeout", "x", "y"}, Err: "timeout: invalid time interval 'x'\n", Status: 125},
	{Args: []string{"sleep", "x"}, Err: "sleep: invalid time interval 'x'\n", Status: 1},
}

func TestFiles(t *testing.T) {
	all := files()
	for _, c := range fileTests {
		c.Files = fileTexts
		r := clitest.Run(t, all[c.Args[0]], c)
		first, _, _ := strings.Cut(r.Err, "\n")
		if r.Out != c.Out || r.Status != c.Status || first != strings.TrimSuffix(c.Err, "\n") {
			t.Errorf("%q\n got %q, status %d, stderr %q\nwant %q, status %d, stderr %q", c.Args, r.Out, r.Status, first, c.Out, c.Status, c.Err)
		}
	}
}

func FuzzExpr(f *testing.F) {
	f.Add("( 1 + 2 ) * 3")
	f.Add(`abc : a\(b\)`)
	f.Add("substr x 1 2 | length y & 0")
	f.Fuzz(func(t *testing.T, text string) {
		clitest.Run(t, expr, clitest.Case{Args: append([]string{"expr"}, strings.Fields(text)...)})
	})
}
