package local_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
)

// attacks are scripts that try to read, change or make a file beside the project's folder, which they see at /workspace;
// OUT is the path of the folder beside it, as the host has it.
var attacks = map[string]string{
	"dots":             `cat ../out/secret ../../../../../../OUT/secret; cd ..; cat out/secret; echo owned >../out/secret; echo owned >/workspace/../out/new`,
	"absolute":         `cat OUT/secret; echo owned >OUT/secret; mkdir -p OUT; echo owned >OUT/new`,
	"a link up":        `ln -s ../out up; cat up/secret; echo owned >up/secret; echo owned >up/new; mkdir up/d; rm -rf up/; ls -R up/`,
	"an absolute link": `ln -s OUT abs; cat abs/secret; echo owned >abs/new; cp /etc/passwd abs/; mv f abs/; tar cf t -h abs; tar tf t; cp -rL abs copy; cat copy/*`,
	"links of links":   `mkdir d; ln -s .. d/a; ln -s d/a/../out b; cat b/secret; ln -s b/secret c; cat c; echo owned >c; sed -i s/s/x/ c; truncate -s 0 c; chmod 0 c; touch c`,
	"the host's links": `cat planted/secret file; ls planted; echo owned >planted/new; echo owned >file; find -L . -exec cat {} +; grep -R . .; rg -L . ; tar chf - . | cat; cp -rL . /tmp/x; cat -- /tmp/x/planted/*; rm -rf planted/; chmod -R 0 planted/`,
	"a moved link":     `mkdir -p d/e; ln -s ../f d/e/l; mv d/e/l .; cat l; mv d/e .; ln -s ../out d/l; mv d/l l2; cat l2/secret; git mv d/l l3`,
	"hard links":       `ln planted/secret h; ln file h; ln -P file h; cat h; cp -l file h2; cp --reflink=auto file h3; cat h3`,
	"substitution":     `cat <(cat ../out/secret) /tmp/sh-interp-* /dev/fd/63; echo x > >(cat >../out/new); cat /proc/self/root/OUT/secret /proc/self/cwd/../out/secret /proc/1/environ /dev/mem`,
	"home":             `cat ~root/.ssh/id_rsa ~/../../OUT/secret ~+/../out/secret; echo owned >~root/new`,
	"tar":              `mkdir -p x/y; echo owned >x/y/secret; ln -s OUT x/link; tar cPf t.tar --transform 's,x/y/,../out/,' x/y/secret; tar cPf u.tar --transform 's,x/y/,OUT/,' x/y/secret; tar cf v.tar -C x link; tar rf v.tar --transform 's,y/,link/,' -C x y/secret; for a in t u v; do tar xf $a.tar; tar xPf $a.tar; tar xf $a.tar --absolute-names --overwrite; tar xkf $a.tar -C /workspace --strip-components=0; done`,
	"zip":              `ln -s OUT link; zip -y z.zip link; rm link; mkdir link; echo owned >link/secret; zip z.zip link/secret; rm -r link; unzip -o z.zip; mkdir -p AAAout; echo owned >AAAout/secret; zip y.zip AAAout/secret; sed 's,AAAout,../out,g' y.zip >w.zip; unzip -o w.zip; unzip -: -o w.zip`,
	"patch":            `printf -- '--- a\n+++ ../out/new\n@@ -0,0 +1 @@\n+owned\n' >p; patch -p0 <p; patch -p1 <p; patch -d .. -p0 <p; printf -- '--- ../out/secret\n+++ ../out/secret\n@@ -1 +1 @@\n-s\n+owned\n' | patch -p0 -f; printf 'Index: ../out/new\n--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+owned\n' | patch; patch -o ../out/new f p; patch -r ../out/new f p; patch -B ../out/ f p`,
	"git":              `git init -q r; cd r; printf -- 'diff --git a/../../out/new b/../../out/new\nnew file mode 100644\n--- /dev/null\n+++ b/../../out/new\n@@ -0,0 +1 @@\n+owned\n' | git apply --unsafe-paths; ln -s OUT l; git add l; git commit -qm x; rm l; mkdir l; git checkout l; echo 'gitdir: OUT' >../g; git --git-dir=OUT init; git clone OUT; git config -f OUT/new a.b c; git config include.path OUT/secret; git config --list`,
	"databases":        `sqlite3 OUT/secret .dump; sqlite3 ../out/new 'create table t(x)'; sqlite3 d "attach 'OUT/new' as x; create table x.t(a); vacuum into 'OUT/new2'; select readfile('OUT/secret'); select writefile('OUT/new3', 'owned'); select load_extension('OUT/secret'); pragma temp_store_directory='OUT'; pragma journal_mode=wal"; sqlite3 d '.import OUT/secret t' '.output OUT/new' 'select 1' '.read OUT/secret' '.save OUT/new' '.backup OUT/new' '.once |cat >OUT/new' '.shell cat OUT/secret' '.system cat OUT/secret' '.load OUT/secret' '.open OUT/new' '.log OUT/new'`,
	"programs":         `awk 'BEGIN { while ((getline l <"OUT/secret") > 0) print l; print "owned" >"OUT/new"; system("cat OUT/secret"); "cat OUT/secret" | getline; print "x" | "cat >OUT/new" }'; sed -n 'r OUT/secret' f; sed 'w OUT/new' f; sed '1e cat OUT/secret' f; jq -n 'input_filename, $__prog_args' OUT/secret; jq -n 'import "OUT/secret" as $x; $x'; jq -L OUT -n 'include "secret"; 1'; yq -n 'load("OUT/secret")'; find OUT -exec cat {} +; xargs -a OUT/secret; split f OUT/new; tee OUT/new <f; install f OUT/new; dd if=f of=OUT/new; curl file://OUT/secret -o -; curl -o OUT/new http://127.0.0.1/; bash OUT/secret; . OUT/secret; env -C OUT cat secret; tail --follow=name --retry --max-unchanged-stats=1 -n1 OUT/secret & wait -n`,
	"a late mount":     `mv /workspace /w; rm -rf /workspace; ln -s / /workspace; mkdir /workspace; mount --bind OUT /workspace; chroot OUT; unshare; ls /workspace`,
}

