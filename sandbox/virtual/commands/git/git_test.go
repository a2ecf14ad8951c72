package git_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
	"github.com/flue-run/flue/sandbox/virtual/commands/git"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var identity = map[string]string{"GIT_AUTHOR_NAME": "Ann Author", "GIT_AUTHOR_EMAIL": "ann@example.com", "GIT_AUTHOR_DATE": "1700000000 +0000",
	"GIT_COMMITTER_NAME": "Carl", "GIT_COMMITTER_EMAIL": "carl@example.com", "GIT_COMMITTER_DATE": "1700000000 +0000"}

// begin makes a repository with two commits. tick lets time pass.
const begin = `tick() { t=$((${t:-1700000000} + 60)); export GIT_AUTHOR_DATE="$t +0100" GIT_COMMITTER_DATE="$t +0100"; }
git init -q -b main; printf 'one\ntwo\nthree\n' >a.txt; mkdir d; printf 'int main() {\n  a;\n  b;\n  c;\n  d;\n  e;\n}\n' >d/b.c; git add .; tick; git commit -qm first
printf 'one\nTWO\nthree\nfour\n' >a.txt; git add -A; tick; git commit -qm 'second

with a body'
`

// scripts print the same with git itself and with the sandbox's, ids included.
var scripts = []string{
	`git init -b main; git init; git status; git status -s; git log; echo $?`,
	`git status; echo $?; git add x; echo $?; cd /; git log; echo $?`,
	begin + `git log; git log --oneline; git log -1 --format='%H %h %s|%an|%ae|%ad|%cn|%cd|%ci|%cI|%ct|%T|%P|%b|%B%n%%x%x41'; git log --pretty=oneline; git log --pretty=short; git log --pretty=fuller; git log --pretty=raw`,
	begin + `git log --stat; git log -p; git log --name-only --oneline; git log --name-status --format=%h; git log --reverse --oneline; git log -n1 --oneline; git log --oneline -- d; git log --oneline a.txt; git log --skip=1 --oneline`,
	begin + `git log --format=format:%h; echo; git log --author=Ann --oneline; git log --grep=second --oneline; git log --date=short --format=%ad; git log --date=iso; git log HEAD~1..HEAD --oneline; git log ^HEAD~1 HEAD --oneline`,
	begin + `git show; git show --stat; git show HEAD~1 --oneline; git show HEAD:a.txt; git show HEAD:d; git show --name-only HEAD; git show --format=%s -s HEAD`,
	begin + `git status; echo x >>a.txt; echo new >n; mkdir e; echo y >e/f; git status; git status -s; git status --porcelain -b; git add n; rm d/b.c; git status; git status --porcelain; git status -uno; git status -uall -s`,
	begin + `echo x >>a.txt; git diff; git diff --stat; git diff --name-only; git diff --cached; git add a.txt; git diff; git diff --cached; git diff --staged --numstat; git diff HEAD --shortstat; git diff HEAD~1 HEAD; git diff HEAD~1..HEAD --name-status`,
	begin + `sed -i s/c/C/ d/b.c; git diff; git diff -U0; git diff -- a.txt; git diff d; cd d; git diff b.c; git status; git status -s; git diff --exit-code; echo $?; git diff --quiet; echo $?`,
	begin + `git mv a.txt z.txt; git status; git status -s; git diff --cached; git diff --cached --stat; git commit -m move; git log --oneline --name-status; git mv nope x; echo $?; git mv z.txt d; git status -s`,
	begin + `seq 50 >s; git add s; git commit -qm s; git mv s t; sed -i 5d t; git add t; git commit -m 'rename and change'; git show --stat; git show`,
	begin + `git commit -m nothing; echo $?; echo x >>a.txt; git commit -m x; echo $?; git commit -am x; echo $?; echo n >n; git commit -m y; echo $?; git commit --allow-empty -m empty; git commit -q --amend --allow-empty -m amended; git log --oneline; git commit --amend -m no >/dev/null; echo $?`,
	begin + `chmod +x a.txt; git diff; git commit -am mode; ln -s a.txt l; git add l; git commit -m link; git ls-files -s; git rm l; ls; git status -s`,
	begin + `git rm a.txt; git status; ls; git reset; git reset --hard; cat a.txt; git rm -r d; git rm --cached a.txt; git status -s; git rm nope; echo $?`,
	begin + `echo x >>a.txt; git rm a.txt; echo $?; git add a.txt; git rm a.txt; echo $?; git rm -q -f a.txt; git status -s; git rm d; echo $?`,
	begin + `git branch; git branch x; git branch -v; git branch x; echo $?; git branch -m x y; git branch -d y; git branch -d main; echo $?; git branch -d nope; echo $?; git branch --show-current; git checkout -b z; git branch; git branch -a`,
	begin + `git checkout -q -b x; echo x >x; git add x; git commit -m x; git checkout main; ls; git branch -d x; echo $?; git branch -D x; git switch -c s; git switch main; git switch -; git switch nope; echo $?; git checkout nope; echo $?`,
	begin + `echo dirty >a.txt; git checkout a.txt; cat a.txt; echo dirty >a.txt; git checkout -- .; cat a.txt; git checkout HEAD~1 -- a.txt; cat a.txt; git status -s; git restore --staged a.txt; git status -s; git restore a.txt; git status -s; git restore nope; echo $?`,
	begin + `git checkout -q -b x; echo x >a.txt; git commit -qam x; git checkout -q main; echo local >a.txt; git checkout x; echo $?; git stash -q; echo u >n; git checkout -q x; cat a.txt`,
	begin + `git checkout -q HEAD~1; git status; git branch; git rev-parse --abbrev-ref HEAD; git checkout -q main; git reset --soft HEAD~1; git status -s; git reset -q --mixed; git status -s; git reset --hard HEAD@{1}; git log --oneline; git reset HEAD a.txt`,
	begin + `git rev-parse HEAD HEAD~1 HEAD^ main; git rev-parse --short HEAD; git rev-parse --show-toplevel; cd d; git rev-parse --show-toplevel --show-prefix --git-dir --is-inside-work-tree; git rev-parse HEAD^{tree} HEAD:./b.c; git rev-parse --verify nope; echo $?; git rev-parse -q --verify nope; echo $?`,
	begin + `git cat-file -t HEAD; git cat-file -p HEAD; git cat-file -p HEAD^{tree}; git cat-file -s HEAD; git cat-file blob HEAD:a.txt; git ls-tree HEAD; git ls-tree -r --name-only HEAD; git ls-files; git ls-files d; git hash-object a.txt; echo hi | git hash-object --stdin; git rev-list --count HEAD; git rev-list HEAD`,
	begin + `git tag v1; git tag -a v2 -m 'the second'; git tag; git show v2; git cat-file -p v2; git tag v1; echo $?; git log --oneline v1; git tag -d v1; git tag -l 'v*'; git rev-parse v2 v2^{commit}; git log -1 --format=%d; git log -1 --decorate --oneline`,
	begin + `git checkout -q -b x; echo x >x; git add x; tick; git commit -qm x; git checkout -q main; git merge x; git log --oneline; git merge x; git merge nope; echo $?`,
	begin + `git checkout -q -b x; sed -i s/one/ONE/ a.txt; tick; git commit -qam x; git checkout -q main; sed -i s/b/B/ d/b.c; tick; git commit -qam y; tick; git merge -m merged x; git log --format='%s %P'; git log --oneline --merges; git show; cat a.txt; git merge-base main x; git merge-base --is-ancestor x main; echo $?`,
	begin + `git checkout -q -b x; sed -i s/TWO/zwei/ a.txt; tick; git commit -qam x; git checkout -q main; sed -i s/TWO/deux/ a.txt; tick; git commit -qam y; git merge x; echo $?; cat a.txt; git status; git status -s; git ls-files -s; git ls-files -u; git commit -m no; echo $?; printf 'one\nboth\nthree\nfour\n' >a.txt; git add a.txt; git status; tick; git commit -m solved; git log --format='%s|%p'`,
	begin + `git checkout -q -b x; sed -i s/TWO/zwei/ a.txt; git commit -qam x; git checkout -q main; sed -i s/TWO/deux/ a.txt; git commit -qam y; git merge -q x; git merge --abort; git status; cat a.txt; git rm -q a.txt; git commit -qm gone; git merge x; echo $?; git status -s`,
	begin + `git checkout -q -b x; echo theirs >n; git add n; git commit -qm x; git checkout -q main; echo ours >n; git add n; git commit -qm y; git merge x; cat n; git checkout --theirs n; cat n; git merge --no-ff --no-edit x; echo $?`,
	begin + `git checkout -q -b x; seq 20 >n; git add n; git commit -qm x; sed -i '2s/.*/two/;10d' n; git commit -qam x2; git checkout -q -b y HEAD~1; sed -i '5s/.*/five/;18s/$/!/' n; echo 21 >>n; git commit -qam y; git merge -q -m m x; cat n; git diff HEAD~1 --stat`,
	begin + `echo x >>a.txt; echo s >st; git add st; git stash; git status -s; git stash list; cat a.txt; git stash show; git stash pop; git status -s; git stash -m named; git stash list; git stash drop; git stash pop; echo $?; git stash; echo $?`,
	begin + `echo x >>a.txt; echo u >u; git stash -u; ls; echo c >>a.txt; git commit -qam c; git stash apply; echo $?; cat a.txt; git status -s`,
	begin + `printf '*.log\n/build/\n!keep.log\ntmp/\n**/deep\n' >.gitignore; mkdir -p build tmp sub/tmp sub/deep; touch a.log keep.log build/x tmp/y sub/tmp/z sub/b.log sub/deep/q sub/c; git status -s -uall; git add .; git ls-files; git status --ignored -s; git add a.log; echo $?; git add -f a.log; git status -s`,
	begin + `echo x >u; mkdir e; echo y >e/f; printf '*.o\n' >.gitignore; touch z.o; git clean; echo $?; git clean -n; git clean -nd; git clean -f; ls; git clean -fdx; ls`,
	begin + `git blame a.txt; git blame -s d/b.c; git blame -L2,3 a.txt; git blame -e HEAD~1 -- a.txt; git grep -n e; git grep -l TWO; git grep nothing; echo $?; cd d; git grep -n main`,
	begin + `git config user.name 'New Name'; git config user.name; git config --get user.nope; echo $?; git config core.x 'a # b'; git config core.x; git config --unset core.x; git config branch.a.b c; git config --get branch.a.b; cat .git/config; git config nosection x; echo $?`,
	begin + `git remote add o https://example.com/r.git; git remote; git remote -v; git remote get-url o; git remote add o x; echo $?; git remote remove o; git remote`,
	begin + `echo x >>a.txt; git diff >p; git checkout -q a.txt; git apply p; git diff --stat; git apply -R p; git status -s; git apply --check p; echo $?; git apply p; git apply p 2>/dev/null; echo $?`,
	begin + `printf 'a\0b' >bin; git add bin; git commit -m bin; printf 'a\0c' >bin; git diff; git diff --stat; git show --stat; printf 'no newline' >nn; git add nn; git commit -qm nn; printf 'no newline\n' >nn; git diff`,
	begin + `mkdir 'sp ace'; echo x >'sp ace/ü "q"'; git add -A; git status; git status -s; git commit -qm names; git ls-files; git show --stat --oneline; git show --name-only --oneline`,
	begin + `rm -r d; echo f >d; git status -s; git add -A; git commit -qm swap; git ls-files -s; git checkout -q HEAD~1; ls d; git checkout -q main; cat d`,
	begin + `for i in $(seq 30); do echo $i >f$i; done; seq 300 >big; git add .; git commit -m many; git show --stat HEAD`,
	begin + `git log --foo; echo $?; git zzzzzzzz; echo $?; git -C d ls-files; git -C nope status; echo $?; git add --nope 2>/dev/null; echo $?; git diff nope; echo $?`,
	begin + `git -c user.name=Xx commit --allow-empty -qm x --author='Zed <z@z>' --date='2020-01-02T03:04:05Z'; git log -1 --format='%an %ae %aI %cn'; git commit --allow-empty -qm 't

l1
  l2  

'; git log -1 --format=%B; printf 'from file\n\nmore\n' | git commit --allow-empty -q -F -; git log -1`,
}

