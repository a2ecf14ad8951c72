package virtual_test

import (
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
)

// archives are scripts with what they print, of programs that not every machine has to compare with.
var archives = []struct{ name, script, out string }{
	{"cpio there and back", `mkdir d; echo x > d/b; ln -s b d/l; mkfifo d/p; find d | cpio -o -H newc --quiet > x; cpio -t --quiet < x; mkdir o; cd o; cpio -idm --quiet < ../x; cat d/b; readlink d/l; test -p d/p && echo pipe`,
		"d\nd/b\nd/l\nd/p\nx\nb\npipe\n"},
	{"cpio's formats", `echo a > a; for f in bin odc newc crc; do echo a | cpio -o --quiet -H $f | cpio -i --quiet --to-stdout; done`, "a\na\na\na\n"},
	{"cpio keeps links", `echo a > a; ln a b; printf 'a\nb\n' | cpio -o -H newc --quiet > x; mkdir o; cd o; cpio -i --quiet < ../x; stat -c %h a; cat b`, "2\na\n"},
	{"cpio does not climb out", `mkdir in; cd in; echo evil > ../e; echo ../e | cpio -o -H newc --quiet > x; rm ../e; cpio -idu --quiet < x 2>&1; echo $?; ls ..`, "cpio: ../e: Member name contains '..', skipped\n2\nin\n"},
	{"cpio does not follow links out", `mkdir in out; cd in; ln -s ../out l; echo l > n; mkdir q; echo evil > q/f; cd q; echo f | cpio -o -H newc --quiet | sed 's/\x00f\x00/\x00f\x00/' > ../x; cd ..; printf 'l/f\n' > names; rm l; mkdir l; cp q/f l/f; cpio -o -H newc --quiet < names > y; rm -r l; ln -s ../out l; cpio -idu --quiet < y 2>&1; ls ../out`,
		"cpio: l/f: Cannot open: a symbolic link leads out of the directory\n"},
	{"cpio takes away a leading slash", `echo a > /tmp/z; echo /tmp/z | cpio -o -H newc --quiet > x; rm /tmp/z; cpio -id --quiet < x 2>&1; ls /tmp; cat tmp/z`, "cpio: Removing leading `/' from member names\na\n"},
	{"cpio copies", `mkdir d o; echo 1 > d/f; find d | cpio -pd --quiet o; find o | sort`, "o\no/d\no/d/f\n"},
	{"what is no cpio archive", `echo junk | cpio -t 2>&1; echo $?; yes | head -c 100000 | cpio -t 2>&1; echo $?`, "cpio: premature end of archive\n2\ncpio: premature end of archive\n2\n"},
	{"ar there and back", `echo hello > a; printf odd > b; echo x > a_very_long_name_indeed; ar rc x.a a b a_very_long_name_indeed; ar t x.a; ar p x.a b; echo; ar d x.a a; ar q x.a a; ar t x.a; mkdir o; cd o; ar x ../x.a; cat a_very_long_name_indeed`,
		"a\nb\na_very_long_name_indeed\nodd\nb\na_very_long_name_indeed\na\nx\n"},
	{"ar's verbose output", `echo hello > a; ar rcv x.a a; ar rv x.a a; ar tv x.a; ar pv x.a; ar xv x.a; ar dv x.a a; ar t nope.a 2>&1; echo $?`,
		"a - a\nr - a\nrw-r--r-- 0/0      6 Jan  1 00:00 1970 a\n\n<a>\n\nhello\nx - a\nd - a\nar: nope.a: No such file or directory\n9\n"},
	{"ar does not climb out", `mkdir in; cd in; echo evil > a; ar rc x.a a; sed -i 's|^a/  *\([0-9]\)|../e/           \1|' x.a; ar t x.a; ar x x.a 2>&1; echo $?; ls ..`, "../e\nar: ../e: illegal output pathname for archive member\n1\nin\n"},
	{"compress's files", `printf '\037\235\220\150\322\050\000' > x.Z; zcat x.Z; uncompress x.Z; cat x`, "hi\nhi\n"},
	{"busybox", `busybox echo hi; ln -s /bin/busybox cat; echo x | ./cat; busybox nosuch 2>&1; echo $?; busybox sh -c 'echo $0 $1' a b; busybox --list | grep -x dc`, "hi\nx\nnosuch: applet not found\n127\na b\ndc\n"},
	{"run-parts", `mkdir d; printf '#!/bin/sh\necho $1 ran\n' > d/a; cp d/a d/b.sh; chmod +x d/*; run-parts -a x d; run-parts --list d; run-parts --regex b --test d`, "x ran\nd/a\nd/b.sh\n"},
	{"dos2unix", `printf 'a\r\nb\n' > f; dos2unix f; od -An -c f; unix2dos f; od -An -c f`, "   a  \\n   b  \\n\n   a  \\r  \\n   b  \\r  \\n\n"},
	{"sha3sum", `printf '' | sha3sum -a 256; echo hi > f; sha3sum f > s; sha3sum -c s`, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a  -\nf: OK\n"},
}

func TestArchives(t *testing.T) {
	for _, c := range archives {
		t.Run(c.name, func(t *testing.T) {
			s, err := virtual.New(virtual.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			r, err := s.Exec(t.Context(), sandbox.Exec{Script: c.script, Timeout: 20 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			if r.Stdout != c.out {
				t.Errorf("%s\n got %q, stderr %q\nwant %q", c.script, r.Stdout, r.Stderr, c.out)
			}
		})
	}
}
