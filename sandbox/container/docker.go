package container

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/flue-run/flue/sandbox"
	"github.com/moby/moby/api/pkg/stdcopy"
	dockertypes "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
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

// mounts are the volumes of a container and the folders of the host that it may read.
func (s *server) mounts(ctx context.Context, name string) ([]mount.Mount, error) {
	keep, labels := "run", map[string]string{labelOurs: "1"}
	if s.cfg.Session != (Session{}) {
		whose, err := json.Marshal(s.cfg.Session)
		if err != nil {
			return nil, err
		}
		name, keep, labels[labelSession] = "flue-"+s.cfg.Session.hash(), "session", string(whose)
		if _, err := s.api.VolumeInspect(ctx, name+"-workspace", client.VolumeInspectOptions{}); errdefs.IsNotFound(err) {
			if s.cfg.Known {
				s.cfg.Note(NoteGone)
			}
		} else if err != nil {
			return nil, fmt.Errorf("look for the workspace: %w", err)
		}
		if err := recordVolumes(s.cfg.State, s.cfg.Session, s.name); err != nil {
			return nil, err
		}
	}
	labels[labelKeep] = keep
	var all []mount.Mount
	for volume, at := range volumesOf(name) {
		if keep == "run" {
			s.volumes = append(s.volumes, volume)
		}
		// Made with the container, it would have no labels at Podman.
		if _, err := s.api.VolumeCreate(ctx, client.VolumeCreateOptions{Name: volume, Labels: labels}); err != nil {
			return nil, fmt.Errorf("make a volume: %w", err)
		}
		all = append(all, mount.Mount{Type: mount.TypeVolume, Source: volume, Target: at})
	}
	for _, m := range s.cfg.Mounts {
		all = append(all, mount.Mount{Type: mount.TypeBind, Source: m.Source, Target: m.Path, ReadOnly: true})
	}
	return all, nil
}

// volumesOf are the volumes of a container or session, with where they are.
func volumesOf(name string) map[string]string {
	return map[string]string{name + "-workspace": Workspace, name + "-home": "/home/agent"}
}

// forgetVolumes removes those of a session.
func forgetVolumes(ctx context.Context, cfg Config, k kept) error {
	api, err := dialServer(cfg, k.Engine)
	if err != nil {
		return err
	}
	defer api.Close()
	for volume := range volumesOf("flue-" + k.hash()) {
		if _, err := api.VolumeRemove(ctx, volume, client.VolumeRemoveOptions{}); err != nil && !errdefs.IsNotFound(err) {
			return fmt.Errorf("%s: %w", k.Engine, err)
		}
	}
	return nil
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

// bornWithin is how long it may take from making a volume or container to starting the container.
const bornWithin = 10 * time.Minute

// sweep removes containers whose flue has gone, and the volumes that were theirs alone. It asks for little and looks itself:
// Podman refuses to look for a state that it does not know, and of two labels is content with one.
func (s *server) sweep(ctx context.Context) error {
	ours := make(client.Filters).Add("label", labelOurs+"=1")
	found, err := s.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		return err
	}
	var left []string // volumes
	for _, c := range found.Items {
		over := c.State == dockertypes.StateExited || c.State == dockertypes.StateDead
		if unborn := c.State == dockertypes.StateCreated && time.Since(time.Unix(c.Created, 0)) > bornWithin; !over && !unborn {
			continue
		}
		if _, err := s.api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true}); err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
			return err
		}
		for _, name := range c.Names {
			left = slices.AppendSeq(left, maps.Keys(volumesOf(strings.TrimPrefix(name, "/"))))
		}
	}
	volumes, err := s.api.VolumeList(ctx, client.VolumeListOptions{Filters: ours.Clone().Add("dangling", "true")})
	if err != nil {
		return err
	}
	for _, v := range volumes.Items {
		made, err := time.Parse(time.RFC3339, v.CreatedAt)
		if v.Labels[labelKeep] != "run" || !slices.Contains(left, v.Name) && (err != nil || time.Since(made) < bornWithin) {
			continue
		}
		if _, err := s.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{}); err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
			return err
		}
	}
	return nil
}

func (s *server) files() sandbox.FS { return remoteFS{s.remote} }

func (s *server) hostDir(string) (string, bool) { return "", false }

// close removes the container, and what was its alone.
func (s *server) close() error { return errors.Join(s.remove(), s.api.Close()) }

// removeTime is how long the server may take to remove a container and its volumes.
const removeTime = 30 * time.Second

func (s *server) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), removeTime)
	defer cancel()
	var errs []error
	if s.conn.Conn != nil {
		s.conn.Close()
	}
	if s.id != "" {
		_, err := s.api.ContainerRemove(ctx, s.id, client.ContainerRemoveOptions{Force: true})
		if err != nil && !errdefs.IsNotFound(err) {
			// Podman cannot remove one that is just ending, as this one is: its connection has been closed.
			ended := s.api.ContainerWait(ctx, s.id, client.ContainerWaitOptions{Condition: dockertypes.WaitConditionNotRunning})
			select {
			case <-ended.Result:
			case <-ended.Error:
			}
			_, err = s.api.ContainerRemove(ctx, s.id, client.ContainerRemoveOptions{Force: true})
		}
		if err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("remove the container: %w", err))
		}
	}
	for _, volume := range s.volumes {
		if _, err := s.api.VolumeRemove(ctx, volume, client.VolumeRemoveOptions{}); err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("remove the volume %s: %w", volume, err))
		}
	}
	return errors.Join(errs...)
}
