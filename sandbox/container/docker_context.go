package container

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// context is the folder of the Dockerfile as a tar archive, and the name of the image that is built of it.
func (s *server) context() (name string, archive []byte, err error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	root := filepath.Dir(s.cfg.Dockerfile)
	ignored, err := ignore(s.cfg.Dockerfile)
	if err != nil {
		return "", nil, err
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || rel == "." {
			return err
		}
		out, err := ignored.MatchesOrParentMatches(rel)
		switch {
		case err != nil:
			return err
		case path == s.cfg.Dockerfile:
		case entry.IsDir() && (rel == ".git" || rel == ".flue" || out && !ignored.Exclusions()):
			return fs.SkipDir
		case out:
			return nil
		}
		return addFile(w, path, filepath.ToSlash(rel), entry)
	})
	if err == nil {
		err = w.Close()
	}
	sum := sha256.Sum256(append(fmt.Appendf(nil, "%q ", filepath.Base(s.cfg.Dockerfile)), buf.Bytes()...))
	return "flue-build:" + hex.EncodeToString(sum[:12]), buf.Bytes(), err
}

// ignore is what a .dockerignore leaves out: that of the Dockerfile's own name, or else of the folder.
func ignore(dockerfile string) (*patternmatcher.PatternMatcher, error) {
	var patterns []string
	for _, name := range []string{dockerfile + ".dockerignore", filepath.Join(filepath.Dir(dockerfile), ".dockerignore")} {
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			patterns, err = ignorefile.ReadAll(file)
			file.Close()
		}
		if err != nil {
			return nil, err
		}
		break
	}
	m, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, fmt.Errorf(".dockerignore: %w", err)
	}
	return m, nil
}

// addFile adds a file to an archive, without its times, so that the same files are the same archive.
func addFile(w *tar.Writer, path, name string, entry fs.DirEntry) error {
	i, err := entry.Info()
	if err != nil {
		return err
	}
	target := ""
	if i.Mode()&fs.ModeSymlink != 0 {
		if target, err = os.Readlink(path); err != nil {
			return err
		}
	}
	head, err := tar.FileInfoHeader(i, target)
	if err != nil {
		return nil // a socket or the like
	}
	head.Name, head.ModTime, head.Uid, head.Gid, head.Uname, head.Gname = name, time.Unix(0, 0), 0, 0, "", ""
	if err := w.WriteHeader(head); err != nil || !i.Mode().IsRegular() {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
