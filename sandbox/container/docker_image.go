package container

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/containerd/errdefs"
	dockertypes "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"
)

// runImage is what containers are made of: an image with flue in it, and whom its scripts run as.
type runImage struct{ name, user string }

// defaultImage is what a container has whose file names none.
const defaultImage = "docker.io/library/debian:stable-slim"

// defaultUser is whom scripts run as where an image says root or nothing.
const defaultUser = "1000:1000"

// image finds or makes the image for cfg. One is made for each base, list of setup scripts and version of flue.
func (s *server) image(ctx context.Context) (img runImage, err error) {
	base, err := s.base(ctx)
	if err != nil {
		return img, err
	}
	program := s.cfg.Program
	if program == "" {
		if program, err = os.Executable(); err != nil {
			return img, fmt.Errorf("find this program: %w", err)
		}
	}
	if base.Os != "linux" || base.Architecture != runtime.GOARCH || runtime.GOOS != "linux" && s.cfg.Program == "" {
		return img, fmt.Errorf("the image is for %s/%s, and this flue, which has to run in it, for %s/%s", base.Os, base.Architecture, runtime.GOOS, runtime.GOARCH)
	}
	own := ""
	if base.Config != nil {
		own = base.Config.User
	}
	img.user = cmp.Or(s.cfg.User, own)
	if s.cfg.User == "" && (img.user == "" || strings.HasPrefix(img.user+":", "root:") || strings.HasPrefix(img.user+":", "0:")) {
		img.user = defaultUser
	}
	i, err := os.Stat(program)
	if err != nil {
		return img, fmt.Errorf("find flue for the image: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d %d", base.ID, img.user, s.cfg.Setup, i.Size(), i.ModTime().UnixNano()))
	img.name = "flue-sandbox:" + hex.EncodeToString(sum[:12])
	_, err = s.api.ImageInspect(ctx, img.name)
	if errdefs.IsNotFound(err) {
		err = s.makeImage(ctx, base.ID, img, program)
	}
	if err != nil {
		return img, fmt.Errorf("prepare the image: %w", err)
	}
	return img, nil
}

// base is the image that cfg names, which is pulled or built if it is not there.
func (s *server) base(ctx context.Context) (client.ImageInspectResult, error) {
	name, get := cmp.Or(s.cfg.Image, defaultImage), s.pull
	if s.cfg.Dockerfile != "" {
		built, archive, err := s.context()
		if err != nil {
			return client.ImageInspectResult{}, fmt.Errorf("read what %s is built with: %w", s.cfg.Dockerfile, err)
		}
		name, get = built, func(ctx context.Context, name string) error { return s.build(ctx, name, archive) }
	}
	found, err := s.api.ImageInspect(ctx, name)
	if errdefs.IsNotFound(err) {
		if err := get(ctx, name); err != nil {
			return found, err
		}
		found, err = s.api.ImageInspect(ctx, name)
	}
	if err != nil {
		return found, fmt.Errorf("image %s: %w", name, err)
	}
	return found, nil
}

func (s *server) pull(ctx context.Context, name string) error {
	s.cfg.Note("pulling the image " + name)
	answer, err := s.api.ImagePull(ctx, name, client.ImagePullOptions{})
	if err == nil {
		defer answer.Close()
		layers, done := map[string]bool{}, 0
		err = s.follow(answer.JSONMessages(ctx), func(m jsonstream.Message) {
			if m.ID != "" && m.Status == "Pulling fs layer" {
				layers[m.ID] = true
			}
			if m.Status == "Pull complete" {
				done++
				s.cfg.Note(fmt.Sprintf("pulling the image %s: %d of %d layers", name, done, len(layers)))
			}
		})
	}
	if err == nil {
		return nil
	}
	text := strings.ToLower(err.Error())
	for _, word := range []string{"unauthorized", "denied", "authentication required", "no basic auth"} {
		if strings.Contains(text, word) || errdefs.IsUnauthorized(err) {
			return fmt.Errorf("pull %s: %w. If it is there, its registry asks for a login: log in and pull it yourself (docker login, docker pull %s)", name, err, name)
		}
	}
	return fmt.Errorf("pull %s: %w", name, err)
}

// follow reads the progress of something to its end.
func (s *server) follow(messages func(func(jsonstream.Message, error) bool), each func(jsonstream.Message)) error {
	for m, err := range messages {
		if err != nil {
			return err
		}
		if m.Error != nil {
			return m.Error
		}
		each(m)
	}
	return nil
}