func box(t *testing.T) *virtual.Sandbox {
	t.Helper()
	b, err := virtual.New(virtual.Config{Env: identity})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func realGit(t *testing.T, dir, script string, env ...string) (stdout, stderr string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bash", "-c", script)
	c.Dir = dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LANG=C.UTF-8", "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=" + filepath.Dir(dir)}
	c.Env = append(c.Env, env...)
	for k, v := range identity {
		c.Env = append(c.Env, k+"="+v)
	}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	c.Run()
	return strings.ReplaceAll(out.String(), dir, "/workspace"), strings.ReplaceAll(errs.String(), dir, "/workspace"), c.ProcessState.ExitCode()
}

func needGit(t *testing.T) {
	out, err := exec.Command("git", "--version").Output()
	if err != nil || !strings.HasPrefix(string(out), "git version 2.") {
		t.Skip("git is not installed: its behaviour is not compared")
	}
}

func TestLikeGit(t *testing.T) { likeGit(t, begin, scripts) }

// likeGit runs scripts, which begin with usual, with git itself and with the sandbox's.
func likeGit(t *testing.T, usual string, scripts []string) {
	needGit(t)
	for _, script := range scripts {
		t.Run(strings.ReplaceAll(strings.TrimPrefix(script, usual), "/", "|"), func(t *testing.T) {
			t.Parallel()
			r, err := box(t).Exec(t.Context(), sandbox.Exec{Script: script})
			if err != nil {
				t.Fatal(err)
			}
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			out, errs, _ := realGit(t, dir, script)
			if r.Stdout != out {
				t.Errorf("stdout:\n%s", difference(r.Stdout, out))
			}
			if ours, theirs := withoutHints(r.Stderr), withoutHints(errs); ours != theirs {
				t.Errorf("stderr:\n%s", difference(ours, theirs))
			}
		})
	}
}

// withoutHints leaves out advice, and the usage of a command, which git words at length.
func withoutHints(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "hint:") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func difference(got, want string) string {
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	i := 0
	for i < len(g) && i < len(w) && g[i] == w[i] {
		i++
	}
	return fmt.Sprintf("from line %d:\n got %q\nwant %q", i+1, g[i:min(i+6, len(g))], w[i:min(i+6, len(w))])
}

// export writes the sandbox's workspace to a folder of the host.
func export(t *testing.T, tree *vfs.FS, from, to string) {
	t.Helper()
	list, err := tree.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		name, host := from+"/"+f.Name, filepath.Join(to, f.Name)
		switch {
		case f.IsDir():
			os.MkdirAll(host, 0o755)
			export(t, tree, name, host)
		case f.Target != "":
			os.Symlink(f.Target, host)
		default:
			data, err := tree.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			os.WriteFile(host, data, f.Mode.Perm())
		}
	}
}

