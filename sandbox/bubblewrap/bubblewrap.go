// Package bubblewrap is what flue knows of bwrap, the program that makes namespaces for another program without being
// root: whether it works here, the arguments that every use of it shares, and how it is started so that it ends with
// flue. Package command confines the programs of commands with it, sandbox/container an agent's whole world.
package bubblewrap

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrMissing says that there is no bwrap on PATH.
var ErrMissing = errors.New("bwrap is not installed (the package bubblewrap has it)")

// Base are the arguments of every sandbox: namespaces of its own for processes, network, users and all else, a /proc and
// /dev of its own, and its end with the one who started it.
//
// It is to be started as the leader of a session (Setsid), so that it has no terminal of the host's. bwrap's own
// --new-session would take its child out of its process group: who kills the group then misses a child that has not yet
// bound its life to bwrap's.
//
// /proc/sys is bound read-only over the new /proc: its files belong to the host's root, and where flue is root, so is the
// sandbox's user to them, however little else it may do.
func Base() []string {
	return []string{"--unshare-all", "--die-with-parent", "--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"}
}

// ReadOnly are the arguments that show paths of the host where they are. Each must exist. One that is a link into
// another of them stays a link, which is as cheap as a mount is dear.
func ReadOnly(paths []string) []string {
	var args []string
	for _, path := range paths {
		if target, err := os.Readlink(path); err == nil && linksInto(path, paths) {
			args = append(args, "--symlink", target, path)
			continue
		}
		args = append(args, "--ro-bind", path, path)
	}
	return args
}

func linksInto(link string, folders []string) bool {
	real, err := filepath.EvalSymlinks(link)
	return err == nil && slices.ContainsFunc(folders, func(folder string) bool { return strings.HasPrefix(real, folder+"/") })
}
