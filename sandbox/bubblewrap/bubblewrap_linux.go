package bubblewrap

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Find is the path of a bwrap that can make a sandbox here; many hosts have one and forbid what it needs. The error says
// why there is none, and what to look at. It is found out once.
func Find() (path string, err error) {
	found, err := find()
	return found.path, err
}

// Enclose has what is started with attr, which is bwrap, be the first process of a namespace: whenever and however it ends,
// the kernel ends all that it has made. By itself, bwrap leaves a child behind that it has not bound to its own end yet.
// Where the host forbids such a namespace to this program, though not to bwrap, nothing is changed.
func Enclose(attr *syscall.SysProcAttr) {
	if found, err := find(); err == nil && found.enclosed {
		enclose(attr)
	}
}

func enclose(attr *syscall.SysProcAttr) {
	attr.Cloneflags |= unix.CLONE_NEWPID
	if user, group := os.Getuid(), os.Getgid(); user != 0 {
		attr.Cloneflags |= unix.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: user, HostID: user, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: group, HostID: group, Size: 1}}
	}
}

// found is a bwrap, and whether it can be enclosed.
type found struct {
	path     string
	enclosed bool
}

var find = sync.OnceValues(func() (f found, err error) {
	path, err := exec.LookPath("bwrap")
	if err != nil {
		return f, ErrMissing
	}
	attr := &syscall.SysProcAttr{}
	if enclose(attr); try(path, attr) == nil {
		return found{path, true}, nil
	}
	if err := try(path, nil); err != nil {
		return f, fmt.Errorf("bwrap cannot make a sandbox here (%w)%s", err, forbidden())
	}
	return found{path, false}, nil
})

// try makes a sandbox for nothing.
func try(path string, attr *syscall.SysProcAttr) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, slices.Concat(Base(), []string{"--ro-bind", "/usr", "/usr", "--ro-bind-try", "/lib", "/lib", "--ro-bind-try", "/lib64", "/lib64",
		"--ro-bind-try", "/bin", "/bin", "--", "true"})...)
	cmd.Env, cmd.SysProcAttr = []string{}, attr
	out, err := cmd.CombinedOutput()
	if said := strings.TrimPrefix(strings.TrimSpace(string(out)), "bwrap: "); err != nil && said != "" {
		return fmt.Errorf("%s %w", said, err)
	}
	return err
}

// forbidden names what this kernel says against user namespaces.
func forbidden() string {
	for _, s := range []struct{ file, value, name string }{
		{"/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces is 0"},
		{"/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone is 0"},
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns is 1"},
	} {
		if data, err := os.ReadFile(s.file); err == nil && strings.TrimSpace(string(data)) == s.value {
			return ": the sysctl " + s.name
		}
	}
	return ": look at the sysctls user.max_user_namespaces, kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns"
}

// keepDescriptors has no program inherit what this one was started with; all that Go opens is closed in it anyway.
var keepDescriptors = sync.OnceFunc(func() {
	if unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	open, _ := os.ReadDir("/proc/self/fd") // before Linux 5.11
	for _, entry := range open {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
})

// Start starts cmd from a thread of its own, on which prepare has run: what that does to the thread, such as confining it,
// is inherited. The thread ends with release, which is to be called once cmd has ended: death signals come when the
// thread ends that has started a process, and other threads of Go may end at any time.
//
// Descriptors that this program was itself started with do not come with cmd.
func Start(cmd *exec.Cmd, prepare func() error) (release func(), err error) {
	keepDescriptors()
	started, released := make(chan error), make(chan struct{})
	var thread func()
	thread = func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() { // the first thread cannot end: another has to do it
			go thread()
			<-released
			runtime.UnlockOSThread()
			return
		}
		if err := prepare(); err != nil {
			started <- err
			return
		}
		started <- cmd.Start()
		<-released // and the thread is never unlocked
	}
	go thread()
	return sync.OnceFunc(func() { close(released) }), <-started
}
