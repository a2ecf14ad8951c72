//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
)

// runner runs one row's script, again and again. open comes first; dir has the row's files.
type runner interface {
	open(r row, dir string) error
	run() (output string, took time.Duration, err error)
	close()
}

// inFlue is a warm session of the virtual sandbox in this process.
type inFlue struct {
	box *virtual.Sandbox
	row row
}

func (f *inFlue) open(r row, dir string) (err error) {
	f.row = r
	if f.box, err = virtual.New(virtual.Config{}); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		return f.box.FS().Write(context.Background(), inside, data)
	})
}

func (f *inFlue) run() (string, time.Duration, error) {
	start, used := time.Now(), processorTime()
	r, err := f.box.Exec(context.Background(), sandbox.Exec{Script: f.row.script})
	took := time.Since(start)
	if cpu {
		took = processorTime() - used
	}
	if err == nil && (r.ExitCode != 0 || r.Stderr != "") {
		err = fmt.Errorf("flue: status %d: %s", r.ExitCode, r.Stderr)
	}
	return r.Stdout, took, err
}

func (f *inFlue) close() { f.box.Close() }

// processorTime is what this process has used.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// inBash is bash with the tools of this machine: started for the script, or measured from within.
type inBash struct {
	row row
	dir string
}

func (b *inBash) open(r row, dir string) error {
	b.row, b.dir = r, dir
	return nil
}

func (b *inBash) run() (string, time.Duration, error) {
	script := b.row.script
	if b.row.kind == language {
		script = "begin=${EPOCHREALTIME/./}\n" + script + "\necho $((${EPOCHREALTIME/./}-begin)) >&2"
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir, cmd.Stdout, cmd.Stderr = b.dir, &stdout, &stderr
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if cpu {
		took = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	} else if err == nil && b.row.kind == language {
		var us int64
		us, err = strconv.ParseInt(strings.TrimSpace(stderr.String()), 10, 64)
		took = time.Duration(us) * time.Microsecond
	}
	return stdout.String(), took, err
}

func (*inBash) close() {}

// inJustBash is a warm instance of just-bash, in a process of Node that stays.
type inJustBash struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

//go:embed justbash.mjs
var justBashDriver []byte

// startJustBash installs just-bash into dir and starts it there.
func startJustBash(dir string) (*inJustBash, error) {
	install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "just-bash@3.4")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm install just-bash: %w\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "justbash.mjs"), justBashDriver, 0o600); err != nil {
		return nil, err
	}
	j := &inJustBash{cmd: exec.Command("node", "--max-old-space-size=4096", "justbash.mjs")}
	j.cmd.Dir, j.cmd.Stderr = dir, os.Stderr
	out, err := j.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	j.out = bufio.NewReader(out)
	if j.in, err = j.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	return j, j.cmd.Start()
}

type justBashReply struct {
	Output      string
	Micros, CPU float64
	Error       string
}

func (j *inJustBash) ask(request map[string]string) (r justBashReply, err error) {
	if err = json.NewEncoder(j.in).Encode(request); err != nil {
		return r, err
	}
	line, err := j.out.ReadBytes('\n')
	if err != nil {
		return r, fmt.Errorf("just-bash: %w", err)
	}
	if err = json.Unmarshal(line, &r); err == nil && r.Error != "" {
		err = fmt.Errorf("just-bash: %s", r.Error)
	}
	return r, err
}

func (j *inJustBash) open(r row, dir string) error {
	_, err := j.ask(map[string]string{"dir": dir, "script": r.script})
	return err
}

func (j *inJustBash) run() (string, time.Duration, error) {
	r, err := j.ask(map[string]string{})
	if cpu {
		r.Micros = r.CPU
	}
	return r.Output, time.Duration(r.Micros * 1000), err
}

func (*inJustBash) close() {}

// stop ends the process.
func (j *inJustBash) stop() error {
	j.in.Close()
	return j.cmd.Wait()
}
