package daytonatest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// host is the path on this host of a path in the sandbox.
func (m *machine) host(name string) string {
	name = filepath.Clean(name)
	for _, part := range []struct{ inside, folder string }{{"/workspace", "workspace"}, {"/home/daytona", "home"}, {"/tmp", "tmp"}, {"/skills", "skills"}} {
		if rest, ok := strings.CutPrefix(name+"/", part.inside+"/"); ok {
			return filepath.Join(m.root, part.folder, rest)
		}
	}
	return name // of the host's own, which the sandbox shows
}

func failFile(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fail(w, http.StatusNotFound, "no such file or directory")
	case errors.Is(err, fs.ErrPermission):
		fail(w, http.StatusForbidden, "permission denied")
	default:
		fail(w, http.StatusBadRequest, err.Error())
	}
}

func (m *machine) info(w http.ResponseWriter, r *http.Request) {
	i, err := os.Stat(m.host(r.URL.Query().Get("path")))
	if err != nil {
		failFile(w, err)
		return
	}
	answer(w, map[string]any{"name": i.Name(), "size": i.Size(), "mode": i.Mode().String(), "modTime": i.ModTime().Format(time.RFC3339Nano), "isDir": i.IsDir(),
		"owner": "1000", "group": "1000", "permissions": fmt.Sprintf("%04o", i.Mode().Perm())})
}

func (m *machine) download(w http.ResponseWriter, r *http.Request) {
	http.ServeFile(w, r, m.host(r.URL.Query().Get("path")))
}

func (m *machine) upload(w http.ResponseWriter, r *http.Request) {
	name := m.host(r.URL.Query().Get("path"))
	part, _, err := r.FormFile("file")
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		failFile(w, err)
		return
	}
	f, err := os.Create(name)
	if err == nil {
		_, err = io.Copy(f, part)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		failFile(w, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}
