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
	"time"

	"golang.org/x/sys/unix"
)

// Find is the path of a bwrap that can make a sandbox here; many hosts have one and forbid what it needs. The error says
// why there is none, and what to look at. It is found out once.
var Find = sync.OnceValues(func() (path string, err error) {
	if path, err = exec.LookPath("bwrap"); err != nil {
		return "", ErrMissing
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, slices.Concat(Base(), []string{"--ro-bind", "/usr", "/usr", "--ro-bind-try", "/lib", "/lib", "--ro-bind-try", "/lib64", "/lib64",
		"--ro-bind-try", "/bin", "/bin", "--", "true"})...)
	cmd.Env = []string{}
	if out, err := cmd.CombinedOutput(); err != nil {
		said := strings.TrimPrefix(strings.TrimSpace(string(out)), "bwrap: ")
		return "", fmt.Errorf("bwrap cannot make a sandbox here (%s)%s", strings.TrimSpace(said+" "+err.Error()), forbidden())
	}
	return path, nil
})

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
