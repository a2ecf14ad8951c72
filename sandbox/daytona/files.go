package daytona

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/runner"
)

// files are those of a sandbox.
type files struct{ s *Sandbox }

var _ sandbox.FS = files{}

// Dir is the working directory.
func (f files) Dir() string { return f.s.cfg.Dir }

func (f files) url(name string, segments ...string) string {
	return f.s.inside(append([]string{"files"}, segments...)...) + "?" + url.Values{"path": {name}}.Encode()
}

// info is a file as the API tells of it, which follows links.
type info struct {
	Size        int64  `json:"size"`
	Mode        string `json:"mode"` // as ls -l writes it
	Permissions string `json:"permissions"`
	ModTime     string `json:"modTime"`
	IsDir       bool   `json:"isDir"`
}

// Stat tells about a file, and follows links.
func (f files) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	if err := f.usable(ctx); err != nil {
		return nil, err
	}
	full := f.s.path(name)
	var i info
	if err := f.s.client.json(ctx, request{method: http.MethodGet, url: f.url(full, "info")}, nil, &i); err != nil {
		return nil, f.wrap(ctx, "stat", name, err)
	}
	return i.file(path.Base(full)), nil
}

func (i info) file(name string) file {
	permissions, _ := strconv.ParseUint(i.Permissions, 8, 32) // absent or odd: none are known
	mode := fs.FileMode(permissions) & fs.ModePerm
	switch {
	case i.IsDir:
		mode |= fs.ModeDir
	case i.Mode != "" && i.Mode[0] != '-':
		mode |= fs.ModeIrregular // a device, a pipe
	}
	var modified time.Time
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999 -0700 MST"} {
		if t, err := time.Parse(layout, i.ModTime); err == nil {
			modified = t
		}
	}
	return file{name, i.Size, mode, modified}
}

// ReadDir lists a folder. The API's own listing follows links, so that programs of the sandbox do it.
func (f files) ReadDir(ctx context.Context, name string) ([]fs.FileInfo, error) {
	if err := f.usable(ctx); err != nil {
		return nil, err
	}
	i, err := f.Stat(ctx, name)
	if err != nil {
		return nil, err
	}
	if !i.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fmt.Errorf("it is not a directory: %w", fs.ErrInvalid)}
	}
	// A name has no slash in it, so that a slash and the end of the line end an entry.
	out, err := f.s.execute(ctx, fmt.Sprintf("cd %s && find . ! -name . -prune -exec stat -c '%%f %%s %%Y %%n/' {} +", quote(f.s.path(name))))
	if err != nil {
		return nil, f.wrap(ctx, "readdir", name, err)
	}
	var list []fs.FileInfo
	for entry := range strings.SplitSeq(out, "/\n") {
		if entry == "" {
			continue
		}
		one, ok := parseStat(entry)
		if !ok {
			return nil, &fs.PathError{Op: "readdir", Path: name, Err: fmt.Errorf("the sandbox's find and stat do not say what theirs are to: %q", entry)}
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b fs.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// parseStat reads "MODE SIZE SECONDS ./NAME" of stat; the mode is in hexadecimal.
func parseStat(entry string) (file, bool) {
	parts := strings.SplitN(entry, " ", 4)
	if len(parts) != 4 {
		return file{}, false
	}
	raw, err := strconv.ParseUint(parts[0], 16, 32)
	size, sizeErr := strconv.ParseInt(parts[1], 10, 64)
	seconds, timeErr := strconv.ParseInt(parts[2], 10, 64)
	name, ok := strings.CutPrefix(parts[3], "./")
	if err != nil || sizeErr != nil || timeErr != nil || !ok {
		return file{}, false
	}
	mode := fs.FileMode(raw) & fs.ModePerm
	switch raw & 0o170000 {
	case 0o040000:
		mode |= fs.ModeDir
	case 0o120000:
		mode |= fs.ModeSymlink
	case 0o100000:
	default:
		mode |= fs.ModeIrregular
	}
	return file{name, size, mode, time.Unix(seconds, 0)}, true
}

// Open reads a file.
func (f files) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	i, err := f.Stat(ctx, name)
	if err != nil {
		return nil, err
	}
	if !i.Mode().IsRegular() { // reading a pipe would wait for ever
		return nil, &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("it is not a file: %w", fs.ErrInvalid)}
	}
	var body io.ReadCloser
	err = f.s.client.again(ctx, false, func(ctx context.Context) error {
		body, err = f.s.client.download(ctx, f.url(f.s.path(name), "download"))
		return err
	})
	if err != nil {
		return nil, f.wrap(ctx, "open", name, err)
	}
	return body, nil
}

// Write replaces or makes a file whole.
func (f files) Write(ctx context.Context, name string, data []byte) error {
	if err := f.usable(ctx); err != nil {
		return err
	}
	if err := f.s.upload(ctx, f.s.path(name), data); err != nil {
		return f.wrap(ctx, "write", name, err)
	}
	return nil
}

func (s *Sandbox) upload(ctx context.Context, name string, data []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", path.Base(name))
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return err
	}
	return s.client.json(ctx, request{method: http.MethodPost, url: files{s}.url(name, "upload"), body: body.Bytes(), contentType: form.FormDataContentType()}, nil, nil)
}

func (f files) usable(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if f.s.scripts.Closed() {
		return runner.ErrClosed
	}
	return nil
}

// wrap gives an error the form of io/fs.
func (f files) wrap(ctx context.Context, op, name string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	switch {
	case isStatus(err, http.StatusNotFound):
		if err = f.s.explain(ctx, err); isStatus(err, http.StatusNotFound) && !strings.Contains(err.Error(), f.s.id) {
			err = fs.ErrNotExist
		}
	case isStatus(err, http.StatusForbidden):
		err = fs.ErrPermission
	default:
		err = f.s.explain(ctx, err)
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// file is what is known of one.
type file struct {
	name     string
	size     int64
	mode     fs.FileMode
	modified time.Time
}

func (f file) Name() string       { return f.name }
func (f file) Size() int64        { return f.size }
func (f file) Mode() fs.FileMode  { return f.mode }
func (f file) ModTime() time.Time { return f.modified }
func (f file) IsDir() bool        { return f.mode.IsDir() }
func (f file) Sys() any           { return nil }
