package git_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/fetch"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// gitServer serves the repository r.git, and empty.git beside it, with git's own http-backend. old has it speak the
// protocol's version 0 only.
func gitServer(t *testing.T, old bool) (root string, server *httptest.Server) {
	needGit(t)
	path, err := exec.Command("git", "--exec-path").Output()
	backend := filepath.Join(strings.TrimSpace(string(path)), "git-http-backend")
	if _, e := os.Stat(backend); err != nil || e != nil {
		t.Skip("git-http-backend is not installed: its protocol is not spoken")
	}
	root, err = filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	_, errs, code := realGit(t, root, `mkdir a; cd a; `+begin+`git tag v0 HEAD~1; git tag -a -m 'the first' v1; git branch side HEAD~1; cd ..; git clone -q --bare a r.git; git init -q --bare -b main empty.git; git -C r.git config http.receivepack true; git -C empty.git config http.receivepack true
cat >r.git/hooks/update <<'E'
#!/bin/sh
case $1 in *forbidden) echo no such branch >&2; exit 1;; *loud) echo hello from the hook >&2;; *red) printf 'is \033[31mred\033[0m\n' >&2;; esac
E
chmod +x r.git/hooks/update; rm -rf a`)
	if code != 0 {
		t.Fatal(errs)
	}
	var handler http.Handler = &cgi.Handler{Path: backend, Stderr: io.Discard, Logger: log.New(io.Discard, "", 0), Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "HOME=" + root}}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if old {
			r.Header.Del("Git-Protocol")
		}
		handler.ServeHTTP(w, r)
	})
	locked := func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); (user != "ann" || password != "s3cret/") && r.Header.Get("X-Token") != "t" {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		http.StripPrefix("/locked", handler).ServeHTTP(w, r)
	}
	mux.HandleFunc("/locked/", locked)
	mux.HandleFunc("/moved/", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.TrimPrefix(r.URL.RequestURI(), "/moved"), http.StatusMovedPermanently)
	})
	mux.HandleFunc("/away/", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://other.example"+strings.TrimPrefix(r.URL.RequestURI(), "/away"), http.StatusFound)
	})
	mux.HandleFunc("/403/", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	mux.HandleFunc("/500/", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusInternalServerError) })
	mux.HandleFunc("/page/", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("<html>\na page\n</html>\n")) })
	server = httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return root, server
}

// served is a sandbox whose network has a server, at $U.
func served(t *testing.T, url string, l limits.Limits, quota vfs.Quota) *virtual.Sandbox {
	t.Helper()
	network, err := fetch.New(fetch.Config{Allow: []string{url + "/"}})
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"U": url}
	for k, v := range identity {
		env[k] = v
	}
	b, err := virtual.New(virtual.Config{Env: env, Fetch: network, Limits: l, Quota: quota})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

const tick = `tick() { t=$((${t:-1700000600} + 60)); export GIT_AUTHOR_DATE="$t +0100" GIT_COMMITTER_DATE="$t +0100"; }; `

// defaults is for servers that do not say what the branch of an empty repository is.
const defaults = `git config --global init.defaultBranch main; `