// TestAttacks: no script reaches what is beside the folder, whatever it leaves in the folder.
func TestAttacks(t *testing.T) {
	const secret = "the-secret-of-the-host"
	for name, script := range attacks {
		t.Run(name, func(t *testing.T) {
			top, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			folder, out := filepath.Join(top, "in"), filepath.Join(top, "out")
			write(t, filepath.Join(folder, "f"), "text\n")
			write(t, filepath.Join(out, "secret"), secret)
			for link, target := range map[string]string{"planted": "../out", "file": filepath.Join(out, "secret")} {
				if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
					t.Fatal(err)
				}
			}
			s := open(t, folder, virtual.Config{Databases: sqlitedb.Engine{}})
			for line := range strings.SplitSeq(script, "; ") { // what one refuses must not spare the next
				r, err := s.Exec(t.Context(), sandbox.Exec{Script: strings.ReplaceAll(line, "OUT", out), Timeout: 2 * time.Second})
				if err != nil || strings.Contains(r.Stdout+r.Stderr, secret) {
					t.Errorf("%s: %+v, %v", line, r, err)
				}
			}
			r, err := s.Exec(t.Context(), sandbox.Exec{Script: strings.ReplaceAll(script, "OUT", out), Timeout: 5 * time.Second})
			if err != nil || strings.Contains(r.Stdout+r.Stderr, secret) {
				t.Errorf("%+v, %v", r, err)
			}
			list, err := os.ReadDir(out)
			data, _ := os.ReadFile(filepath.Join(out, "secret"))
			if err != nil || len(list) != 1 || string(data) != secret {
				t.Errorf("beside the folder there is now %v, %q, %v", list, data, err)
			}
		})
	}
}
