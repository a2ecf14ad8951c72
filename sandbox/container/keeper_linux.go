package container

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// keeper is flue as the first process of a container: it runs scripts, ends all that they started, opens files and passes
// calls of commands on. It lives as long as its connection to flue: without that, the container ends with it.
type keeper struct {
	link    *link
	reaper  *reaper
	mu      sync.Mutex
	scripts map[int]uint32 // streams of scripts that run, by their first process
}

// keep is the keeper, until the connection ends.
func keep(from io.Reader, to io.Writer) {
	signal.Notify(make(chan os.Signal, 1)) // none from inside ends it; to ignore them would have scripts ignore them, too
	// What runs inside is the same user: without this it could read the keeper's memory, and speak to flue through it.
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // it cannot fail
	unix.Umask(0o022)
	k := &keeper{scripts: map[int]uint32{}, reaper: newReaper()}
	socket := filepath.Join(helperDir, "calls", "socket")
	l, err := net.Listen("unix", socket)
	if err != nil {
		fmt.Fprintf(os.Stderr, "flue: listen for calls of commands: %v\n", err)
		return
	}
	k.link = newLink(from, to, 2, func(s *stream, kind byte) {
		switch kind {
		case frameScript:
			go k.script(s)
		case frameFile:
			go serveFile(s)
		}
	})
	go k.calls(l.(*net.UnixListener))
	<-k.link.gone
}

// script runs one.
func (k *keeper) script(s *stream) {
	defer s.Close()
	end := ended{Status: 1}
	defer func() {
		if data, err := json.Marshal(end); err == nil {
			_ = s.send(frameEnd, data) // flue has gone: then all ends
		}
	}()
	_, data, err := s.receive()
	var order scriptOrder
	if err == nil {
		err = json.Unmarshal(data, &order)
	}
	if err == nil {
		end.Status, err = k.carryOut(s, order)
	}
	if err != nil {
		end.Error = err.Error()
	}
}

// findShell is the shell that scripts are run by.
func findShell() string {
	for _, name := range []string{"/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"} {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	return "/bin/sh"
}

// makeCommands makes a folder with the commands that are granted to a script.
func makeCommands(names []string) (bin string, err error) {
	if bin, err = os.MkdirTemp(filepath.Join(helperDir, "calls"), "bin-"); err != nil {
		return "", fmt.Errorf("make a folder for commands: %w", err)
	}
	for _, name := range names {
		if err := os.Symlink(helperFile, filepath.Join(bin, name)); err != nil {
			os.RemoveAll(bin)
			return "", fmt.Errorf("make a command: %w", err)
		}
	}
	return bin, nil
}

// writeScript writes a script that is too long to be an argument to a file.
func writeScript(text string) (name string, err error) {
	file, err := os.CreateTemp(filepath.Join(helperDir, "calls"), "script-")
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Close()); err != nil {
		os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}

// carryOut runs a script, and returns once nothing of it is left.
func (k *keeper) carryOut(s *stream, order scriptOrder) (status int, err error) {
	shell := findShell()
	if len(order.Commands) > 0 {
		bin, err := makeCommands(order.Commands)
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(bin)
		for i, v := range order.Env {
			if path, ok := strings.CutPrefix(v, "PATH="); ok {
				order.Env[i] = "PATH=" + bin + ":" + path
			}
		}
	}
	text := order.Script
	if len(text) > longScript {
		name, err := writeScript(text)
		if err != nil {
			return 0, fmt.Errorf("write the script down: %w", err)
		}
		defer os.Remove(name)
		text = ". " + name
	}
	marker := fmt.Sprintf("FLUE_SCRIPT=%d", s.number)
	argv := append([]string{filepath.Base(shell), "-c", text}, order.Args...)
	var ends [3][2]*os.File
	for i := range ends {
		if ends[i][0], ends[i][1], err = os.Pipe(); err != nil {
			return 0, fmt.Errorf("make a pipe: %w", err)
		}
		defer ends[i][0].Close()
		defer ends[i][1].Close()
	}
	stdin, stdout, stderr := ends[0], ends[1], ends[2]
	attr := &os.ProcAttr{Dir: order.Dir, Env: append(order.Env, marker), Files: []*os.File{stdin[0], stdout[1], stderr[1]}, Sys: &unix.SysProcAttr{Setsid: true}}
	pid, exited, err := k.reaper.start(shell, argv, attr, func(pid int) {
		k.mu.Lock()
		k.scripts[pid] = s.number
		k.mu.Unlock()
	})
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", shell, err)
	}
	for _, f := range []*os.File{stdin[0], stdout[1], stderr[1]} {
		f.Close()
	}
	if !order.Input {
		stdin[1].Close()
	}
	var reading sync.WaitGroup
	for kind, f := range map[byte]*os.File{frameStdout: stdout[0], frameStderr: stderr[0]} {
		reading.Go(func() { _, _ = io.Copy(frameWriter{s, kind}, f) }) // the end of either
	}
	go func() {
		k.feed(s, stdin[1], order.Input) // ends when the script is to end, or has
		k.mu.Lock()
		defer k.mu.Unlock()
		if _, running := k.scripts[pid]; running {
			sweepScript(pid, marker, false)
		}
	}()
	status = <-exited
	k.mu.Lock()
	delete(k.scripts, pid)
	alone := len(k.scripts) == 0
	k.mu.Unlock()
	sweepScript(pid, marker, alone)
	reading.Wait()
	return status, nil
}

