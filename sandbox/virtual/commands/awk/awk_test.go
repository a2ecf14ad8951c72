package awk

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

const people = "ann 30 x\nbob 25 y\ncyd 41 x\n"

var tests = []struct {
	args  []string
	stdin string
	out   string
}{
	{[]string{"{print $1}"}, people, "ann\nbob\ncyd\n"},
	{[]string{"$2>26"}, people, "ann 30 x\ncyd 41 x\n"},
	{[]string{"{s+=$2} END{print s, NR, NF}"}, people, "96 3 3\n"},
	{[]string{"/b/{print NR\":\"$0}"}, people, "2:bob 25 y\n"},
	{[]string{"NR==1,NR==2{print $1}"}, people, "ann\nbob\n"},
	{[]string{"-F:", "{print $2; $2=\"z\"; print}"}, "a:b:c\n", "b\na z c\n"},
	{[]string{"-F:", "-v", "OFS=-", "{$1=$1; print; NF=2; print}"}, "a:b:c\n", "a-b-c\na-b\n"},
	{[]string{"{c[$3]++} END{for(k in c) print k, c[k]}"}, people, "x 2\ny 1\n"},
	{[]string{"BEGIN{printf \"%5.2f|%-5s|%05d|%x|%c|%c|%e|%g\\n\", 3.14159, \"ab\", 42, 255, 65, \"hello\", 12345.678, 0.0001}"}, "",
		" 3.14|ab   |00042|ff|A|h|1.234568e+04|0.0001\n"},
	{[]string{"BEGIN{print length(\"héllo\"), substr(\"héllo\",2,3), index(\"héllo\",\"l\"), toupper(\"abc\")}"}, "", "5 éll 3 ABC\n"},
	{[]string{"BEGIN{print substr(\"hello\",0,2), substr(\"hello\",-1), substr(\"hello\",2)}"}, "", "he hello ello\n"},
	{[]string{"BEGIN{n=split(\"a b  c\",p); print n,p[1],p[3]; n=split(\"a:b\",q,\":\"); print n,q[2]; print split(\"\",r)}"}, "", "3 a c\n2 b\n0\n"},
	{[]string{"{n=gsub(/o/,\"[&]\"); print n, $0}"}, "foo\n", "2 f[o][o]\n"},
	{[]string{"{gsub(/x*/,\"-\"); print}"}, "abc\n", "-a-b-c-\n"},
	{[]string{"{sub(/o/,\"\\\\&\"); print}"}, "foo\n", "f&o\n"},
	{[]string{"{print gensub(/(a)(b)/,\"\\\\2\\\\1\",\"g\")}"}, "abab\n", "baba\n"},
	{[]string{"BEGIN{print match(\"foobar\",/o+/), RSTART, RLENGTH; match(\"ab12\",/([a-z]+)([0-9]+)/,m); print m[1],m[2],m[2,\"start\"]}"}, "", "2 2 2\nab 12 3\n"},
	{[]string{"function f(n){return n<2?n:f(n-1)+f(n-2)} BEGIN{print f(15)}"}, "", "610\n"},
	{[]string{"function fill(a){a[1]=5} BEGIN{fill(x); print x[1]}"}, "", "5\n"},
	{[]string{"function g(a){h(a)} function h(b){b[\"k\"]=1} BEGIN{g(z); for(i in z) print i}"}, "", "k\n"},
	{[]string{"BEGIN{while(i<3){i++; if(i==2) continue; print i}; do print \"x\"; while(0); for(;;) break}"}, "", "1\n3\nx\n"},
	{[]string{"BEGIN{a[1,2]=3; for(k in a){split(k,p,SUBSEP); print p[1],p[2]}; print ((1,2) in a), (3 in a); delete a; print length(a)}"}, "", "1 2\n1 0\n0\n"},
	{[]string{"BEGIN{print 1==1.0, \"a\"<\"b\", 2<10, \"2\"<\"10\", 1e3, 0.1+0.2, 100000*100000, 1/3}"}, "", "1 1 1 0 1000 0.3 10000000000 0.333333\n"},
	{[]string{"{print ($1<$2), ($1==1.0)}"}, "1 10\n", "1 1\n"},
	{[]string{"BEGIN{print -2^2, 2^3^2, 7%3, -7%3, !0, !\"a\", 1-1-1, 2 3+1 \"x\"}"}, "", "-4 512 1 -1 1 0 -1 24x\n"},
	{[]string{"BEGIN{print -12 \" \" -24}"}, "", "-12-24\n"},
	{[]string{"BEGIN{x[1]; if(1 in x) print \"yes\"; print length(x)}"}, "", "yes\n1\n"},
	{[]string{"BEGIN{while((getline l < \"f\")>0) print \"<\" l \">\"; close(\"f\"); getline < \"f\"; print $1; print (getline q < \"none\")}"}, "", "<1 2>\n<3>\n1\n-1\n"},
	{[]string{"NR==1{getline; print} NR==2{getline v; print v, NR}"}, people, "bob 25 y\ncyd 41 x 3\n"},
	{[]string{"BEGIN{RS=\"\"}{print NR\": \"$1\"|\"$NF; print NF}"}, "\n\na b\nc\n\n\nd\n", "1: a|c\n3\n2: d|d\n1\n"},
	{[]string{"BEGIN{RS=\";\"}{print}"}, "a;b;c", "a\nb\nc\n"},
	{[]string{"BEGIN{RS=\"[0-9]+\"}{print $0 \"(\" RT \")\"}"}, "a1b22c", "a(1)\nb(22)\nc()\n"},
	{[]string{"BEGIN{FPAT=\"([^,]+)|(\\\"[^\\\"]+\\\")\"}{print $2}"}, "a,\"b,c\",d\n", "\"b,c\"\n"},
	{[]string{"BEGIN{FIELDWIDTHS=\"2 3\"}{print $2}"}, "abcdefg\n", "cde\n"},
	{[]string{"BEGIN{a[3];a[1];a[2]; n=asorti(a,b); for(i=1;i<=n;i++) printf b[i]; PROCINFO[\"sorted_in\"]=\"@ind_num_desc\"; for(k in a) printf k; print \"\"}"}, "", "123321\n"},
	{[]string{"BEGIN{a[1]=\"b\";a[2]=\"a\";n=asort(a); print n,a[1],a[2]}"}, "", "2 a b\n"},
	{[]string{"BEGIN{a[1][2]=3; print a[1][2], isarray(a[1]), length(a); for(i in a) for(j in a[i]) print i,j}"}, "", "3 1 1\n1 2\n"},
	{[]string{"BEGIN{switch(\"abc\"){case \"x\": print 1; break; case /b/: print 2; default: print 3}}"}, "", "2\n3\n"},
	{[]string{"BEGIN{print substr(\"x\",1,0) \"|\" toupper(substr(\"abc\",2)); print length()}"}, "", "|BC\n0\n"},
	{[]string{"{print; next; print \"no\"} END{print NR}"}, "a\nb\n", "a\nb\n2\n"},
	{[]string{"BEGIN{printf \"%s %d%%\\n\", \"a\", 50; print 1,2 > \"/dev/stdout\"}"}, "", "a 50%\n1 2\n"},
	{[]string{"BEGIN{print strtonum(\"0x1F\"), strtonum(\"017\"), and(12,10), or(12,10), xor(12,10), lshift(1,4), compl(0)}"}, "", "31 15 8 14 6 16 9007199254740991\n"},
	{[]string{"BEGIN{print strftime(\"%Y-%m-%d\",0), mktime(\"1970 01 02 00 00 00\"), systime()}"}, "", "1970-01-01 86400 1704164645\n"},
	{[]string{"BEGIN{\"date\" | getline d; print d; print \"in\" | \"cat\"; close(\"cat\"); r=system(\"true\"); print r}"}, "", "ran: date\nran: cat\nran: true\n3\n"},
	{[]string{"BEGIN { if (!(\"x\" in a)) print \"no\" }\n# comment\nEND { print \"end\" }"}, "", "no\nend\n"},
	{[]string{"-v", "s=a\\tb", "BEGIN{print s}"}, "", "a\tb\n"},
	{[]string{"{print x, $1}", "x=1", "f", "x=2", "f"}, "", "1 1\n1 3\n2 1\n2 3\n"},
	{[]string{"$1 ~ \"^b\" && $2 !~ /9/ {print \"ok\"}"}, people, "ok\n"},
	{[]string{"BEGIN{IGNORECASE=1} /BOB/{print} $1==\"ANN\"{print 1}"}, people, "1\nbob 25 y\n"},
	{[]string{"{$5=\"e\"; print; print NF}"}, "a b\n", "a b   e\n5\n"},
	{[]string{"BEGIN{print length(12345), 1e6, 1e20, 123456789012, 0.000001, 1e300*1e300, log(-1)}"}, "", "5 1000000 100000000000000000000 123456789012 1e-06 +inf -nan\n"},
	{[]string{"BEGIN{print index(\"abc\",\"\"), RLENGTH; printf \"%x %u %5%|%'d\", -1, -2, 1234567}"}, "", "1 0\nffffffffffffffff 18446744073709551614 %|1234567"},
	{[]string{"BEGIN{a=\"x\"; a = a a a; print a; x = y = 3; print x+y; x += x *= 2; print x}"}, "", "xxx\n6\n12\n"},
	{[]string{"BEGIN { print substr(\"hello\", 2)\n  print \"a\" \\\n \"b\"; ; }"}, "", "ello\nab\n"},
	{[]string{"/a/||/b/"}, "a\nc\nb\n", "a\nb\n"},
	{[]string{"BEGIN{f=\"g\"; print @f(2)} function g(x){return x*2}"}, "", "4\n"},
	{[]string{"{print $NF, $(NF-1), $NF-1}"}, "1 2 3\n", "3 2 2\n"},
	{[]string{"BEGIN{i=5; print i++ + ++i, i--, i}"}, "", "12 7 6\n"},
	{[]string{"BEGIN{exit 3} END{print \"end\"}"}, "", "end\n"},
	{[]string{"BEGIN{printf \"%i %5s|%-5d|%+d|% d|%#o|%#x|%.3s|%*d\\n\", 3.9, \"é\", 7, 5, 5, 8, 255, \"abcdef\", 4, 2}"}, "", "3     é|7    |+5| 5|010|0xff|abc|   2\n"},
	{[]string{"{ if ($1 == \"a\") print \"A\"; else if ($1 == \"b\") print \"B\"\n else print \"?\" }"}, "a\nb\nc\n", "A\nB\n?\n"},
	{[]string{"BEGIN{print length(x), x+0, x \"\"; print typeof(x), typeof(1), typeof(\"a\"), typeof(y[1])}"}, "", "0 0 \nunassigned number string untyped\n"},
	{[]string{"-F", "|", "{print $2}"}, "a|b\n", "b\n"},
	{[]string{"-F", "\\t", "{print $2}"}, "a b\tc\n", "c\n"},
	{[]string{"-P", "-Ft", "{print $2}"}, "a\tb\n", "b\n"},
	{[]string{"-F", "", "{print $2, NF}"}, "aéb\n", "é 3\n"},
	{[]string{"-F", ", *", "{print $2}"}, "a,  b\n", "b\n"},
	{[]string{"--csv", "{print NF; for (i = 1; i <= NF; i++) print \"<\" $i \">\"}"}, "a,\"b, \"\"c\"\"\",\r\n\"two\nlines\",2\n",
		"3\n<a>\n<b, \"c\">\n<>\n2\n<two\nlines>\n<2>\n"},
}

