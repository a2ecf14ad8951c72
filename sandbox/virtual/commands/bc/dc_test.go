package bc

import (
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
)

// TestDC holds dc to what GNU's prints.
func TestDC(t *testing.T) {
	for _, c := range []struct{ program, out, err string }{
		{"1 2+p", "3\n", ""},
		{"10 3/p 2k 10 3/p 10 3%p 10 3~f", "3\n3.33\n.01\n.01\n3.33\n.01\n3.33\n3\n", ""},
		{"[la1+dsa10>x]sx 0sa lxx lap", "10\n", ""},
		{"5[d1-d1<F*]dsFxp", "120\n", ""},
		{"16i FFp Ai 10p 2o 10p 16o 255p", "255\n10\n1010\nFF\n", ""},
		{"2 10 7|p 5k 2vp _3 2^p 2 _2^p", "2\n1.41421\n9\n.25000\n", ""},
		{"1 0/", "", "dc: divide by zero\n"},
		{"[abc]p Zp 1234.5Zp 1234.5Xp 65aP", "abc\n3\n5\n1\nA", ""},
		{"1 2 3 3Rf", "1\n3\n2\n", ""},
		{"1 2 3 _3Rf", "2\n1\n3\n", ""},
		{"1sa 2Sa la p La p La p La", "2\n2\n1\n", "dc: stack register 'a' (0141) is empty\n"},
		{"7 2:x 2;xp 3;xp", "7\n0\n", ""},
		{"[[1p 2Q 2p]x 3p]x 4p", "1\n4\n", ""},
		{"[1p q]x 2p", "1\n", ""},
		{"y", "'y' (0171) unimplemented\n", ""},
		{"p", "", "dc: stack empty\n"},
		{"1 [a]+", "", "dc: non-numeric value\n"},
	} {
		clitest.Check(t, RunDC, clitest.Case{Args: []string{"dc", "-e", c.program}, Out: c.out, Err: c.err})
	}
}
