package virtual

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// baseTime is when all that every session finds was made.
var baseTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// baseFiles are the texts that every session finds. None says anything about the host.
var baseFiles = map[string]string{
	"/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nagent:x:1000:1000:agent:/home/agent:/bin/bash\n" +
		"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
	"/etc/group":         "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n",
	"/etc/hostname":      "flue\n",
	"/etc/hosts":         "127.0.0.1\tlocalhost\n127.0.1.1\tflue\n",
	"/etc/os-release":    "NAME=\"flue\"\nPRETTY_NAME=\"flue virtual sandbox\"\nID=flue\nHOME_URL=\"https://flue.run\"\n",
	"/etc/shells":        "/bin/sh\n/bin/bash\n",
	"/proc/version":      "Linux version 6.6.0-flue (agent@flue) #1 SMP\n",
	"/proc/uptime":       "1000.00 1000.00\n",
	"/proc/loadavg":      "0.00 0.00 0.00 1/1 1\n",
	"/proc/filesystems":  "nodev\tproc\nnodev\ttmpfs\n",
	"/proc/mounts":       "flue / tmpfs rw 0 0\nproc /proc proc ro 0 0\ndev /dev tmpfs rw 0 0\n",
	"/proc/cpuinfo":      "processor\t: 0\nvendor_id\t: flue\nmodel name\t: virtual\ncpu MHz\t\t: 1000.000\n\n",
	"/proc/meminfo":      "MemTotal:         524288 kB\nMemFree:          524288 kB\nMemAvailable:     524288 kB\n",
	"/proc/self/comm":    "bash\n",
	"/proc/self/cmdline": "bash\x00",
	"/proc/self/environ": "",
	"/proc/self/status":  "Name:\tbash\nState:\tR (running)\nPid:\t1\nPPid:\t0\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\n",
	"/proc/self/stat":    "1 (bash) R 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 0 0 0\n",
}

// baseDirs are the directories that every session finds, with those above them before them.
var baseDirs = []struct {
	path string
	mode fs.FileMode
}{
	{"/dev", 0o755}, {"/dev/shm", 0o777 | fs.ModeSticky}, {"/etc", 0o755}, {"/home", 0o755},
	{"/home/agent", 0o755}, {"/opt", 0o755}, {"/proc", 0o555}, {"/proc/self", 0o555}, {"/proc/self/fd", 0o555},
	{"/root", 0o700}, {"/run", 0o755}, {"/tmp", 0o777 | fs.ModeSticky}, {"/usr", 0o755}, {"/usr/bin", 0o755},
	{"/usr/lib", 0o755}, {"/usr/local", 0o755}, {"/usr/local/bin", 0o755}, {"/usr/share", 0o755}, {"/var", 0o755},
	{"/var/tmp", 0o777 | fs.ModeSticky}, {"/workspace", 0o755},
}

var baseLinks = map[string]string{
	"/bin":    "usr/bin",
	"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1", "/dev/stderr": "/proc/self/fd/2",
	"/proc/1": "self", "/proc/thread-self": "self", "/proc/self/cwd": "/workspace", "/proc/self/root": "/",
}

// newBase makes the layer below every session: the standard directories and files, devices, and programs.
func newBase(programs map[string]shell.Command) (*vfs.Layer, error) {
	f := vfs.New(vfs.Quota{}, func() time.Time { return baseTime })
	if err := fillBase(f, programs); err != nil {
		return nil, fmt.Errorf("making the base of a sandbox: %w", err)
	}
	return f.Freeze("/dev", "/proc", "/root"), nil
}

func fillBase(f *vfs.FS, programs map[string]shell.Command) error {
	for _, d := range baseDirs {
		if err := f.Mkdir(d.path, d.mode|0o700); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(baseFiles)) {
		if err := f.WriteFile(name, []byte(baseFiles[name]), 0o644); err != nil {
			return err
		}
	}
	names := slices.AppendSeq(slices.Clone(shell.Shells), maps.Keys(programs)) // the shell is no command of its own
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if err := f.WriteFile("/usr/bin/"+name, shell.Image(name), 0o755); err != nil {
			return err
		}
	}
	if err := f.Devices("/dev"); err != nil {
		return err
	}
	for _, fd := range []string{"0", "1", "2"} {
		if err := f.NoDevice("/proc/self/fd/" + fd); err != nil {
			return err
		}
	}
	for name, target := range baseLinks {
		if err := f.Symlink(target, name); err != nil {
			return err
		}
	}
	for _, d := range baseDirs {
		if err := f.Chmod(d.path, d.mode); err != nil {
			return err
		}
	}
	return nil
}