// messages reads a stream of them.
func messages(r io.Reader) func(func(jsonstream.Message, error) bool) {
	return func(yield func(jsonstream.Message, error) bool) {
		for decoder := json.NewDecoder(r); ; {
			var m jsonstream.Message
			err := decoder.Decode(&m)
			if err == io.EOF || !yield(m, err) || err != nil {
				return
			}
		}
	}
}

func (s *server) build(ctx context.Context, name string, archive []byte) error {
	s.cfg.Note("building the image of " + filepath.Base(s.cfg.Dockerfile))
	answer, err := s.api.ImageBuild(ctx, bytes.NewReader(archive), client.ImageBuildOptions{Dockerfile: filepath.Base(s.cfg.Dockerfile), Tags: []string{name},
		Remove: true, ForceRemove: true, Labels: map[string]string{labelOurs: "1"}})
	var said tail
	if err == nil {
		defer answer.Body.Close()
		err = s.follow(messages(answer.Body), func(m jsonstream.Message) {
			_, _ = said.Write([]byte(m.Stream)) // it keeps it
			if step := strings.TrimSpace(m.Stream); strings.HasPrefix(step, "Step ") {
				s.cfg.Note("building: " + step)
			}
		})
	}
	if err != nil {
		return fmt.Errorf("build %s: %w: %s", s.cfg.Dockerfile, err, said.text())
	}
	return nil
}

// makeImage puts flue into an image, runs the scripts of `setup` in it as root, and commits what comes of that.
func (s *server) makeImage(ctx context.Context, base string, img runImage, program string) (err error) {
	cfg := s.cfg
	cfg.Dir, cfg.Env = "/", map[string]string{"HOME": "/root", "USER": "root", "LOGNAME": "root"}
	worker := &server{cfg: cfg, api: s.api}
	defer func() { err = errors.Join(err, worker.remove()) }()
	flue, err := os.Open(program)
	if err != nil {
		return err
	}
	defer flue.Close()
	err = worker.prepare(ctx, base, flue)
	if err != nil {
		return err
	}
	first := fmt.Sprintf("mkdir -p %s /home/agent && chown %s %s /home/agent", Workspace, img.user, Workspace)
	for i, text := range append([]string{first}, s.cfg.Setup...) {
		if i > 0 {
			s.cfg.Note(fmt.Sprintf("setup, script %d of %d", i, len(s.cfg.Setup)))
		}
		var said tail
		status, err := worker.run(ctx, script{text: text, dir: "/", stdout: &said, stderr: &said})
		if err == nil && status != 0 {
			err = fmt.Errorf("exit status %d: %s", status, said.text())
		}
		if err != nil {
			return fmt.Errorf("setup, script %d: %w", i, err)
		}
	}
	// Podman wants a configuration, though nothing of the container's is to be another one.
	_, err = s.api.ContainerCommit(ctx, worker.id, client.ContainerCommitOptions{Reference: img.name, NoPause: true, Config: &dockertypes.Config{}})
	if err != nil {
		return fmt.Errorf("keep what setup made: %w", err)
	}
	return nil
}

// prepare makes and starts a container in which an image is made: as root, with the network.
func (s *server) prepare(ctx context.Context, base string, flue *os.File) error {
	return s.start(ctx, "", base, "0", &dockertypes.HostConfig{NetworkMode: "bridge", Tmpfs: tmpfs(Config{})}, func() error {
		i, err := flue.Stat()
		if err != nil {
			return err
		}
		r, w := io.Pipe()
		go func() {
			out := tar.NewWriter(w)
			// A folder in memory has the rights of the folder of the image, whatever it is mounted with.
			err := out.WriteHeader(&tar.Header{Name: "run/flue/calls", Typeflag: tar.TypeDir, Mode: 0o1777})
			if err == nil {
				err = out.WriteHeader(&tar.Header{Name: "run/flue/flue", Typeflag: tar.TypeReg, Mode: 0o755, Size: i.Size()})
			}
			if err == nil {
				_, err = io.Copy(out, flue)
			}
			if err == nil {
				err = out.Close()
			}
			w.CloseWithError(err)
		}()
		defer r.Close()
		_, err = s.api.CopyToContainer(ctx, s.id, client.CopyToContainerOptions{DestinationPath: "/", Content: r})
		return err
	})
}