// TestBothWays: git itself finds nothing wrong with what the sandbox's wrote, and the other way round, packs included.
func TestBothWays(t *testing.T) {
	needGit(t)
	b := box(t)
	script := begin + `git checkout -q -b x; ln -s a.txt l; chmod +x d/b.c; git add .; git commit -qm links; git checkout -q main; echo y >y; git add y; tick; git commit -qm y; tick; git merge -q -m m x; git tag -a v1 -m v1; echo s >>y; git stash -q; echo s >>y; git add y; git status -s; git log --oneline`
	r, err := b.Exec(t.Context(), sandbox.Exec{Script: script})
	if err != nil || r.ExitCode != 0 {
		t.Fatal(r, err)
	}
	dir := t.TempDir()
	export(t, b.Files(), "/workspace", dir)
	out, errs, code := realGit(t, dir, "git fsck --strict --full && git status -s && git log --oneline && git stash list >/dev/null")
	if _, want, _ := strings.Cut(r.Stdout, "M  y"); code != 0 || strings.Contains(errs, "error") || !strings.HasSuffix(out, want) {
		t.Errorf("git found: %d\n%s\n%s\nwant %s", code, out, errs, r.Stdout)
	}
	// And back: a repository that git packed.
	host := t.TempDir()
	seq := "seq 2000 >n; git add n; git commit -qm n; for i in 2 3 4; do seq $i 2000 >n; git commit -qam $i; done; git gc -q --aggressive; git pack-refs --all; git log --oneline; git log -p | sha1sum; git status -s"
	out, errs, _ = realGit(t, host, begin+seq)
	if err := filepath.WalkDir(host, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(host, name)
		if err != nil || d.IsDir() {
			return b.Files().MkdirAll("/workspace/packed/"+rel, 0o755)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return b.Files().WriteFile("/workspace/packed/"+rel, data, 0o644)
	}); err != nil {
		t.Fatal(err)
	}
	r, err = b.Exec(t.Context(), sandbox.Exec{Script: "cd packed; git log --oneline; git log -p | sha1sum; git status -s"})
	if err != nil || r.Stdout != out || r.Stderr != "" {
		t.Errorf("%v\n%s", err, difference(r.Stdout+r.Stderr, out+errs))
	}
}

