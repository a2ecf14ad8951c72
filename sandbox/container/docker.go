package container

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	dockertypes "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/flue-run/flue/sandbox"
)

// Labels of what flue makes at a server of Docker or Podman.
const (
	labelOurs    = "run.flue"         // on everything
	labelKeep    = "run.flue.keep"    // run or session: how long a volume lives
	labelSession = "run.flue.session" // whose it is, as JSON
)

// server is the engine that is a container of Docker or Podman. The keeper is its first process.
type server struct {
	*remote
	cfg     Config
	api     *client.Client
	id      string // of the container
	conn    client.HijackedResponse
	name    string   // docker or podman
	volumes []string // that end with it
	said    tail     // by the keeper, on stderr
}

// dialServer finds the server of an engine.
func dialServer(cfg Config, engine string) (*client.Client, error) {
	env := func(name string) string {
		if cfg.HostEnv == nil {
			return ""
		}
		value, _ := cfg.HostEnv(name)
		return value
	}
	var options []client.Opt
	host := cmp.Or(env("DOCKER_HOST"), client.DefaultDockerHost)
	if engine == "podman" {
		host = cmp.Or(env("CONTAINER_HOST"), podmanSocket(env("XDG_RUNTIME_DIR")))
	} else if certs := env("DOCKER_CERT_PATH"); certs != "" {
		options = append(options, client.WithTLSClientConfig(filepath.Join(certs, "ca.pem"), filepath.Join(certs, "cert.pem"), filepath.Join(certs, "key.pem")))
	}
	return client.New(append(options, client.WithHost(host))...)
}

// checkServer says why an engine's server cannot be used.
func checkServer(ctx context.Context, cfg Config, engine string) error {
	api, err := dialServer(cfg, engine)
	if err != nil {
		return err
	}
	defer api.Close()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	_, err = api.Ping(ctx, client.PingOptions{})
	return err
}

func openServer(ctx context.Context, cfg Config, name string) (_ engine, err error) {
	s := &server{cfg: cfg, name: name}
	if s.api, err = dialServer(cfg, name); err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *server) open(ctx context.Context) error {
	if err := s.sweep(ctx); err != nil {
		return fmt.Errorf("look for leftovers: %w", err)
	}
	img, err := s.image(ctx)
	if err != nil {
		return err
	}
	name := "flue-run-" + strings.ToLower(rand.Text()[:16])
	mounts, err := s.mounts(ctx, name)
	if err != nil {
		return err
	}
	memory, pids := s.cfg.Memory, cmp.Or(s.cfg.PIDs, 1024)
	network := dockertypes.NetworkMode("none")
	if s.cfg.Network {
		network = "bridge"
	}
	host := &dockertypes.HostConfig{NetworkMode: network, CapDrop: []string{"ALL"}, SecurityOpt: []string{"no-new-privileges"}, ReadonlyRootfs: s.cfg.ReadOnly,
		Mounts: mounts, Tmpfs: tmpfs(s.cfg), Resources: dockertypes.Resources{NanoCPUs: int64(s.cfg.CPUs * 1e9), Memory: memory, MemorySwap: memory, PidsLimit: &pids}}
	if err := s.start(ctx, name, img.name, img.user, host, nil); err != nil {
		return err
	}
	for at, folder := range s.cfg.Folders {
		if err := s.copyIn(ctx, at, folder); err != nil {
			return fmt.Errorf("copy what is to be at %s: %w", at, err)
		}
	}
	return nil
}

// tmpfs are the folders in memory: for the calls of commands, and for what cannot be in a root that is read-only.
func tmpfs(cfg Config) map[string]string {
	all := map[string]string{helperDir + "/calls": "mode=1777"}
	if cfg.ReadOnly {
		all["/tmp"] = "mode=1777,exec"
	}
	for at := range cfg.Folders {
		all[at] = "mode=1777"
	}
	return all
}

// start makes a container and starts it, with the keeper's connection to this process.
// filled, if it is there, sees to what is in it before.
func (s *server) start(ctx context.Context, name, img, user string, host *dockertypes.HostConfig, filled func() error) error {
	host.LogConfig = dockertypes.LogConfig{Type: "none"} // what the keeper says is for flue alone
	made, err := s.api.ContainerCreate(ctx, client.ContainerCreateOptions{Name: name, HostConfig: host, Config: &dockertypes.Config{
		Image: img, User: user, Hostname: "flue", WorkingDir: "/", Entrypoint: []string{helperFile}, Labels: map[string]string{labelOurs: "1"},
		// Its stdin ends with the connection: so the keeper ends when flue does.
		OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true}})
	if err != nil {
		return fmt.Errorf("make a container: %w", err)
	}
	s.id = made.ID
	if filled != nil {
		if err := filled(); err != nil {
			return fmt.Errorf("copy flue into the container: %w", err)
		}
	}
	attached, err := s.api.ContainerAttach(context.WithoutCancel(ctx), s.id, client.ContainerAttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err != nil {
		return fmt.Errorf("attach to the container: %w", err)
	}
	s.conn = attached.HijackedResponse
	if _, err := s.api.ContainerStart(ctx, s.id, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("start the container: %w", err)
	}
	r, w := io.Pipe()
	go func() {
		_, err := stdcopy.StdCopy(w, &s.said, s.conn.Reader)
		w.CloseWithError(cmp.Or(err, io.EOF)) // and so does the link
	}()
	s.remote = newRemote(s.cfg, r, s.conn.Conn, s.ended)
	return nil
}

// ended says why the connection to the keeper is gone.
func (s *server) ended() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	found, err := s.api.ContainerInspect(ctx, s.id, client.ContainerInspectOptions{})
	if err != nil {
		return fmt.Errorf("the container is gone: %w", err)
	}
	state := found.Container.State
	switch {
	case state == nil || state.Running:
		return errors.New("the connection to the container has ended")
	case state.OOMKilled:
		return errors.New("the container ran out of memory and was killed: give it more (memory), or have it do less at once")
	}
	return fmt.Errorf("the container has ended, with status %d: %s", state.ExitCode, cmp.Or(state.Error, s.said.text(), "killed from outside"))
}

// copyIn writes a tree of files into the container.
func (s *server) copyIn(ctx context.Context, at string, folder fs.FS) error {
	return fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		return s.files().Write(ctx, at+"/"+name, data)
	})
}

func (s *server) files() sandbox.FS { return remoteFS{s.remote} }

func (s *server) hostDir(string) (string, bool) { return "", false }
