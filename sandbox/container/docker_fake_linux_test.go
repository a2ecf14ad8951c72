package container_test

import (
	"archive/tar"
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/bubblewrap"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/volume"
)

// fakeDocker is a server of Docker as far as flue uses one, written from the published description of its API. Its
// containers are real processes with namespaces of their own, which bubblewrap makes: the programs of the host, volumes,
// tmpfs, a folder /opt that is kept with an image, and the files that were copied in.
type fakeDocker struct {
	t      testing.TB
	bwrap  string
	dir    string
	server *http.Server

	mu         sync.Mutex
	images     map[string]string // the folder of /opt, by name and by id
	registry   map[string]bool   // what can be pulled
	volumes    map[string]map[string]string
	born       time.Time // when all of them were made
	containers map[string]*fakeContainer
	created    []fakeConfig
	calls      []string // method and path, without the version
	sent       []string // the files that an image was built with
	fail       func(method, path string) (status int, message string)
	last       int
}

type fakeConfig struct {
	*container.Config
	HostConfig *container.HostConfig
}

type fakeContainer struct {
	fakeConfig
	id, name, opt, program, state string
	oom                           bool
	made                          time.Time
	attached                      chan net.Conn
	cmd                           *exec.Cmd
	done                          chan struct{}
}

func newFakeDocker(t testing.TB) (f *fakeDocker, env func(string) (string, bool)) {
	t.Helper()
	bwrap, err := bubblewrap.Find()
	if err != nil {
		t.Skipf("NOT TESTED: the docker engine, whose test server needs bubblewrap: %v", err)
	}
	dir, err := os.MkdirTemp("", "fake-docker-") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	f = &fakeDocker{t: t, born: time.Now(), bwrap: bwrap, dir: dir, images: map[string]string{}, volumes: map[string]map[string]string{}, containers: map[string]*fakeContainer{},
		registry: map[string]bool{"docker.io/library/debian:stable-slim": true, "tools:1": true}}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	f.server = &http.Server{Handler: f}
	go f.server.Serve(l)
	t.Cleanup(func() {
		f.server.Close()
		f.mu.Lock()
		for _, c := range f.containers {
			c.kill()
		}
		f.mu.Unlock()
		os.RemoveAll(dir)
	})
	vars := map[string]string{"DOCKER_HOST": "unix://" + filepath.Join(dir, "socket")}
	return f, func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}
}