// TestHarmless is about repositories that mean harm: they say what is wrong, or nothing happens.
func TestHarmless(t *testing.T) {
	evil := func(mode, name string) string { // a commit whose tree has an entry that git would not make
		return `b=$(echo evil | git hash-object -w --stdin); printf '` + mode + ` ` + name + `\0' >tree; echo $b | xxd -r -p >>tree
h=$( (printf 'tree %d\0' $(wc -c <tree); cat tree) | tee obj | sha1sum | cut -d' ' -f1); mkdir -p .git/objects/${h:0:2}; { printf '\x78\x01'; gzip -c obj | tail -c +11 | head -c -8; printf '\0\0\0\0'; } >.git/objects/${h:0:2}/${h:2}
git checkout $h -- . ; git reset --hard $h`
	}
	for name, c := range map[string]struct{ script, not string }{
		"hooks":            {`printf '#!/bin/sh\necho ran >/tmp/touched\n' | tee .git/hooks/pre-commit .git/hooks/post-checkout .git/hooks/post-commit >/dev/null; chmod +x .git/hooks/*; echo x >x; git add x; git commit -qm x; git checkout -q -b y; ls /tmp`, "touched"},
		"config programs":  {`for k in core.fsmonitor core.editor core.pager core.sshCommand diff.external core.hooksPath alias.status filter.x.clean filter.x.smudge gpg.program sequence.editor; do git config $k 'touch /tmp/touched'; done; echo '* filter=x diff=x' >.gitattributes; git add -A; git status; git diff; git log -p; git commit -qm x; ls /tmp`, "touched"},
		"alias":            {`git config alias.x '!touch /tmp/touched'; git x; ls /tmp`, "touched"},
		"core.worktree":    {`echo secret >/tmp/secret; git config core.worktree /tmp; git add -A; git ls-files; git status -s`, "secret"},
		"include":          {`printf '[user]\n\tname = Included\n' >/tmp/inc; git config include.path /tmp/inc; git config user.name; git commit -q --allow-empty -m x; git log -1`, "Included"},
		"tree with ..":     {evil("100644", "..") + `; ls /`, "evil\n"},
		"tree with .git":   {evil("100644", ".git/config") + `; cat .git/config`, "evil\n"},
		"tree with .GIT":   {evil("100644", ".GIT") + `; ls -a`, ".GIT"},
		"path with slash":  {evil("100644", "../../etc/evil") + `; ls /etc`, "evil\n"},
		"ref outside":      {`echo secret >/tmp/s; printf 'ref: ../../tmp/s\n' >.git/HEAD; git log; git rev-parse ../../tmp/s; git branch ../../../tmp/x; ls /tmp; git update-ref ../x HEAD`, "x\n"},
		"through a link":   {`mkdir d; echo x >d/f; git add d; git commit -qm d; rm -r d; mkdir /tmp/out; ln -s /tmp/out d; git checkout -- d/f; git reset -q --hard; ls /tmp/out`, "f\n"},
		"link named later": {`ln -s /tmp l; git add l; git commit -qm l; git checkout -q -b x; git rm -q l; mkdir l; echo x >l/touched; git add l; git commit -qm x; git checkout -q main; git checkout -q x; ls /tmp`, "touched"},
		"zlib bomb":        {`mkdir -p .git/objects/aa; { printf '\x78\x01'; (printf 'blob 999999999999\0'; head -c 100000 /dev/zero) | gzip -c | tail -c +11; } >.git/objects/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; git cat-file -p aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`, "\x00"},
		"wrong object":     {`h=$(echo x | git hash-object -w --stdin); cp -f .git/objects/${h:0:2}/${h:2} /tmp/o; mkdir -p .git/objects/aa; cp /tmp/o .git/objects/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; git cat-file -p aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`, "x\n"},
		"poisoned pack":    {`mkdir -p .git/objects/pack; head -c 5000 /dev/urandom >.git/objects/pack/p.pack; { printf '\xfftOc\0\0\0\2'; head -c 1024 /dev/zero | tr '\0' '\xff'; head -c 3000 /dev/urandom; } >.git/objects/pack/p.idx; git log -1 --oneline; git cat-file -p 1234567`, "panic"},
		"broken index":     {`printf 'DIRC\0\0\0\2\xff\xff\xff\xff0000000000000000000000000000' >.git/index; git status; git add x; git ls-files`, "panic"},
		"gitfile":          {`mkdir s; echo 'gitdir: /nowhere' >s/.git; cd s; git status; echo 'gitdir: ../s' >.git; git status`, "panic"},
		"far":              {`git clone https://example.com/x; git fetch; git push; git clone file:///etc; git clone ../x; git ls-remote ext::sh`, "panic"},
		"upload-pack":      {`git -c core.gitProxy=touch upload-pack .; git --exec-path=/tmp status; git daemon; git shell; git difftool; git grep -Otouch x; ls /tmp`, "touched"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := box(t)
			r, err := b.Exec(t.Context(), sandbox.Exec{Script: "git init -q; git commit -q --allow-empty -m begin\n" + c.script, Timeout: 20 * time.Second})
			if err != nil || r.Limit != "" || strings.Contains(r.Stderr, "internal error") || strings.Contains(r.Stdout, c.not) {
				t.Errorf("%v, limit %q, %.500q, %.500q", err, r.Limit, r.Stdout, r.Stderr)
			}
		})
	}
}

