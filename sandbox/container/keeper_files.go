package container

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// fileOrder asks the keeper for something about files.
type fileOrder struct {
	Do   string `json:"do"` // stat, list, read, write
	Path string `json:"path"`
}

// fileAnswer is what comes of it.
type fileAnswer struct {
	Error   string `json:"error,omitempty"`
	Kind    string `json:"kind,omitempty"` // of the error: a name of fileErrors
	Entries []info `json:"entries,omitempty"`
}

// info is fs.FileInfo as it goes over the link.
type info struct {
	N string      `json:"name"`
	S int64       `json:"size"`
	M fs.FileMode `json:"mode"`
	T time.Time   `json:"time"`
}

var _ fs.FileInfo = info{}

func (i info) Name() string       { return i.N }
func (i info) Size() int64        { return i.S }
func (i info) Mode() fs.FileMode  { return i.M }
func (i info) ModTime() time.Time { return i.T }
func (i info) IsDir() bool        { return i.M.IsDir() }
func (i info) Sys() any           { return nil }

func infoOf(name string, i fs.FileInfo) info { return info{name, i.Size(), i.Mode(), i.ModTime()} }

// fileErrors are the errors that keep their meaning over the link.
var fileErrors = map[string]error{"not_exist": fs.ErrNotExist, "exist": fs.ErrExist, "permission": fs.ErrPermission,
	"is_dir": syscall.EISDIR, "not_dir": syscall.ENOTDIR, "no_space": syscall.ENOSPC, "read_only": syscall.EROFS}

// serveFile carries out one order about a file, in the keeper.
func serveFile(s *stream) {
	defer s.Close()
	_, data, err := s.receive()
	var order fileOrder
	if err == nil {
		err = json.Unmarshal(data, &order)
	}
	var answer fileAnswer
	if err == nil {
		switch order.Do {
		case "stat":
			var i fs.FileInfo
			if i, err = os.Stat(order.Path); err == nil {
				answer.Entries = []info{infoOf(filepath.Base(order.Path), i)}
			}
		case "list":
			answer.Entries, err = list(order.Path)
		case "read":
			err = sendFile(s, order.Path)
		case "write":
			err = receiveFile(s, order.Path)
		}
	}
	if err != nil {
		answer = fileAnswer{Error: reason(err)}
		for kind, known := range fileErrors {
			if errors.Is(err, known) {
				answer.Kind = kind
			}
		}
	}
	if data, err = json.Marshal(answer); err == nil {
		_ = s.send(frameEnd, data) // flue has gone: then all ends
	}
}

// reason is an error without the path, which flue knows.
func reason(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}

// list is what is in a folder, as much as one frame takes.
func list(path string) ([]info, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var all []info
	size := 0
	for _, e := range entries {
		i, err := e.Info()
		if err != nil {
			continue // it has just gone
		}
		if size += len(e.Name()) + 100; size > maxFrame {
			return nil, errors.New("the folder has more files than can be listed")
		}
		all = append(all, infoOf(e.Name(), i))
	}
	return all, nil
}

var errSpecial = &fs.PathError{Op: "open", Err: syscall.EPERM} // a pipe, a device or a socket

// regular opens a regular file; nothing else is waited for.
func regular(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return nil, err
	}
	i, err := f.Stat()
	switch {
	case err != nil:
	case i.IsDir():
		err = syscall.EISDIR
	case !i.Mode().IsRegular():
		err = errSpecial
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sendFile sends a file piece by piece, as flue wants them.
func sendFile(s *stream, path string) error {
	f, err := regular(path, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := s.send(frameData, nil); err != nil { // it is open
		return err
	}
	buf := make([]byte, 256<<10)
	for {
		if kind, _, err := s.receive(); err != nil || kind != frameWant {
			return err
		}
		n, err := f.Read(buf)
		if n > 0 {
			if err := s.send(frameData, buf[:n]); err != nil {
				return err
			}
			continue
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// receiveFile writes what flue sends, with the folders above it.
func receiveFile(s *stream, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := regular(path, os.O_WRONLY|os.O_CREATE)
	if err == nil {
		err = f.Truncate(0)
	}
	if err != nil {
		return err
	}
	for {
		kind, data, err := s.receive()
		if err == nil && kind == frameInput && len(data) > 0 {
			_, err = f.Write(data)
		} else if err == nil {
			return f.Close()
		}
		if err != nil {
			return errors.Join(err, f.Close())
		}
	}
}