func (f *fakeDocker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if strings.HasPrefix(path, "/v1.") {
		path = path[strings.IndexByte(path[1:], '/')+1:]
	}
	f.mu.Lock()
	f.calls = append(f.calls, r.Method+" "+path)
	fail := f.fail
	f.mu.Unlock()
	if fail != nil {
		if status, message := fail(r.Method, path); status != 0 {
			refuse(w, status, message)
			return
		}
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	q := r.URL.Query()
	switch route := r.Method + " " + parts[0]; {
	case parts[0] == "_ping":
		w.Header().Set("Api-Version", "1.51")
		w.Header().Set("Ostype", "linux")
		io.WriteString(w, "OK")
	case route == "GET containers" && len(parts) == 2:
		f.list(w)
	case route == "POST containers" && parts[1] == "create":
		f.create(w, r)
	case route == "POST commit":
		f.mu.Lock()
		defer f.mu.Unlock()
		c := f.containers[q.Get("container")]
		f.last++
		opt := filepath.Join(f.dir, fmt.Sprint("image-", f.last))
		if err := os.CopyFS(opt, os.DirFS(c.opt)); err != nil {
			refuse(w, 500, err.Error())
			return
		}
		os.Remove(opt + ".flue")
		os.Link(c.program, opt+".flue")
		f.images[strings.TrimPrefix(q.Get("repo"), "docker.io/library/")+":"+q.Get("tag")] = opt
		answer(w, 201, map[string]string{"Id": fmt.Sprint("sha256:", f.last)})
	case route == "POST build":
		f.sent = nil
		for in := tar.NewReader(r.Body); ; {
			head, err := in.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				refuse(w, 400, "the context is no archive")
				return
			}
			f.sent = append(f.sent, head.Name)
		}
		io.WriteString(w, `{"stream":"Step 1/1 : FROM debian\n"}`+"\n")
		f.addImage(q.Get("t"))
	case route == "POST images":
		f.pull(w, q.Get("fromImage"), q.Get("tag"))
	case route == "GET images":
		name := strings.Join(parts[1:len(parts)-1], "/")
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.images[name] == "" {
			refuse(w, 404, "No such image: "+name)
			return
		}
		answer(w, 200, map[string]any{"Id": "sha256:" + name, "Os": "linux", "Architecture": "amd64", "Config": map[string]any{"User": ""}})
	case route == "GET volumes" && len(parts) == 1:
		f.mu.Lock()
		defer f.mu.Unlock()
		list := []map[string]any{}
		for name, labels := range f.volumes {
			if !f.used(name) {
				list = append(list, map[string]any{"Name": name, "Labels": labels, "CreatedAt": f.born.Format(time.RFC3339)})
			}
		}
		answer(w, 200, map[string]any{"Volumes": list})
	case route == "POST volumes":
		var made volume.CreateRequest
		if err := json.NewDecoder(r.Body).Decode(&made); err != nil {
			refuse(w, 400, err.Error())
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.volumes[made.Name] == nil {
			f.volumes[made.Name] = made.Labels
			os.MkdirAll(filepath.Join(f.dir, "volumes", made.Name), 0o755)
		}
		answer(w, 201, map[string]any{"Name": made.Name, "Labels": f.volumes[made.Name]})
	case parts[0] == "volumes":
		f.volume(w, r.Method, parts[1])
	default:
		f.container(w, r, parts)
	}
}

func (f *fakeDocker) container(w http.ResponseWriter, r *http.Request, parts []string) {
	f.mu.Lock()
	c := f.containers[parts[1]]
	f.mu.Unlock()
	if c == nil {
		refuse(w, 404, "No such container: "+parts[1])
		return
	}
	switch route := r.Method + " " + parts[len(parts)-1]; {
	case r.Method == "DELETE":
		c.kill()
		f.mu.Lock()
		delete(f.containers, c.id)
		f.mu.Unlock()
		w.WriteHeader(204)
	case route == "PUT archive":
		in := tar.NewReader(r.Body)
		for {
			head, err := in.Next()
			if err != nil {
				break
			}
			if head.Name == "run/flue/flue" {
				out, err := os.OpenFile(c.program, os.O_WRONLY|os.O_CREATE, 0o755)
				if err == nil {
					_, err = io.Copy(out, in)
					out.Close()
				}
				if err != nil {
					refuse(w, 500, err.Error())
					return
				}
			}
		}
	case route == "POST attach":
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			f.t.Error(err)
			return
		}
		io.WriteString(buf, "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
		buf.Flush()
		c.attached <- hijacked{conn, buf.Reader}
	case route == "POST start":
		if err := f.start(c); err != nil {
			refuse(w, 500, err.Error())
			return
		}
		w.WriteHeader(204)
	case route == "GET json":
		f.mu.Lock()
		defer f.mu.Unlock()
		answer(w, 200, map[string]any{"Id": c.id, "State": map[string]any{"Running": c.state == "running", "Status": c.state, "OOMKilled": c.oom, "ExitCode": 137}})
	default:
		refuse(w, 404, "page not found")
	}
}

type hijacked struct {
	net.Conn
	r *bufio.Reader
}

func (h hijacked) Read(p []byte) (int, error) { return h.r.Read(p) }

func (f *fakeDocker) create(w http.ResponseWriter, r *http.Request) {
	var config fakeConfig
	if err := json.NewDecoder(r.Body).Decode(&config); err != nil {
		refuse(w, 400, err.Error())
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.created = append(f.created, config)
	image := f.images[strings.TrimPrefix(config.Image, "sha256:")]
	if image == "" {
		refuse(w, 404, "No such image: "+config.Image)
		return
	}
	f.last++
	c := &fakeContainer{fakeConfig: config, id: fmt.Sprint("c", f.last), name: r.URL.Query().Get("name"), state: "created", made: time.Now(), attached: make(chan net.Conn, 1), done: make(chan struct{})}
	c.opt = filepath.Join(f.dir, c.id)
	c.program = c.opt + ".flue"
	os.Link(image+".flue", c.program)
	if err := os.CopyFS(c.opt, os.DirFS(image)); err != nil {
		refuse(w, 500, err.Error())
		return
	}
	for _, m := range config.HostConfig.Mounts {
		if m.Type == mount.TypeVolume && f.volumes[m.Source] == nil {
			refuse(w, 404, "No such volume: "+m.Source)
			return
		}
	}
	f.containers[c.id] = c
	answer(w, 201, map[string]string{"Id": c.id})
}

func (f *fakeDocker) start(c *fakeContainer) error {
	args := append(bubblewrap.Base(), "--as-pid-1", "--clearenv", "--uid", "1000", "--gid", "1000", "--hostname", c.Hostname)
	var there []string
	for _, folder := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib64"} {
		if _, err := os.Stat(folder); err == nil {
			there = append(there, folder)
		}
	}
	args = append(args, bubblewrap.ReadOnly(there)...)
	args = append(args, "--ro-bind", c.program, "/run/flue/flue", "--bind", c.opt, "/opt", "--dir", "/tmp")
	for at := range c.HostConfig.Tmpfs {
		args = append(args, "--tmpfs", at)
	}
	for _, m := range c.HostConfig.Mounts {
		if m.Type == mount.TypeVolume {
			args = append(args, "--bind", filepath.Join(f.dir, "volumes", m.Source), m.Target)
		} else {
			args = append(args, "--ro-bind", m.Source, m.Target)
		}
	}
	conn := <-c.attached
	c.cmd = exec.Command(f.bwrap, append(args, "--", c.Entrypoint[0])...)
	c.cmd.Env = []string{}
	c.cmd.Stdout, c.cmd.Stderr = &copied{conn, 1}, &copied{conn, 2}
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return err
	}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	release, err := bubblewrap.Start(c.cmd, func() error { return nil })
	if err != nil {
		return err
	}
	f.mu.Lock()
	c.state = "running"
	f.mu.Unlock()
	go func() {
		io.Copy(stdin, conn)
		stdin.Close() // StdinOnce
	}()
	go func() {
		c.cmd.Wait()
		release()
		f.mu.Lock()
		c.state = "exited"
		f.mu.Unlock()
		conn.Close()
		close(c.done)
	}()
	return nil
}