// TestHelp: every command says how it is called, in a repository or not.
func TestHelp(t *testing.T) {
	b := box(t)
	r, err := b.Exec(t.Context(), sandbox.Exec{Script: `git --help | sed -n 's/;.*//;s/^Commands: //p' | tr -d , | xargs -n 1 sh -c 'git $0 --help; git help $0 | cmp - <(git $0 -h)'`})
	if err != nil || r.Stderr != "" || strings.Count(r.Stdout, "usage: git ") < 35 {
		t.Errorf("%v\n%s%s", err, r.Stdout, r.Stderr)
	}
	for line := range strings.Lines(r.Stdout) {
		if !strings.HasPrefix(line, "usage: git ") || len(strings.Fields(line)) < 4 {
			t.Errorf("%q", line)
		}
	}
}

// FuzzRepository reads files of .git that are anything.
func FuzzRepository(f *testing.F) {
	index := "DIRC\x00\x00\x00\x02\x00\x00\x00\x01" + strings.Repeat("\x00", 60) + "\x00\x01a\x00\x00\x00\x00\x00\x00\x00\x00\x00" + strings.Repeat("x", 20)
	f.Add([]byte(index), []byte("x\x9cK\xca\xc9OR0d\x00\x00\t\xa1\x02\x1d"), []byte("[a \"b\"]\n\tc = \"d\\n\" # e\n"), []byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01"), "*.o\n!a[b]/**\n")
	f.Fuzz(func(t *testing.T, index, object, config, pack []byte, ignore string) {
		h := "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		table := append([]byte("\xfftOc\x00\x00\x00\x02"), bytes.Repeat([]byte{0, 0, 0, 1}, 256)...)
		table = append(append(table, bytes.Repeat([]byte{0xbb}, 20)...), 0, 0, 0, 0, 0, 0, 0, 12)
		table = append(table, make([]byte, 40)...)
		files := map[string]string{".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": h + "\n", ".git/objects/aa/" + h[2:]: string(object), ".git/index": string(index),
			".git/config": string(config), ".git/objects/pack/p.pack": string(pack), ".git/objects/pack/p.idx": string(table), ".gitignore": ignore, "a": "b"}
		for _, args := range [][]string{{"status"}, {"log"}, {"cat-file", "-p", "bbbbbbbb"}, {"add", "-A"}} {
			clitest.Run(t, git.Run, clitest.Case{Args: append([]string{"git"}, args...), Files: files})
		}
	})
}
