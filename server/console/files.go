package console

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/store"
)

// mostShown is how much of a file a page shows, in bytes.
const mostShown = 256 << 10

// filesPage is a folder or a file of a session's workspace.
type filesPage struct {
	Key     store.Key
	Path    string // in the sandbox
	Parent  string
	Entries []fs.FileInfo
	Dir     bool
	Text    string
	Binary  bool
	Cut     bool
	Size    int64
}

// files shows a folder or a file of the workspace; with ?download it hands the file out, never to be shown: an agent has
// written it.
func (c *console) files(w http.ResponseWriter, r *http.Request) error {
	key, err := c.key(r)
	if err != nil {
		return err
	}
	box, err := c.Runner.Engine().Workspace(r.Context(), key)
	if err != nil {
		return err
	}
	defer box.Close()
	files := box.FS()
	name := path.Clean("/" + r.PathValue("path"))
	if r.PathValue("path") == "" {
		name = files.Dir()
	}
	info, err := files.Stat(r.Context(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return &notice{http.StatusNotFound, "There is no file " + name + " in this workspace."}
	}
	if err != nil {
		return err
	}
	page := filesPage{Key: key, Path: name, Parent: path.Dir(name), Dir: info.IsDir(), Size: info.Size()}
	if page.Dir {
		if page.Entries, err = files.ReadDir(r.Context(), name); err != nil {
			return err
		}
		return c.render(w, r, "files.html", page)
	}
	if !info.Mode().IsRegular() {
		return &notice{http.StatusBadRequest, name + " is neither a file nor a folder."}
	}
	file, err := files.Open(r.Context(), name)
	if err != nil {
		return err
	}
	defer file.Close()
	if r.URL.Query().Has("download") {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(name)}))
		_, _ = io.Copy(w, file) // only a reader that has left
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(file, mostShown+1))
	if err != nil {
		return err
	}
	page.Cut = len(data) > mostShown
	data = data[:min(len(data), mostShown)]
	page.Binary = bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data) && !page.Cut
	page.Text = strings.ToValidUTF8(string(data), "\uFFFD")
	return c.render(w, r, "files.html", page)
}
