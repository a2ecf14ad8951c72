package main

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/flue-run/flue/store"
)

// remoteFolder is a session's files on a server.
type remoteFolder struct {
	*remote
	path string // of the route
}

func (r *remote) Files(ctx context.Context, key store.Key) (folder, error) {
	f := remoteFolder{r, sessionPath(key) + "/files/"}
	_, err := f.ReadDir(ctx, ".") // there may be none
	return f, err
}

// Close is the server's connection's.
func (f remoteFolder) Close() error { return nil }

// at is the route of a file.
func (f remoteFolder) at(name string) string {
	var escaped []string
	for part := range strings.SplitSeq(strings.Trim(path.Join("/", name), "/"), "/") {
		escaped = append(escaped, url.PathEscape(part))
	}
	return f.path + strings.Join(escaped, "/")
}

func (f remoteFolder) ReadDir(ctx context.Context, name string) (infos []fs.FileInfo, err error) {
	var listing struct {
		Entries []remoteFile `json:"entries"`
	}
	err = f.ask(ctx, call{method: http.MethodGet, path: f.at(name)}, &listing)
	for _, file := range listing.Entries {
		infos = append(infos, file)
	}
	return infos, err
}

func (f remoteFolder) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	res, err := f.do(ctx, call{method: http.MethodGet, path: f.at(name)})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// remoteFile is a file as the server lists it.
type remoteFile struct {
	File     string    `json:"name"`
	Type     string    `json:"type"`
	Bytes    int64     `json:"size"`
	Program  bool      `json:"program"`
	Modified time.Time `json:"modified"`
}

func (f remoteFile) Name() string       { return f.File }
func (f remoteFile) Size() int64        { return f.Bytes }
func (f remoteFile) ModTime() time.Time { return f.Modified }
func (f remoteFile) IsDir() bool        { return f.Mode().IsDir() }
func (f remoteFile) Sys() any           { return nil }

func (f remoteFile) Mode() fs.FileMode {
	switch {
	case f.Type == "directory":
		return fs.ModeDir | 0o755
	case f.Type == "link":
		return fs.ModeSymlink | 0o777
	case f.Type != "file":
		return fs.ModeIrregular
	case f.Program:
		return 0o755
	}
	return 0o644
}
