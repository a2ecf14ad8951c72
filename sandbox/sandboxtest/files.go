package sandboxtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/flue-run/flue/sandbox"
)

func write(t *testing.T, s sandbox.Sandbox, name, text string) {
	t.Helper()
	if err := s.FS().Write(t.Context(), name, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s sandbox.Sandbox, name string) string {
	t.Helper()
	f, err := s.FS().Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// files: the tree and the scripts see the same.
func files(t *testing.T, s sandbox.Sandbox) {
	write(t, s, "a/b/c.txt", "one")
	wantOut(t, s, "cat a/b/c.txt", "one")
	write(t, s, "a/b/c.txt", "2")
	exec(t, s, sandbox.Exec{Script: "printf +3 >>a/b/c.txt; ln -s b a/link; echo x >a/z"})
	if got := read(t, s, s.FS().Dir()+"/a/link/c.txt"); got != "2+3" {
		t.Errorf("read %q", got)
	}
	i, err := s.FS().Stat(t.Context(), "a/link")
	if err != nil || !i.IsDir() || i.Name() != "link" {
		t.Errorf("Stat follows links: %v, %v", i, err)
	}
	list, err := s.FS().ReadDir(t.Context(), "a")
	if err != nil || len(list) != 3 || list[0].Name() != "b" || list[1].Mode()&fs.ModeSymlink == 0 || list[2].Size() != 2 {
		t.Errorf("%v, %v", list, err)
	}
}

func fileErrors(t *testing.T, s sandbox.Sandbox) {
	write(t, s, "file", "x")
	fsys := s.FS()
	_, statErr := fsys.Stat(t.Context(), "none")
	_, openErr := fsys.Open(t.Context(), "none")
	_, listErr := fsys.ReadDir(t.Context(), "none")
	for name, err := range map[string]error{"stat": statErr, "open": openErr, "list": listErr} {
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "none") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := fsys.Write(t.Context(), "file/below", nil); err == nil {
		t.Error("a file is no directory")
	}
	if err := fsys.Write(t.Context(), ".", nil); err == nil {
		t.Error("a directory cannot be written")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := fsys.Stat(ctx, "file"); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func large(t *testing.T, s sandbox.Sandbox) {
	text := strings.Repeat("0123456789abcde\n", 1<<16)
	write(t, s, "large", text)
	wantOut(t, s, "wc -c <large; cp large copy; cmp large copy && tail -n1 copy", "1048576\n0123456789abcde\n")
	if got := read(t, s, "copy"); got != text {
		t.Errorf("%d bytes came back", len(got))
	}
}

// apart: two sandboxes see nothing of each other.
func apart(t *testing.T, a, b sandbox.Sandbox) {
	exec(t, a, sandbox.Exec{Script: "echo secret >f; echo secret >/tmp/flue-sandboxtest; echo secret >$HOME/flue-sandboxtest"})
	wantOut(t, b, "cat f /tmp/flue-sandboxtest ~/flue-sandboxtest 2>/dev/null", "")
}

// Blobs keeps blobs in memory, for tests.
type Blobs struct {
	mu   sync.Mutex
	data map[string][]byte
}

var _ sandbox.Blobs = (*Blobs)(nil)

// PutBlob keeps data and returns its hash.
func (b *Blobs) PutBlob(_ context.Context, data []byte) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.data == nil {
		b.data = map[string][]byte{}
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	b.data[hash] = append([]byte(nil), data...)
	return hash, nil
}

// Blob returns what has that hash.
func (b *Blobs) Blob(_ context.Context, hash string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.data[hash]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

// snapshots: a root is the files as they were, wherever it is restored.
func snapshots(t *testing.T, a, b sandbox.Sandbox) {
	var blobs Blobs
	take := func(s sandbox.Sandbox) string {
		root, err := s.(sandbox.Snapshotter).Snapshot(t.Context(), &blobs)
		if err != nil {
			t.Fatal(err)
		}
		return root
	}
	restore := func(s sandbox.Sandbox, root string) {
		if err := s.(sandbox.Snapshotter).Restore(t.Context(), &blobs, root); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, a, sandbox.Exec{Script: "mkdir d; echo one >d/f; ln -s d/f l; ln d/f h; chmod 750 d; echo run >x; chmod +x x"})
	first := take(a)
	if again := take(a); again != first {
		t.Error("a snapshot of the same files has another root")
	}
	exec(t, a, sandbox.Exec{Script: "echo two >d/f; rm x"})
	second := take(a)
	restore(b, first)
	wantOut(t, b, "cat d/f l h; stat -c %a d; test -x x && echo x", "one\none\none\n750\nx\n")
	exec(t, b, sandbox.Exec{Script: "echo fork >h"})
	wantOut(t, b, "cat d/f", "fork\n")
	wantOut(t, a, "cat d/f", "two\n")
	restore(a, first)
	wantOut(t, a, "cat d/f", "one\n")
	restore(b, second)
	wantOut(t, b, "cat d/f; test -e x || echo gone", "two\ngone\n")
	if err := b.(sandbox.Snapshotter).Restore(t.Context(), &blobs, strings.Repeat("0", 64)); err == nil {
		t.Error("a root that is not there is an error")
	}
}
