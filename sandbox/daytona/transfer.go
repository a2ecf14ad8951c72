package daytona

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// execute runs a short script of flue's own and returns what it writes. It may run twice.
func (s *Sandbox) execute(ctx context.Context, script string) (string, error) {
	// Whether a shell reads the command, or only its quotes are obeyed, differs between versions of the API: this is the
	// same to both.
	command := fmt.Sprintf(`sh -c 'eval "$(echo %s | base64 -d)"'`, base64.StdEncoding.EncodeToString([]byte(script)))
	var answer struct {
		ExitCode int    `json:"exitCode"`
		Result   string `json:"result"`
	}
	err := s.client.json(ctx, request{method: http.MethodPost, url: s.inside("process", "execute")},
		map[string]any{"command": command, "timeout": int(s.cfg.Request / time.Second)}, &answer)
	if err != nil {
		return "", err
	}
	if answer.ExitCode != 0 {
		return "", fmt.Errorf("status %d: %s", answer.ExitCode, strings.TrimSpace(answer.Result))
	}
	return answer.Result, nil
}

// makeFolder makes a folder that the sandbox's user may write to, as root where that is allowed and needed.
const makeFolder = `make() {
	mkdir -p "$1" 2>/dev/null && [ -w "$1" ] && return
	sudo -n mkdir -p "$1" 2>/dev/null && sudo -n chown "$(id -u):$(id -g)" "$1" 2>/dev/null && return
	echo "the user $(id -un) may not make or write to $1: name another folder as cwd, such as $HOME"
	exit 1
}
`

// prepare makes the working directory and copies Config.Folders.
func (s *Sandbox) prepare(ctx context.Context) error {
	script := makeFolder + "make " + quote(s.cfg.Dir) + "\n"
	if len(s.cfg.Folders) > 0 {
		archive, err := pack(s.cfg.Folders)
		if err != nil {
			return err
		}
		name := "/tmp/" + s.id + ".tar"
		if err := s.upload(ctx, name, archive); err != nil {
			return fmt.Errorf("copy files to the sandbox %s: %w", s.id, s.explain(ctx, err))
		}
		for _, folder := range slices.Sorted(maps.Keys(s.cfg.Folders)) {
			script += "make " + quote(path.Dir(folder)) + "\nrm -rf " + quote(folder) + "\nmake " + quote(folder) + "\n"
		}
		script += "tar -xf " + quote(name) + " -C / && rm -f " + quote(name) + "\n"
	}
	if _, err := s.execute(ctx, script); err != nil {
		return fmt.Errorf("prepare the sandbox %s: %w", s.id, s.explain(ctx, err))
	}
	return nil
}

// pack makes an archive of folders, by their absolute paths.
func pack(folders map[string]fs.FS) ([]byte, error) {
	var buffer bytes.Buffer
	archive := tar.NewWriter(&buffer)
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		err := fs.WalkDir(folders[folder], ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := fs.ReadFile(folders[folder], name)
			if err != nil {
				return err
			}
			i, err := d.Info()
			if err != nil {
				return err
			}
			header := &tar.Header{Name: strings.TrimPrefix(path.Join(folder, name), "/"), Mode: int64(i.Mode().Perm() | 0o644), Size: int64(len(data))}
			if err := archive.WriteHeader(header); err != nil {
				return err
			}
			_, err = archive.Write(data)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("pack %s for the sandbox: %w", folder, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("pack files for the sandbox: %w", err)
	}
	return buffer.Bytes(), nil
}

// download opens the body of an answer. One that stands still for the time of a request ends with an error.
func (c *client) download(ctx context.Context, url string) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	b := &body{cancel: cancel, limit: c.limit}
	b.clock = time.AfterFunc(c.limit, func() { cancel(fmt.Errorf("Daytona sent nothing for %s", c.limit)) })
	response, err := c.send(ctx, request{method: http.MethodGet, url: url})
	if err != nil {
		b.clock.Stop()
		err = c.cause(ctx, err)
		cancel(nil)
		return nil, err
	}
	b.ctx, b.from = ctx, response.Body
	return b, nil
}

// body is what is downloaded.
type body struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	clock  *time.Timer
	limit  time.Duration
	from   io.ReadCloser
}

// Read reads on, and says why nothing came.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		if b.ctx.Err() != nil {
			err = context.Cause(b.ctx)
		}
		return n, fmt.Errorf("download from Daytona: %w", err)
	}
	b.clock.Reset(b.limit)
	return n, err
}

// Close ends the download.
func (b *body) Close() error {
	b.clock.Stop()
	b.cancel(nil)
	return b.from.Close()
}
