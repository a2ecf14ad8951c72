package shell

import (
	"strings"
	"testing"
)

// byteTexts have bytes that are not UTF-8, and characters that stand for held ones.
var byteTexts = []string{"", "plain", "é", "\xff", "a\x80b", "\U0010FE80", "\xf4\x8f\xba", "\U0010FEFF\xff\xf4", "\xed\xa0\x80", "\U0010FF00"}

func TestHold(t *testing.T) {
	for _, text := range byteTexts {
		if held := hold(text); release(held) != text || strings.ToValidUTF8(held, "") != held {
			t.Errorf("%q is held as %q, which is released as %q", text, held, release(held))
		}
	}
}

func FuzzHold(f *testing.F) {
	for _, text := range byteTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if held := hold(text); release(held) != text || strings.ToValidUTF8(held, "") != held {
			t.Errorf("%q is held as %q, which is released as %q", text, held, release(held))
		}
	})
}

// TestBytes runs scripts that are not UTF-8, wherever their text may stand.
func TestBytes(t *testing.T) {
	for _, test := range []struct{ script, stdout string }{
		{"echo a\xffb 'c\x80' \"d\xfe\" $'e\xfd'", "a\xffb c\x80 d\xfe e\xfd\n"},
		{"x=\"a\x80b\"; echo ${#x} ${x#a}", "3 \x80b\n"},
		{"# \xff\ncat <<E\n\xff$((1+1))\nE", "\xff2\n"},
		{"eval 'echo \xff'; bash -c 'echo \xfe'", "\xff\n\xfe\n"},
		{"f() { echo \xfe; }; declare -f f; f", "f () \n{ \n    echo \xfe\n}\n\xfe\n"},
		{"declare -A m; k=\xff; m[$k]=1 m[\"\xfe\"]=2; echo ${m[$k]} ${m[\xfe]} ${x:-\xff}", "1 2 \xff\n"},
		{"case a\xff in *\xff) echo y;; esac; [[ \xff == \xff ]] && echo y", "y\ny\n"},
		{"shopt -s expand_aliases; alias e='echo \xff'\ne \U0010FEFF", "\xff \U0010FEFF\n"},
		{"declare -a a; declare a='(\xff b)'; echo ${#a[@]}; for i in \xff; do echo $i; done", "2\n\xff\n"},
		{"echo \xff ${x!}\necho \xfe", "\xfe\n"}, // repaired
	} {
		if r := run(t, test.script, nil); r.stdout != test.stdout {
			t.Errorf("%q prints %q, want %q; %s", test.script, r.stdout, test.stdout, r.stderr)
		}
	}
	if r := run(t, "echo \xff)", nil); !strings.Contains(r.stderr, "`echo \xff)'") {
		t.Errorf("a mistake is reported as %q", r.stderr)
	}
}
