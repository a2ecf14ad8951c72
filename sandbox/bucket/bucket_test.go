package bucket_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/bucket"
	"github.com/flue-run/flue/sandbox/bucket/buckettest"
	"github.com/flue-run/flue/sandbox/sandboxtest"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// clock is a time that stands still until it is moved.
type clock struct{ offset atomic.Int64 }

var began = time.Now()

func (c *clock) now() time.Time       { return began.Add(time.Duration(c.offset.Load())) }
func (c *clock) pass(d time.Duration) { c.offset.Add(int64(d)) }
func config(s *buckettest.Server) bucket.Config {
	return bucket.Config{Source: "s3://wiki/docs", Endpoint: s.URL, Region: buckettest.Region, AccessKey: buckettest.AccessKey, SecretKey: buckettest.SecretKey}
}

func open(t testing.TB, cfg bucket.Config) bucket.Bucket {
	t.Helper()
	b, err := bucket.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func mounted(t testing.TB, b bucket.Bucket, mode vfs.MountMode, l limits.Limits) *virtual.Sandbox {
	t.Helper()
	s, err := virtual.New(virtual.Config{Dir: "/workspace", Limits: l, Mounts: []virtual.Mount{{Path: "/workspace/docs", Source: b, Mode: mode}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func run(t testing.TB, s *virtual.Sandbox, script string) string {
	t.Helper()
	r, err := s.Exec(t.Context(), sandbox.Exec{Script: script})
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	if r.ExitCode != 0 {
		return fmt.Sprintf("%s%sstatus %d\n", r.Stdout, r.Stderr, r.ExitCode)
	}
	return r.Stdout + r.Stderr
}

func want(t testing.TB, s *virtual.Sandbox, script, want string) {
	t.Helper()
	if got := run(t, s, script); got != want {
		t.Errorf("%s\ngot:  %q\nwant: %q", script, got, want)
	}
}

// TestContract: a sandbox whose workspace is a bucket is a sandbox like any other.
func TestContract(t *testing.T) {
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox {
		b := open(t, config(buckettest.New(t, "wiki")))
		s, err := virtual.New(virtual.Config{Mounts: []virtual.Mount{{Path: "/workspace", Source: b, Mode: vfs.OverlayMount}}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	})
}

func TestRead(t *testing.T) {
	server := buckettest.New(t, "wiki")
	server.Put(t, "wiki", "docs/a.md", "alpha\n")
	server.Put(t, "wiki", "docs/deep/er/b.md", "beta\n")
	server.Put(t, "wiki", "docs/deep/c d é+%.md", "gamma\n")
	server.Put(t, "wiki", "other/secret", "x")
	server.Put(t, "wiki", "docs-2", "x")
	s := mounted(t, open(t, config(server)), vfs.ReadOnlyMount, limits.Limits{})
	if got := server.Requests(); len(got) != 1 {
		t.Errorf("opening asked %q", got)
	}
	want(t, s, "cd docs; find . -type f | sort; cat a.md deep/er/b.md deep/c*", "./a.md\n./deep/c d é+%.md\n./deep/er/b.md\nalpha\nbeta\ngamma\n")
	want(t, s, "grep -rl a docs | wc -l; ls docs; ls docs/../docs/deep", "3\na.md\ndeep\nc d é+%.md\ner\n")
	want(t, s, "stat -c '%s %A %F' docs/a.md docs/deep", "6 -rw-r--r-- regular file\n4096 drwxr-xr-x directory\n")
	want(t, s, "cat docs/nowhere; cat docs/deep; cat docs/a.md/x", "cat: docs/nowhere: No such file or directory\ncat: docs/deep: Is a directory\ncat: docs/a.md/x: Not a directory\nstatus 1\n")
	want(t, s, "echo x > docs/a.md", "bash: line 1: docs/a.md: Read-only file system\nstatus 1\n")
	want(t, s, "rm -f docs/a.md; mkdir docs/x", "rm: cannot remove 'docs/a.md': Read-only file system\nmkdir: cannot create directory 'docs/x': Read-only file system\nstatus 1\n")
	for _, r := range server.Requests() {
		if strings.HasPrefix(r, "GET /wiki/d") && strings.Count(r, "/docs/") != 1 || strings.HasPrefix(r, "HEAD") || strings.HasPrefix(r, "PUT") {
			t.Errorf("a needless request: %s", r)
		}
	}
}

// TestLazy: a listing answers for all its files, content comes in parts, and what was read is not read again.
func TestLazy(t *testing.T) {
	server, time := buckettest.New(t, "wiki"), new(clock)
	big := strings.Repeat("0123456789abcdef", 5<<20/16)
	server.Put(t, "wiki", "docs/big", big)
	for i := range 50 {
		server.Put(t, "wiki", fmt.Sprintf("docs/f%02d", i), "text\n")
	}
	cfg := config(server)
	cfg.Now = time.now
	b := open(t, cfg)
	s := mounted(t, b, vfs.ReadOnlyMount, limits.Limits{})
	server.Requests()
	run(t, s, "ls -l docs; for f in docs/*; do test -f $f || echo $f; done")
	if got := server.Requests(); len(got) != 1 {
		t.Errorf("looking at 51 files asked %d times: %q", len(got), got)
	}
	want(t, s, "head -c 4 docs/big; tail -c 3 docs/big", "0123def")
	if got := server.Requests(); len(got) > 3 {
		t.Errorf("the two ends of a file of 5 parts: %q", got)
	}
	want(t, s, "cat docs/f*  | wc -l; cat docs/f* | wc -l", "50\n50\n")
	if got := server.Requests(); len(got) != 50 {
		t.Errorf("50 files read twice asked %d times", len(got))
	}
	other := mounted(t, b, vfs.ReadOnlyMount, limits.Limits{})
	want(t, other, "cat docs/f07", "text\n")
	if got := server.Requests(); len(got) != 0 {
		t.Errorf("another session read the same: %q", got)
	}
	server.Put(t, "wiki", "docs/f07", "new text\n")
	server.Delete(t, "wiki", "docs/f08")
	server.Put(t, "wiki", "docs/g", "g")
	time.pass(3e9)
	want(t, s, "cat docs/f07 docs/g; ls docs/f08", "new text\ngls: cannot access 'docs/f08': No such file or directory\nstatus 2\n")
	server.Put(t, "wiki", "docs/f07", "newer, longer text\n") // within the time that a listing is believed
	want(t, s, "cat docs/f06 docs/g", "text\ng")
	h, err := b.Open("f09", vfs.Read, 0)
	if err != nil {
		t.Fatal(err)
	}
	server.Put(t, "wiki", "docs/f09", "changed since the listing\n")
	if data, err := io.ReadAll(h); string(data) != "text\n" && string(data) != "changed since the listing\n" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := h.Seek(0, io.SeekStart); err != nil {
		t.Error(err)
	}
}

// TestChangedWhileRead: what is read is one state of an object, or an error.
func TestChangedWhileRead(t *testing.T) {
	server := buckettest.New(t, "wiki")
	server.Put(t, "wiki", "docs/f", strings.Repeat("a", 3<<20))
	b := open(t, config(server))
	h, err := b.Open("f", vfs.Read, 0)
	if err != nil {
		t.Fatal(err)
	}
	part := make([]byte, 1<<20)
	if _, err := io.ReadFull(h, part); err != nil {
		t.Fatal(err)
	}
	server.Put(t, "wiki", "docs/f", strings.Repeat("b", 3<<20))
	if data, err := io.ReadAll(h); err != vfs.ErrStale || bytes.Contains(data, []byte("b")) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	fresh := open(t, config(server))
	h, _ = fresh.Open("f", vfs.Read, 0)
	server.Put(t, "wiki", "docs/f", "short")
	if data, err := io.ReadAll(h); string(data) != "short" || err != nil {
		t.Errorf("changed between listing and reading: %.10q, %v", data, err)
	}
	server.Delete(t, "wiki", "docs/f")
	h, _ = fresh.Open("f", vfs.Read, 0)
	if _, err := io.ReadAll(h); err == nil {
		t.Error("a deleted object was read")
	}
}

// TestCacheIsBounded: reading more than fits keeps only the last of it.
func TestCacheIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	server := buckettest.New(t, "wiki")
	server.Put(t, "wiki", "docs/f", strings.Repeat("x", 8<<20))
	cfg := config(server)
	cfg.Cache = 2 << 20
	s := mounted(t, open(t, cfg), vfs.ReadOnlyMount, limits.Limits{})
	server.Requests()
	run(t, s, "cat docs/f >/dev/null; cat docs/f > /dev/null")
	if got := len(server.Requests()); got != 17 {
		t.Errorf("asked %d times, want one listing and 16 parts", got)
	}
}

func TestOddKeys(t *testing.T) {
	server := buckettest.New(t, "wiki")
	long := strings.Repeat("n", 300)
	for _, key := range []string{"docs/a b", "docs//double", "docs/../../etc/passwd", "docs/./dot", "docs/dir/", "docs/both", "docs/both/in", "docs/both-not",
		"docs/" + long, "docs/line\nfeed", "docs/q?x=1&y#z", "docs/-rf", "docs/$(id)", "docs/trail/ ", "docs/x//y", "docs/\u00fc"} {
		server.Put(t, "wiki", key, "content of it\n")
	}
	s := mounted(t, open(t, config(server)), vfs.ReadWriteMount, limits.Limits{})
	want(t, s, "cd docs; printf '%q\\n' *", "\\$\\(id\\)\n-rf\na\\ b\nboth\nboth-not\ndir\n$'line\\nfeed'\nq\\?x=1\\&y#z\ntrail\nx\nü\n")
	want(t, s, "cd docs; cat 'a b' 'q?x=1&y#z' '$(id)' ./-rf $'line\\nfeed' ü 'trail/ ' | sort | uniq -c", "      7 content of it\n")
	want(t, s, "cd docs; cat both; cat both/in; ls dir x | cat; cat ../etc/passwd ../../etc/passwd | head -1", "content of it\ndir:\n\nx:\nroot:x:0:0:root:/root:/bin/bash\ncat: both: Is a directory\ncat: ../etc/passwd: No such file or directory\n")
	before := len(server.Keys(t, "wiki"))
	want(t, s, "cd docs; rmdir x", "rmdir: failed to remove 'x': Directory not empty\nstatus 1\n")
	want(t, s, "touch docs/"+strings.Repeat("é", 128), "touch: cannot touch 'docs/"+strings.Repeat("é", 128)+"': File name too long\nstatus 1\n")
	deep := strings.Repeat(strings.Repeat("d", 250)+"/", 5)
	if got := run(t, s, "mkdir -p docs/"+deep); !strings.Contains(got, "File name too long") {
		t.Errorf("a key of more than 1,024 bytes: %q", got)
	}
	if after := server.Keys(t, "wiki"); len(after) < before {
		t.Errorf("keys that cannot be shown were lost: %q", after)
	}
}

func TestReadWrite(t *testing.T) {
	server := buckettest.New(t, "wiki")
	server.Put(t, "wiki", "docs/a", "one\n")
	server.Put(t, "wiki", "elsewhere", "x")
	s := mounted(t, open(t, config(server)), vfs.ReadWriteMount, limits.Limits{})
	for _, c := range []struct{ script, out string }{
		{"cd docs; echo two >> a; cat a", "one\ntwo\n"},
		{"cd docs; echo new > b; sed -i s/new/NEW/ b; cat b; ls", "NEW\na\nb\n"},
		{"cd docs; mkdir d; touch d/empty; cp a d/c; ls -R", ".:\na\nb\nd\n\n./d:\nc\nempty\n"},
		{"cd docs; mv b d/b; mv d e; ls e; mv e/c a; cat a; test -e d || echo gone", "b\nc\nempty\none\ntwo\ngone\n"},
		{"cd docs; rm e/b e/empty; ls -a e; rmdir e; ls", ".\n..\na\n"},
		{"cd docs; printf 0123456789 > n; printf X | dd of=n bs=1 seek=3 conv=notrunc status=none; cat n; truncate -s 4 n; cat n; truncate -s 6 n; od -An -c n", "012X456789012X   0   1   2   X  \\0  \\0\n"},
		{"cd docs; exec 3<>n; read -u 3 -N 2 x; printf ZZ >&3; exec 3>&-; tr -d '\\0' < n", "01ZZ"},
		{"cd docs; tar cf t.tar a n; mkdir x; tar xf t.tar -C x --no-same-permissions -m; cmp a x/a && rm -r x t.tar n; ls", "a\n"},
		{"cd docs; ln -s a l; ln a h; chmod 600 a; chmod 644 a; touch a; touch -d 2020-01-01 a", "ln: failed to create symbolic link 'l' -> 'a': Operation not permitted\nln: failed to create hard link 'h' => 'a': Operation not permitted\nchmod: changing permissions of 'a': Operation not permitted\ntouch: cannot touch 'a': Operation not permitted\nstatus 1\n"},
		{"cd docs; mkdir a; set -C; echo x > a; rmdir nowhere; mv nowhere x", "mkdir: cannot create directory 'a': File exists\nbash: line 1: a: cannot overwrite existing file\nrmdir: failed to remove 'nowhere': No such file or directory\nmv: cannot stat 'nowhere': No such file or directory\nstatus 1\n"},
	} {
		want(t, s, c.script, c.out)
	}
	if got, keys := server.Keys(t, "wiki"), []string{"docs/a", "elsewhere"}; !slices.Equal(got, keys) {
		t.Errorf("the bucket has %q, want %q", got, keys)
	}
	if got, _ := server.Get(t, "wiki", "docs/a"); got != "one\ntwo\n" {
		t.Errorf("a is %q", got)
	}
}

// TestLargeFile is sent in parts, and comes back as it was.
func TestLargeFile(t *testing.T) {
	server := buckettest.New(t, "wiki")
	s := mounted(t, open(t, config(server)), vfs.ReadWriteMount, limits.Limits{})
	sum := strings.Fields(run(t, s, "seq 5000000 > docs/large; sha256sum docs/large"))[0]
	got, _ := server.Get(t, "wiki", "docs/large")
	if hash := sha256.Sum256([]byte(got)); hex.EncodeToString(hash[:]) != sum || len(got) < 2*16<<20 {
		t.Errorf("%d bytes of another content", len(got))
	}
	parts := 0
	for _, r := range server.Requests() {
		if r == "PUT /wiki/docs/large" {
			parts++
		}
	}
	if parts < 4 { // the empty file, and three parts
		t.Errorf("it was sent with %d requests", parts)
	}
}

// TestConflict: what another has written since is not overwritten, and the script says so.
func TestConflict(t *testing.T) {
	server := buckettest.New(t, "wiki")
	server.Put(t, "wiki", "docs/a", "one\n")
	s := mounted(t, open(t, config(server)), vfs.ReadWriteMount, limits.Limits{})
	r, err := s.Exec(t.Context(), sandbox.Exec{Script: "exec 3>>docs/a; echo two >&3; meanwhile; exec 3>&-; cat docs/a", Grants: sandbox.Grants{
		"meanwhile": func(context.Context, sandbox.Call) int { server.Put(t, "wiki", "docs/a", "theirs\n"); return 0 }}})
	if err != nil || r.ExitCode != 1 || r.Stderr != "flue: not written: /workspace/docs/a: Stale file handle\n" {
		t.Errorf("%+v, %v", r, err)
	}
	if got, _ := server.Get(t, "wiki", "docs/a"); got != "theirs\n" {
		t.Errorf("a is %q", got)
	}
}

// TestNoConditions: a store that knows no conditional writes is written to without.
func TestNoConditions(t *testing.T) {
	server := buckettest.New(t, "wiki")
	server.Fault(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "PUT" && (r.Header.Get("If-Match") != "" || r.Header.Get("If-None-Match") != "") {
			buckettest.Answer(w, 0, "NotImplemented")
			return true
		}
		return false
	})
	s := mounted(t, open(t, config(server)), vfs.ReadWriteMount, limits.Limits{})
	want(t, s, "echo x > docs/f; echo y >> docs/f; cat docs/f", "x\ny\n")
}

func TestOverlay(t *testing.T) {
	server := buckettest.New(t, "wiki")
	server.Put(t, "wiki", "docs/a", "one\n")
	server.Put(t, "wiki", "docs/d/b", "two\n")
	b := open(t, config(server))
	s := mounted(t, b, vfs.OverlayMount, limits.Limits{})
	want(t, s, "cd docs; echo more >> a; rm d/b; echo new > d/n; mv d e; cat a e/n; ls", "one\nmore\nnew\na\ne\n")
	if got := server.Keys(t, "wiki"); !slices.Equal(got, []string{"docs/a", "docs/d/b"}) {
		t.Errorf("the bucket has %q", got)
	}
	blobs := blobs{}
	root, err := s.Snapshot(t.Context(), blobs)
	if err != nil {
		t.Fatal(err)
	}
	again := mounted(t, b, vfs.OverlayMount, limits.Limits{})
	if err := again.Restore(t.Context(), blobs, root); err != nil {
		t.Fatal(err)
	}
	want(t, again, "cd docs; cat a e/n; ls; ls d", "one\nmore\nnew\na\ne\nls: cannot access 'd': No such file or directory\nstatus 2\n")
}

type blobs map[string][]byte

func (b blobs) PutBlob(_ context.Context, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	b[hash] = bytes.Clone(data)
	return hash, nil
}

func (b blobs) Blob(_ context.Context, hash string) ([]byte, error) {
	if data, ok := b[hash]; ok {
		return data, nil
	}
	return nil, errors.New("no such blob")
}

// TestSnapshot: what a bucket has is not copied into snapshots.
func TestSnapshot(t *testing.T) {
	server := buckettest.New(t, "wiki")
	server.Put(t, "wiki", "docs/a", strings.Repeat("of the bucket", 1000))
	for _, mode := range []vfs.MountMode{vfs.ReadOnlyMount, vfs.ReadWriteMount, vfs.OverlayMount} {
		s := mounted(t, open(t, config(server)), mode, limits.Limits{})
		run(t, s, "cat docs/a > /dev/null; echo mine > mine")
		kept := blobs{}
		root, err := s.Snapshot(t.Context(), kept)
		if err != nil {
			t.Fatal(err)
		}
		for _, data := range kept {
			if bytes.Contains(data, []byte("of the bucket")) {
				t.Errorf("mode %d: the snapshot has content of the bucket", mode)
			}
		}
		again := mounted(t, open(t, config(server)), mode, limits.Limits{})
		if err := again.Restore(t.Context(), kept, root); err != nil {
			t.Fatal(err)
		}
		want(t, again, "cat mine; wc -c < docs/a", "mine\n13000\n")
	}
}

// TestManyKeys: a folder of 100,000 objects is listed by pages, and one of its files is found without listing it.
func TestManyKeys(t *testing.T) {
	if testing.Short() {
		t.Skip("long: not with -short")
	}
	server := buckettest.New(t, "wiki")
	server.Fault(manyKeys(100_000))
	s := mounted(t, open(t, config(server)), vfs.ReadOnlyMount, limits.Limits{Timeout: time.Minute})
	server.Requests()
	want(t, s, "test -e docs/many/k0099999 && ! test -e docs/many/nowhere && echo found", "found\n")
	if got := len(server.Requests()); got > 8 {
		t.Errorf("two look-ups asked %d times", got)
	}
	want(t, s, "ls docs/many | wc -l; ls docs/many | tail -1", "100000\nk0099999\n")
	if got := len(server.Requests()); got > 110 {
		t.Errorf("two listings asked %d times", got)
	}
}

// manyKeys answers listings of docs/many and questions about its keys; gofakes3 is too slow to hold so many.
func manyKeys(count int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		q := r.URL.Query()
		switch prefix := q.Get("prefix"); {
		case q.Get("list-type") == "2" && prefix == "docs/many/":
			var first int
			fmt.Sscan(q.Get("continuation-token"), &first)
			last := min(first+1000, count)
			fmt.Fprintf(w, "<ListBucketResult><Name>wiki</Name><Prefix>%s</Prefix><Delimiter>/</Delimiter><IsTruncated>%v</IsTruncated><NextContinuationToken>%d</NextContinuationToken>", prefix, last < count, last)
			for i := first; i < last; i++ {
				fmt.Fprintf(w, "<Contents><Key>docs/many/k%07d</Key><Size>1</Size><ETag>&quot;e%d&quot;</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>", i, i)
			}
			io.WriteString(w, "</ListBucketResult>")
		case q.Get("list-type") == "2" && prefix == "docs/":
			io.WriteString(w, "<ListBucketResult><Name>wiki</Name><Prefix>docs/</Prefix><Delimiter>/</Delimiter><CommonPrefixes><Prefix>docs/many/</Prefix></CommonPrefixes></ListBucketResult>")
		case r.Method == http.MethodHead && strings.HasPrefix(r.URL.Path, "/wiki/docs/many/k"):
			w.Header().Set("ETag", `"e"`)
			w.Header().Set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
			w.Header().Set("Content-Length", "1")
		default:
			return false
		}
		return true
	}
}

func TestErrors(t *testing.T) {
	server := buckettest.New(t, "wiki", "public")
	server.MakePublic("public")
	server.Put(t, "public", "f", "for all\n")
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	defer web.Close()
	for name, c := range map[string]struct {
		change func(*bucket.Config)
		says   string
	}{
		"no bucket":     {func(c *bucket.Config) { c.Source = "s3://nowhere/x" }, "there is no bucket nowhere at 127.0.0.1:"},
		"wrong key":     {func(c *bucket.Config) { c.AccessKey = "AKIAOTHER" }, "does not know the access_key (InvalidAccessKeyId)"},
		"wrong secret":  {func(c *bucket.Config) { c.SecretKey = "not-the-secret" }, "the secret_key is not that of the access_key"},
		"half a key":    {func(c *bucket.Config) { c.SecretKey = "" }, "access_key and secret_key belong together"},
		"wrong region":  {func(c *bucket.Config) { c.Region = "us-east-1" }, "is not in the region us-east-1 but in eu-test-1"},
		"nobody":        {func(c *bucket.Config) { c.AccessKey, c.SecretKey = "", "" }, "does not show the bucket wiki to everybody (AccessDenied): set access_key and secret_key"},
		"unreachable":   {func(c *bucket.Config) { c.Endpoint = gone.URL }, "cannot be reached: connect: connection refused"},
		"a web server":  {func(c *bucket.Config) { c.Endpoint = web.URL }, "cannot be reached, or does not speak S3"},
		"no address":    {func(c *bucket.Config) { c.Endpoint = "localhost:9000" }, "the endpoint is not an address"},
		"with a path":   {func(c *bucket.Config) { c.Endpoint += "/wiki" }, "the endpoint is not an address"},
		"no name":       {func(c *bucket.Config) { c.Source = "s3://WIKI/x" }, "does not name a bucket"},
		"climbing":      {func(c *bucket.Config) { c.Source = "s3://wiki/../x" }, "cannot be a folder"},
		"double slash":  {func(c *bucket.Config) { c.Source = "s3://wiki/a//b" }, "cannot be a folder"},
		"other address": {func(c *bucket.Config) { c.Source = "https://wiki/x" }, "does not name a bucket"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(server)
			c.change(&cfg)
			_, err := bucket.Open(t.Context(), cfg)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("said %v, want %q", err, c.says)
			}
			for _, secret := range []string{buckettest.SecretKey, buckettest.AccessKey, "not-the-secret", "AKIAOTHER"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("a key in %v", err)
				}
			}
		})
	}
	public := config(server)
	public.Source, public.AccessKey, public.SecretKey = "s3://public", "", ""
	s := mounted(t, open(t, public), vfs.ReadWriteMount, limits.Limits{})
	want(t, s, "cat docs/f; echo x > docs/g", "for all\nbash: line 1: docs/g: Permission denied\nstatus 1\n")
}