// httpScripts are run by git itself and by the sandbox's, each against a server of its own at $U.
var httpScripts = []string{
	`git clone $U/r.git; cd r; git status; git log --oneline --decorate; git branch -avv; git tag; cat a.txt d/b.c; cat .git/config .git/refs/remotes/origin/HEAD; git ls-remote; git remote -v; git remote show origin; git fsck --strict 2>/dev/null || true`,
	`git clone -q --bare $U/r.git; cd r.git; git log --oneline --all; cd ..; git clone --depth 1 $U/r.git s; cd s; git log --format=%s; git tag; git branch -a; git fetch --depth 2; git log --format=%s; cd ..; git clone -q --depth 1 $U/r.git s2; cd s2; git fetch -q --deepen=1; git log --format=%s; cd ../s; git fetch --unshallow; git tag; git rev-parse --is-shallow-repository; cd ..; git clone --depth=1 --no-single-branch $U/r.git n; cd n; git branch -a; git tag`,
	defaults + `git clone -b side --single-branch $U/r.git c; cd c; git branch -a; git tag; git log --oneline; cd ..; git clone -b v1 $U/r.git d; cd d; git status; cd ..; git clone -b nope $U/r.git e; echo $?; git clone $U/empty.git; cd empty; git status; git branch -a; cat .git/HEAD`,
	tick + `git clone -q $U/r.git; cd r; echo x >x; git add x; tick; git commit -qm x; git push; git push; git status -sb; git push origin main:loud; git push origin main:forbidden; echo $?; git push origin :loud side:forbidden main:fine; echo $?; git push --tags -f; git ls-remote origin`,
	defaults + tick + `git clone -q $U/empty.git; cd empty; seq 1000 >x; mkdir d; for i in $(seq 150); do echo $i >d/$i; done; git add .; tick; git commit -qm x; git tag -am t t; git push -u origin main --follow-tags; git status -sb; cd ..; git clone -q $U/empty.git again; cd again; git log --oneline --decorate; git ls-files | wc -l; git fsck --strict 2>/dev/null || true`,
	tick + `git clone -q $U/r.git a; git clone -q $U/r.git b; cd a; for i in 1 2 3; do echo $i >>x; git add x; tick; git commit -qm x$i; done; git tag new; git push -q origin main new; cd ../b; git fetch; git status; git pull; git log --oneline; git tag; echo y >y; git add y; tick; git commit -qm y; git push; cd ../a; echo z >z; git add z; tick; git commit -qm z; git push; echo $?; git pull --rebase; git push; cd ../b; tick; git commit -q --allow-empty -m e; tick; git pull --no-rebase --no-edit; git log --format=%s; git push -q; git -C ../a pull -q; git -C ../a log -1 --format=%s`,
	`git clone $U/nope.git; echo $?; ls; git clone $U/page/r.git; echo $?; git clone $U/403/r.git; echo $?; git clone $U/500/x; echo $?; git ls-remote $U/moved/r.git HEAD; git clone -q $U/moved/r.git m; git -C m remote -v; cd m; git fetch; git push; git ls-remote $U/nope; echo $?; git init -q -b main z; cd z; git pull $U/r.git; git log --oneline; git fetch $U/r.git side:s; git branch`,
	tick + `git clone -q $U/r.git; cd r; git push -q origin main:b1 main:b2; git fetch; git branch -r; git push origin -d b1; git push -q $U/r.git :b2; git branch -r; git fetch -p; git branch -r; git remote prune origin; git ls-remote --heads origin; git checkout -q -b w; tick; git commit -q --allow-empty -m w; git push; echo $?; git push -u origin w; git commit -q --amend --allow-empty -m w2; git push; echo $?; git push --force-with-lease; git log origin/w --format=%s -1; git branch -vv`,
}