func (c *fakeContainer) kill() {
	if c.cmd != nil {
		syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
		<-c.done
	}
}

// copied is one of the two streams of a container's output, on one connection.
type copied struct {
	to     io.Writer
	stream byte
}

func (c *copied) Write(p []byte) (int, error) {
	head := make([]byte, 8, 8+len(p))
	head[0] = c.stream
	binary.BigEndian.PutUint32(head[4:], uint32(len(p)))
	_, err := c.to.Write(append(head, p...))
	return len(p), err
}

func (f *fakeDocker) pull(w http.ResponseWriter, image, tag string) {
	name := image
	if tag != "" {
		name += ":" + tag
	}
	f.mu.Lock()
	known := f.registry[name] || f.registry[strings.TrimPrefix(name, "docker.io/library/")]
	f.mu.Unlock()
	switch {
	case strings.Contains(name, "private"):
		refuse(w, 500, "Head \"https://registry/v2/"+name+"\": unauthorized: authentication required")
	case strings.Contains(name, "full"):
		io.WriteString(w, `{"status":"Pulling fs layer","id":"a"}`+"\n"+`{"errorDetail":{"message":"write /var/lib/docker/tmp: no space left on device"},"error":"no space left on device"}`+"\n")
	case !known:
		refuse(w, 404, "manifest for "+name+" not found: manifest unknown")
	default:
		io.WriteString(w, `{"status":"Pulling fs layer","id":"a"}`+"\n"+`{"status":"Downloading","id":"a","progressDetail":{"current":1,"total":2}}`+"\n"+`{"status":"Pull complete","id":"a"}`+"\n")
		f.addImage(name)
		f.addImage(strings.TrimPrefix(name, "docker.io/library/"))
	}
}

func (f *fakeDocker) addImage(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	f.images[name] = filepath.Join(f.dir, fmt.Sprint("image-", f.last))
	os.MkdirAll(f.images[name], 0o755)
}

func (f *fakeDocker) list(w http.ResponseWriter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []map[string]any{}
	for _, c := range f.containers {
		if c.Labels["run.flue"] == "1" {
			all = append(all, map[string]any{"Id": c.id, "State": c.state, "Names": []string{"/" + c.name}, "Labels": c.Labels, "Created": c.made.Unix()})
		}
	}
	answer(w, 200, all)
}

func (f *fakeDocker) used(volume string) bool {
	for _, c := range f.containers {
		if slices.ContainsFunc(c.HostConfig.Mounts, func(m mount.Mount) bool { return m.Source == volume }) {
			return true
		}
	}
	return false
}

func (f *fakeDocker) volume(w http.ResponseWriter, method, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	labels, ok := f.volumes[name]
	switch {
	case !ok:
		refuse(w, 404, "get "+name+": no such volume")
	case method == "GET":
		answer(w, 200, map[string]any{"Name": name, "Labels": labels})
	case f.used(name):
		refuse(w, 409, "remove "+name+": volume is in use")
	default:
		delete(f.volumes, name)
		os.RemoveAll(filepath.Join(f.dir, "volumes", name))
		w.WriteHeader(204)
	}
}

// left is what is there besides images and volumes of sessions.
func (f *fakeDocker) left() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := slices.Collect(maps.Keys(f.containers))
	for name, labels := range f.volumes {
		if labels["run.flue.keep"] != "session" {
			all = append(all, name)
		}
	}
	return all
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"message": message})
}
