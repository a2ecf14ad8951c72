package bc

import (
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

var programs = []clitest.Case{
	{Stdin: "1+2*3; 10/3; scale=5; -1/3; 2^-2; 7%3; .5*.5; sqrt(2); length(123.45); scale(1.25)\n", Out: "7\n3\n-.33333\n.25000\n.00001\n.25\n1.41421\n5\n2\n"},
	{Stdin: "x=5; x+=2; x; x++; ++x; 1<2; 1==1&&0; !0\n", Out: "7\n7\n9\n1\n0\n1\n"},
	{Stdin: "define f(n){ if(n<=1) return 1; return n*f(n-1)}; f(25)\n", Out: "15511210043330985984000000\n"},
	{Stdin: "define g(a[],b){\nauto c\nc=a[1]*b\na[1]=0\nreturn (c)\n}\na[1]=2;g(a[],3);a[1]\nfor(i=0;i<3;i++){ if(i==1)continue; print i,\",\"; }\n\"hi\n\"\n", Out: "6\n2\n0,2,hi\n"},
	{Stdin: "obase=16; 255; ibase=16; FF; obase=2; 5\n", Out: "FF\nFF\n101\n"},
	{Args: []string{"bc", "-l"}, Stdin: "e(1); l(2); s(1); c(1); 4*a(1)\n",
		Out: "2.71828182845904523536\n.69314718055994530941\n.84147098480789650665\n.54030230586813971740\n3.14159265358979323844\n"},
	{Stdin: "1 +; 5\n6\n", Out: "6\n", Err: "(standard_in) 1: syntax error\n"},
	{Stdin: strings.Repeat("1+", 100000) + "1\n", Out: "100001\n"},
	{Stdin: "1/0\n", Err: "Runtime error (func=(main), adr=0): Divide by zero\n"},
	{Stdin: "define r(x){return r(x+1)}\nr(1)\n", Err: "Runtime error (func=(main), adr=0): nested too deeply\n"},
}

func TestBC(t *testing.T) {
	for _, c := range programs {
		if c.Args == nil {
			c.Args = []string{"bc"}
		}
		r := clitest.Run(t, Run, c)
		if r.Out != c.Out || r.Err != c.Err || r.Status != c.Status {
			t.Errorf("%q\n got %q, stderr %q, status %d\nwant %q, stderr %q, status %d", c.Stdin, r.Out, r.Err, r.Status, c.Out, c.Err, c.Status)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range programs {
		f.Add(c.Stdin)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := lex(text)
		if err != nil {
			return
		}
		for p := (&parser{tokens: tokens}); p.kind() != "end"; {
			if _, err := p.line(); err != nil {
				p.skipLine()
				if p.kind() == "\n" {
					p.pos++
				}
			}
		}
	})
}