func TestHTTPLikeGit(t *testing.T) {
	for version, old := range map[string]bool{"v2": false, "v0": true} {
		for _, script := range httpScripts {
			t.Run(version+" "+strings.ReplaceAll(strings.TrimPrefix(script, tick), "/", "|"), func(t *testing.T) {
				t.Parallel()
				ourRoot, ours := gitServer(t, old)
				_, theirs := gitServer(t, old)
				r, err := served(t, ours.URL, limits.Limits{}, vfs.Quota{}).Exec(t.Context(), sandbox.Exec{Script: script, Timeout: time.Minute})
				if err != nil || r.Limit != "" {
					t.Fatal(r, err)
				}
				dir, err := filepath.EvalSymlinks(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				out, errs, _ := realGit(t, dir, script, "U="+theirs.URL, "GIT_TERMINAL_PROMPT=0")
				out, errs = strings.ReplaceAll(out, theirs.URL, ours.URL), strings.ReplaceAll(errs, theirs.URL, ours.URL)
				if r.Stdout != out {
					t.Errorf("stdout:\n%s", difference(r.Stdout, out))
				}
				if a, b := withoutHints(r.Stderr), withoutHints(errs); a != b {
					t.Errorf("stderr:\n%s", difference(a, b))
				}
				if out, errs, code := realGit(t, ourRoot, "git -C r.git fsck --strict --full && git -C empty.git fsck --strict --full"); code != 0 || strings.Contains(errs, "error") {
					t.Errorf("the server's repositories: %d\n%s%s", code, out, errs)
				}
			})
		}
	}
}

// TestCloneIsWhole: git itself finds nothing wrong with what the sandbox's fetched.
func TestCloneIsWhole(t *testing.T) {
	root, server := gitServer(t, false)
	realGit(t, root, `git clone -q r.git w; cd w; for i in $(seq 60); do seq $i 3000 >n; seq $i >m$i; git add .; git commit -qm $i; done; git push -q; cd ../r.git; git gc -q --aggressive; git pack-refs --all`)
	b := served(t, server.URL, limits.Limits{}, vfs.Quota{})
	r, err := b.Exec(t.Context(), sandbox.Exec{Script: `git clone -q $U/r.git . && git log --oneline && git status -s && git clone -q --depth 3 $U/r.git /tmp/s && cp -r /tmp/s s && git log -p | sha1sum`})
	if err != nil || r.ExitCode != 0 || r.Stderr != "" {
		t.Fatal(r, err)
	}
	dir := t.TempDir()
	export(t, b.Files(), "/workspace", dir)
	out, errs, code := realGit(t, dir, "git fsck --strict --full && git -C s fsck --strict --full && git log --oneline && git status -s -uno && git log -p | sha1sum; git -C s log --oneline | wc -l")
	if code != 0 || strings.Contains(errs, "error") || out != r.Stdout+"3\n" {
		t.Errorf("git found: %d\n%s\n%s", code, difference(out, r.Stdout), errs)
	}
}

// TestNetworkRules: what the sandbox's network does not have, and what a server refuses, is said; no secret is.
func TestNetworkRules(t *testing.T) {
	_, server := gitServer(t, false)
	hang := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-hang:
		}
	}))
	t.Cleanup(func() { close(hang); slow.Close() })
	host := strings.TrimPrefix(server.URL, "http://")
	for _, c := range []struct{ script, out, limit string }{
		{`git clone http://evil.example/x.git`, "fatal: unable to access 'http://evil.example/x.git/': the sandbox's network does not allow http://evil.example/x.git/info/refs; it allows: " + server.URL + "/", ""},
		{`git clone http://evil.example/x.git`, "grants URLs under network.allow", ""},
		{`git clone $U/away/r.git`, "does not allow http://other.example/r.git/info/refs", ""},
		{`git clone $U/away/r.git || echo $?; ls`, "128", ""},
		{`git clone http://169.254.169.254/x`, "does not allow http://169.254.169.254/", ""},
		{`git clone $U/locked/r.git`, "fatal: could not read Username for '" + server.URL + "': nobody can be asked in this sandbox", ""},
		{`git clone http://ann:s3cret%2F@` + host + `/locked/r.git x && git -C x fetch && git -C x push 2>&1 && git -C x log --oneline`, "5d1b11f second", ""},
		{`git clone http://ann:wrong@` + host + `/locked/r.git x`, "fatal: Authentication failed for '" + server.URL + "/locked/r.git/'", ""},
		{`git clone http://ann:wrong@` + host + `/nope x`, "fatal: repository '" + server.URL + "/nope/' not found", ""},
		{`git -c http.extraHeader='X-Token: t' clone $U/locked/r.git && git -C r log --oneline`, "5d1b11f second", ""},
		{`git config --global http.$U/.extraHeader 'X-Token: t'; git clone -q $U/locked/r.git && git -C r log --oneline`, "5d1b11f second", ""},
		{`git config --global credential.helper store; echo http://ann:s3cret%2F@` + host + ` >~/.git-credentials; git clone -q $U/locked/r.git && git -C r log --oneline`, "5d1b11f second", ""},
		{`git config --global url.$U/.insteadOf git@example.com:; git clone -q git@example.com:r.git && git -C r log --oneline && git -C r config remote.origin.url | grep ^git@ && git -C r fetch`, "5d1b11f second", ""},
		{`git clone git@github.com:a/b.git`, "fatal: unable to access 'git@github.com:a/b.git': ssh cannot be spoken in this sandbox; http and https can: https://github.com/a/b.git", ""},
		{`git clone ssh://git@github.com/a/b.git`, "ssh cannot be spoken in this sandbox; http and https can: https://github.com/a/b.git", ""},
		{`git clone git://github.com/a/b.git`, "git cannot be spoken in this sandbox", ""},
		{`git clone ext::sh`, "cannot be spoken", ""},
		{`git clone -q $U/r.git; cd r; git push -q origin main:red`, "remote: is ^[[31mred^[[0m", ""},
		{`git clone -q ` + slow.URL + `/x`, "does not allow", ""},
	} {
		t.Run(c.script, func(t *testing.T) {
			t.Parallel()
			r, err := served(t, server.URL, limits.Limits{}, vfs.Quota{}).Exec(t.Context(), sandbox.Exec{Script: c.script + "\necho $?", Timeout: 20 * time.Second})
			if err != nil || r.Limit != c.limit || !strings.Contains(r.Stdout+r.Stderr, c.out) || strings.Contains(r.Stdout+r.Stderr, "s3cret") || strings.Contains(r.Stderr, "wrong") {
				t.Errorf("%v, limit %q\n%s%s", err, r.Limit, r.Stdout, r.Stderr)
			}
		})
	}
	t.Run("a server that hangs", func(t *testing.T) {
		r, err := served(t, slow.URL, limits.Limits{}, vfs.Quota{}).Exec(t.Context(), sandbox.Exec{Script: `git clone -q $U/x`, Timeout: time.Second})
		if err != nil || r.Limit != "timeout" || r.ExitCode != 124 {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("a call that is ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		asked := make(chan struct{})
		waits := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { close(asked); <-r.Context().Done() }))
		defer waits.Close()
		go func() { <-asked; cancel() }()
		if _, err := served(t, waits.URL, limits.Limits{}, vfs.Quota{}).Exec(ctx, sandbox.Exec{Script: `git clone -q $U/x`}); err == nil {
			t.Error("it did not end")
		}
	})
	t.Run("no network", func(t *testing.T) {
		r, err := box(t).Exec(t.Context(), sandbox.Exec{Script: `git clone https://example.com/x.git; echo $?; ls`})
		want := "fatal: unable to access 'https://example.com/x.git/': Could not resolve host: example.com (this sandbox has no network; the sandbox's file grants URLs under network.allow)\n"
		if err != nil || r.Stdout != "128\n" || !strings.HasSuffix(r.Stderr, want) {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// TestLimitsOfClone: what a limit ends leaves no half of a repository, and the next call works.
func TestLimitsOfClone(t *testing.T) {
	root, server := gitServer(t, false)
	realGit(t, root, `git clone -q r.git w; cd w; head -c 3000000 /dev/urandom >big; head -c 30000000 /dev/zero >zeros; git add .; git commit -qm big; git push -q`)
	for name, c := range map[string]struct {
		limits limits.Limits
		quota  vfs.Quota
	}{
		"file-bytes": {limits.Limits{}, vfs.Quota{Bytes: 2 << 20}},
		"live-bytes": {limits.Limits{LiveBytes: 2 << 20}, vfs.Quota{}},
		"work":       {limits.Limits{Work: 3 << 20}, vfs.Quota{}},
		"commands":   {limits.Limits{Commands: 3}, vfs.Quota{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := served(t, server.URL, c.limits, c.quota)
			r, err := b.Exec(t.Context(), sandbox.Exec{Script: `git clone -q $U/r.git`})
			if err != nil || r.Limit != name || r.ExitCode != 126 {
				t.Errorf("%+v, %v", r, err)
			}
			r, err = b.Exec(t.Context(), sandbox.Exec{Script: `ls -A; echo x`})
			if err != nil || r.Stdout != "x\n" {
				t.Errorf("afterwards: %+v, %v", r, err)
			}
		})
	}
}