// feed passes flue's input on until the script is to end, or its stream does.
func (k *keeper) feed(s *stream, stdin *os.File, wanted bool) {
	if wanted {
		_ = s.send(frameWant, nil) // if flue has gone, receive says so
	}
	for {
		kind, data, err := s.receive()
		if err != nil || kind == frameKill {
			return
		}
		if kind != frameInput {
			continue
		}
		if len(data) == 0 {
			stdin.Close()
			continue
		}
		go func() { // a script that reads nothing must be killed all the same
			if _, err := stdin.Write(data); err == nil {
				_ = s.send(frameWant, nil)
			}
		}()
	}
}

// calls passes calls of commands on to flue.
func (k *keeper) calls(l *net.UnixListener) {
	for {
		conn, err := l.AcceptUnix()
		if err != nil {
			return
		}
		go k.call(conn)
	}
}

// call passes one on. Which script it belongs to is told by the kernel: its process descends from the script's first.
func (k *keeper) call(conn *net.UnixConn) {
	defer conn.Close()
	helper := connFrames{conn}
	kind, data, err := helper.receive()
	var c call
	if err != nil || kind != frameCall || json.Unmarshal(data, &c) != nil {
		return
	}
	script, ok := k.scriptOf(conn)
	if !ok {
		_ = helper.send(frameStderr, fmt.Appendf(nil, "%s: not granted to this step\n", c.Name))
		end, _ := json.Marshal(ended{Status: 127}) // a number
		_ = helper.send(frameEnd, end)
		return
	}
	c.Script = script
	if data, err = json.Marshal(c); err != nil {
		return
	}
	s := k.link.begin()
	defer s.Close()
	if s.send(frameCall, data) != nil {
		return
	}
	go func() {
		defer s.Close() // the helper has gone: flue ends the call
		for {
			kind, data, err := helper.receive()
			if err != nil || s.send(kind, data) != nil {
				return
			}
		}
	}()
	for {
		kind, data, err := s.receive()
		if err != nil || helper.send(kind, data) != nil {
			return
		}
	}
}

// scriptOf is the stream of the script that the other end of a connection belongs to.
func (k *keeper) scriptOf(conn *net.UnixConn) (uint32, bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, false
	}
	var peer *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) { peer, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil || failed != nil {
		return 0, false
	}
	for pid := int(peer.Pid); pid > 1; pid = parent(pid) {
		k.mu.Lock()
		script, ok := k.scripts[pid]
		k.mu.Unlock()
		if ok {
			return script, true
		}
	}
	return 0, false
}
