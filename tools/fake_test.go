package tools

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/flue-run/flue/sandbox"
)

// fakeSandbox holds files in memory; its working directory is /workspace, and /workspace/ro is read-only.
type fakeSandbox struct {
	files fstest.MapFS // paths without the first slash
	exec  func(e sandbox.Exec) (sandbox.ExecResult, error)
	last  sandbox.Exec
}

var _ sandbox.Sandbox = (*fakeSandbox)(nil)

func newFake(files map[string]string) *fakeSandbox {
	s := &fakeSandbox{files: fstest.MapFS{"workspace": {Mode: fs.ModeDir | 0o755}}}
	s.files["dev/zero"] = &fstest.MapFile{Mode: fs.ModeDevice | 0o666}
	for name, text := range files {
		s.files[s.key(name)] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return s
}

func (s *fakeSandbox) key(name string) string {
	if !path.IsAbs(name) {
		name = "/workspace/" + name
	}
	if name = strings.TrimPrefix(path.Clean(name), "/"); name == "" {
		return "."
	}
	return name
}

func (s *fakeSandbox) FS() sandbox.FS { return fakeFS{s} }
func (s *fakeSandbox) Close() error   { return nil }

func (s *fakeSandbox) Exec(_ context.Context, e sandbox.Exec) (sandbox.ExecResult, error) {
	s.last = e
	return s.exec(e)
}

type fakeFS struct{ *fakeSandbox }

func (f fakeFS) Dir() string { return "/workspace" }

func (f fakeFS) Stat(_ context.Context, name string) (fs.FileInfo, error) {
	return f.files.Stat(f.key(name))
}

func (f fakeFS) ReadDir(_ context.Context, name string) ([]fs.FileInfo, error) {
	entries, err := f.files.ReadDir(f.key(name))
	if err != nil {
		return nil, err
	}
	var list []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		list = append(list, info)
	}
	return list, nil
}

func (f fakeFS) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return f.files.Open(f.key(name))
}

func (f fakeFS) Write(_ context.Context, name string, data []byte) error {
	key := f.key(name)
	if strings.HasPrefix(key, "workspace/ro/") {
		return &fs.PathError{Op: "write", Path: name, Err: fs.ErrPermission}
	}
	f.files[key] = &fstest.MapFile{Data: slices.Clone(data), Mode: 0o644, ModTime: time.Unix(0, 0)}
	return nil
}

// call runs one tool of the built-in ones as the engine does: its arguments are checked first.
func call(t *testing.T, env Env, name, args string) Result {
	t.Helper()
	for _, tool := range Builtin(env) {
		if tool.Def.Name != name {
			continue
		}
		fitted, _, err := Coerce(tool.Def.Parameters, json.RawMessage(args))
		if err != nil {
			t.Fatalf("%s %s: %v", name, args, err)
		}
		r, err := tool.Run(t.Context(), fitted)
		if err != nil {
			t.Fatalf("%s %s: %v", name, args, err)
		}
		return r
	}
	t.Fatalf("there is no tool %s", name)
	return Result{}
}
