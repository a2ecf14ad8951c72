package container

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// Where things of flue's are inside a container.
const (
	helperDir    = "/run/flue"
	helperFile   = helperDir + "/flue"         // flue itself
	helperSocket = helperDir + "/calls/socket" // on which it answers
	helperPath   = helperDir + "/bin"          // links to it by the names of granted commands
)

// Helper makes this process what it was started as, if that was inside a container. By the name of a granted command it
// passes the call on to flue outside, and ends with the call's exit status; as the first process it is the keeper. A
// program that opens containers calls it before anything else.
func Helper() {
	if exe, err := os.Executable(); err != nil || exe != helperFile {
		return
	}
	if os.Getpid() == 1 {
		keep(os.Stdin, os.Stdout)
		os.Exit(0)
	}
	name := filepath.Base(os.Args[0])
	conn, err := net.Dial("unix", helperSocket)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: not granted to this step\n", name)
		os.Exit(127)
	}
	dir, _ := os.Getwd() // of a folder that is gone there is none: the command says so
	os.Exit(relay(connFrames{conn}, call{Name: name, Args: os.Args[1:], Dir: dir}, newSource(os.Stdin), os.Stdout, os.Stderr))
}

// relay passes one call on and returns its exit status.
func relay(f frames, c call, in source, stdout, stderr io.Writer) int {
	broken := func(err error) int {
		fmt.Fprintf(stderr, "%s: flue has gone away: %v\n", c.Name, err)
		return 125
	}
	data, err := json.Marshal(c)
	if err == nil && len(data) > maxFrame {
		err = fmt.Errorf("its arguments are %d bytes long, and %d are the most", len(data), maxFrame)
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", c.Name, err)
		return 126
	}
	if err := f.send(frameCall, data); err != nil {
		return broken(err)
	}
	var reading sync.Mutex
	for {
		kind, data, err := f.receive()
		if err != nil {
			return broken(err)
		}
		switch kind {
		case frameStdout:
			_, err = stdout.Write(data)
		case frameStderr:
			_, err = stderr.Write(data)
		case frameWant:
			go func() { // ends with the process, when the call does
				reading.Lock()
				data := in.next()
				reading.Unlock()             // before flue has it, and may say that this was the end
				_ = f.send(frameInput, data) // the loop hears of it when flue has gone
			}()
		case frameEnd:
			var end ended
			if err := json.Unmarshal(data, &end); err != nil {
				return broken(err)
			}
			if reading.TryLock() { // else it waits for input that has not come
				in.back(end.Unread)
			}
			return end.Status
		}
		if errors.Is(err, syscall.EPIPE) {
			return 141
		}
		if err != nil {
			fmt.Fprintf(stderr, "%s: %v\n", c.Name, err)
			return 125
		}
	}
}

// source is a stdin of which only what is used is taken.
type source interface {
	// next is what comes next, without the last of which back is told; empty is the end.
	next() []byte
	// back leaves the last n bytes of what next gave for others to read.
	back(n int)
}

// plainSource is one whose bytes cannot be given back.
type plainSource struct{ r io.Reader }

func (s plainSource) next() []byte {
	buf := make([]byte, 32<<10)
	for {
		if n, err := s.r.Read(buf); n > 0 || err != nil {
			return buf[:n]
		}
	}
}

func (s plainSource) back(int) {}

// fileSource is a regular file.
type fileSource struct {
	plainSource
	file io.Seeker
}

func (s fileSource) back(n int) { _, _ = s.file.Seek(int64(-n), io.SeekCurrent) } // it was read from there
