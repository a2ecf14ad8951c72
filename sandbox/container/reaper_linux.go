package container

import (
	"bytes"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// reaper waits for all children of this process, those that others have left to it too, as the first process must.
type reaper struct {
	mu      sync.Mutex
	waiting map[int]chan int
}

func newReaper() *reaper {
	r := &reaper{waiting: map[int]chan int{}}
	died := make(chan os.Signal, 1)
	signal.Notify(died, unix.SIGCHLD)
	go func() {
		for range died {
			r.reap()
		}
	}()
	return r
}

// start starts a child. exited gets its exit status.
func (r *reaper) start(name string, argv []string, attr *os.ProcAttr, started func(pid int)) (pid int, exited <-chan int, err error) {
	r.mu.Lock() // so that it is not reaped before it is known
	defer r.mu.Unlock()
	p, err := os.StartProcess(name, argv, attr)
	if err != nil {
		return 0, nil, err
	}
	defer p.Release()
	c := make(chan int, 1)
	r.waiting[p.Pid] = c
	started(p.Pid)
	return p.Pid, c, nil
}

func (r *reaper) reap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if c := r.waiting[pid]; c != nil {
			delete(r.waiting, pid)
			if status.Signaled() {
				c <- 128 + int(status.Signal())
			} else {
				c <- status.ExitStatus()
			}
		}
	}
}

// sweepScript kills what a script has left: what descends from its first process or has its marker in the environment;
// and where no other script runs, all but this process.
func sweepScript(first int, marker string, alone bool) {
	for {
		var left []int // all of them before the first is killed, which leaves its children to this process
		for _, pid := range processes() {
			if pid != 1 && !zombie(pid) && (alone || marked(pid, marker) || descends(pid, first)) {
				left = append(left, pid)
			}
		}
		for _, pid := range left {
			_ = unix.Kill(pid, unix.SIGKILL) // it may be gone
		}
		if len(left) == 0 {
			return
		}
	}
}

func processes() []int {
	entries, _ := os.ReadDir("/proc") // without it there is nothing to be found
	var all []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

func marked(pid int, marker string) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	return err == nil && bytes.Contains(append([]byte{0}, append(env, 0)...), []byte("\x00"+marker+"\x00"))
}

func descends(pid, from int) bool {
	for ; pid > 1; pid = parent(pid) {
		if pid == from {
			return true
		}
	}
	return false
}

// parent is a process's, 0 for one that is not there.
func parent(pid int) int {
	fields := stat(pid)
	if len(fields) < 2 {
		return 0
	}
	up, _ := strconv.Atoi(fields[1]) // a number
	return up
}

// zombie says that a process has ended, and waits to be reaped.
func zombie(pid int) bool {
	fields := stat(pid)
	return len(fields) == 0 || fields[0] == "Z" || fields[0] == "X"
}

// stat is /proc/<pid>/stat from the state on: the name before that may have anything in it.
func stat(pid int) []string {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	return strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
}