func TestAwk(t *testing.T) {
	for _, c := range tests {
		status := 0
		if strings.Contains(c.args[0], "exit 3") {
			status = 3
		}
		clitest.Check(t, Run, clitest.Case{Args: append([]string{"awk"}, c.args...), Stdin: c.stdin, Out: c.out, Status: status,
			Files: map[string]string{"f": "1 2\n3\n"}})
	}
}

func TestErrors(t *testing.T) {
	for program, want := range map[string]string{
		"BEGIN{x=0; print 1/x}":        "awk: cmd. line:1: fatal: division by zero attempted\n",
		"BEGIN{f()}":                   "awk: cmd. line:1: fatal: function `f' not defined\n",
		"BEGIN{x=1; x[1]=2}":           "awk: cmd. line:1: fatal: attempt to use scalar `x' as an array\n",
		"function f(){f()} BEGIN{f()}": "awk: cmd. line:1: fatal: function calls are nested deeper than 20000\n",
	} {
		clitest.Check(t, Run, clitest.Case{Args: []string{"awk", program}, Status: 2, Err: want})
	}
	for program, want := range map[string]string{
		"BEGIN{print (}":               "awk: cmd. line:1: BEGIN{print (}\nawk: cmd. line:1:              ^ syntax error\n",
		"BEGIN {}\n{ x = \"a }":        "awk: cmd. line:2: { x = \"a }\nawk: cmd. line:2:       ^ unterminated string\n",
		"BEGIN{next}":                  "awk: cmd. line:1: error: `next' used in BEGIN action\n",
		"function f(f) {} BEGIN{f(1)}": "awk: cmd. line:1: error: function `f': cannot use function name as parameter name\n",
	} {
		clitest.Check(t, Run, clitest.Case{Args: []string{"awk", program}, Status: 1, Err: want})
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range tests {
		f.Add(c.args[0])
	}
	f.Fuzz(func(t *testing.T, program string) {
		prog, err := Parse([]Source{{Text: program}}, Options{Include: func(string) (Source, error) { return Source{}, io.EOF }, Pretty: true,
			Bignum: true, Precision: precision{bits: 53}, Lint: lintLevel{on: true, extensions: true}, LintOld: true})
		if err == nil {
			prettyPrint(io.Discard, prog, time.Time{})
		}
	})
}