// TestFaults: what passes is asked again; what stays is an error of the file, in time.
func TestFaults(t *testing.T) {
	server := buckettest.New(t, "wiki")
	server.Put(t, "wiki", "docs/f", "text\n")
	var mu sync.Mutex
	left := 0
	server.Fault(func(w http.ResponseWriter, _ *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if left == 0 {
			return false
		}
		left--
		buckettest.Answer(w, 0, "SlowDown")
		return true
	})
	fail := func(n int) { mu.Lock(); left = n; mu.Unlock() }
	cfg := config(server)
	cfg.Fresh = time.Nanosecond
	s := mounted(t, open(t, cfg), vfs.ReadOnlyMount, limits.Limits{})
	fail(2)
	want(t, s, "cat docs/f", "text\n")
	fail(1000)
	want(t, s, "cat docs/f", "cat: docs/f: Input/output error: "+strings.TrimPrefix(server.URL, "http://")+" answered SlowDown (status 503)\nstatus 1\n")
	fail(0)
	want(t, s, "cat docs/f", "text\n")
}

// TestTimeout: a store that does not answer ends with the script's time, and not with its own.
func TestTimeout(t *testing.T) {
	server := buckettest.New(t, "wiki")
	server.Put(t, "wiki", "docs/f", "text\n")
	s := mounted(t, open(t, config(server)), vfs.ReadOnlyMount, limits.Limits{Timeout: 200 * time.Millisecond})
	server.Fault(func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true })
	start := time.Now()
	r, err := s.Exec(t.Context(), sandbox.Exec{Script: "cat docs/f"})
	if err != nil || r.Limit != "timeout" || time.Since(start) > 5*time.Second {
		t.Errorf("%+v, %v after %v", r, err, time.Since(start))
	}
	server.Fault(nil)
	want(t, s, "cat docs/f", "text\n")
}

// TestLimits: what is written counts, and a file cannot be made huge by seeking.
func TestLimits(t *testing.T) {
	server := buckettest.New(t, "wiki")
	cfg := config(server)
	cfg.MaxFile = 1 << 20
	s := mounted(t, open(t, cfg), vfs.ReadWriteMount, limits.Limits{})
	want(t, s, "echo x | dd of=docs/f bs=1 seek=2M status=none", "dd: failed to truncate to 2097152 bytes in output file 'docs/f': File too large\nstatus 1\n")
	want(t, s, "head -c 2M /dev/zero > docs/g || echo refused", "refused\n")
	want(t, s, "truncate -s 1T docs/f", "flue: limit file-bytes (256 MiB) exceeded\nstatus 126\n")
	want(t, s, "echo fits > docs/h; cat docs/h; wc -c < docs/f", "fits\n0\n")
}
