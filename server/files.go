package server

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/store"
)

// folder is a directory as clients see it.
type folder struct {
	Path    string        `json:"path"`
	Entries []folderEntry `json:"entries"`
}

type folderEntry struct {
	Name     string    `json:"name"`
	Type     string    `json:"type"`              // file, directory, link or other
	Size     int64     `json:"size"`              // bytes
	Program  bool      `json:"program,omitempty"` // a file that may be executed
	Modified time.Time `json:"modified"`
}

// showFile answers GET /agents/{agent}/{session}/files/{path}: a file of the session's workspace as it was stored last, or
// what a directory holds.
func (s *Server) showFile(w http.ResponseWriter, r *http.Request) error {
	found, err := s.found(r)
	if err != nil {
		return err
	}
	name := path.Join("/", r.PathValue("path")) // nothing leads out of it
	if strings.ContainsRune(name, 0) {
		return invalid("a path has no NUL")
	}
	box, err := s.cfg.Runner.Engine().Workspace(r.Context(), found.Key)
	var none *engine.RequestError
	if errors.As(err, &none) {
		return &apiError{status: http.StatusNotFound, kind: "no_files", message: none.Message}
	}
	if err != nil {
		return fmt.Errorf("open the files of session %s: %w", found.Key, err)
	}
	defer box.Close()
	files := box.FS()
	at := path.Join(files.Dir(), name)
	info, err := files.Stat(r.Context(), at)
	var refused *fs.PathError // not there, below a file, too long, a loop of links
	switch {
	case errors.As(err, &refused) && r.Context().Err() == nil && !errors.Is(err, store.ErrClosed):
		return &apiError{status: http.StatusNotFound, kind: "file_not_found", message: fmt.Sprintf("there is no file %.200q in the workspace", name)}
	case err != nil:
		return fmt.Errorf("look at %s of session %s: %w", at, found.Key, err)
	case info.IsDir():
		return s.writeFolder(w, r, files, at, name)
	case !info.Mode().IsRegular():
		return &apiError{status: http.StatusNotFound, kind: "file_not_found", message: fmt.Sprintf("%.200q is no file that can be read", name)}
	}
	file, err := files.Open(r.Context(), at)
	if err != nil {
		return fmt.Errorf("open %s of session %s: %w", at, found.Key, err)
	}
	defer file.Close()
	content, ok := file.(io.ReadSeeker)
	if !ok {
		all, err := io.ReadAll(file)
		if err != nil {
			return fmt.Errorf("read %s of session %s: %w", at, found.Key, err)
		}
		content = bytes.NewReader(all)
	}
	kind, err := contentType(name, content)
	if err != nil {
		return fmt.Errorf("read %s of session %s: %w", at, found.Key, err)
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'") // what an agent wrote is no page of ours
	s.hurry(w)
	http.ServeContent(w, r, "", info.ModTime(), content)
	return nil
}

func (s *Server) writeFolder(w http.ResponseWriter, r *http.Request, files sandbox.FS, at, name string) error {
	infos, err := files.ReadDir(r.Context(), at)
	if err != nil {
		return fmt.Errorf("list %s: %w", at, err)
	}
	listing := folder{Path: strings.TrimPrefix(name, "/"), Entries: []folderEntry{}}
	for _, info := range infos {
		kind := map[fs.FileMode]string{0: "file", fs.ModeDir: "directory", fs.ModeSymlink: "link"}[info.Mode().Type()]
		listing.Entries = append(listing.Entries, folderEntry{info.Name(), cmp.Or(kind, "other"), info.Size(),
			info.Mode().IsRegular() && info.Mode()&0o111 != 0, info.ModTime().UTC()})
	}
	s.writeJSON(w, http.StatusOK, listing)
	return nil
}

// shown are the types of files that a browser may show as what they are: none of them can hold a script.
var shown = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".json": "application/json", ".csv": "text/csv; charset=utf-8", ".md": "text/markdown; charset=utf-8",
}

// contentType is a file's type by its name, else text or bytes by how it begins.
func contentType(name string, content io.ReadSeeker) (string, error) {
	if kind, ok := shown[strings.ToLower(path.Ext(name))]; ok {
		return kind, nil
	}
	head := make([]byte, 4<<10)
	n, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	head = head[:n]
	for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); i++ { // the last character may be cut
		head = head[:len(head)-1]
	}
	if !utf8.Valid(head) || bytes.IndexByte(head, 0) >= 0 {
		return "application/octet-stream", nil
	}
	return "text/plain; charset=utf-8", nil
}
