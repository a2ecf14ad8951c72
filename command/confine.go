//go:build unix

package command

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// confinement is what one program may touch.
type confinement struct {
	read  []string // files and folders, with what is below; programs in them may be run
	write []string // besides
	dir   string
	ports []uint16 // that it may connect to
	net   bool     // it may connect at all
}

// system is what every program may read: itself, libraries, and how names and certificates are found.
var system = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store", "/snap",
	"/etc/alternatives", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/crypto-policies", "/etc/ld.so.cache", "/etc/ld.so.conf",
	"/etc/ld.so.conf.d", "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/passwd",
	"/etc/group", "/etc/services", "/etc/protocols", "/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/os-release",
	"/run/systemd/resolve",
}

// confinement says what a call's program may touch. private is its folder for HOME and TMPDIR.
func (b *Broker) confinement(cmd *ready, p place, private string) *confinement {
	c := &confinement{read: append([]string(nil), system...), write: []string{private}, dir: p.dir, net: len(cmd.Network) > 0}
	for _, dir := range append(b.hostPath(), filepath.Dir(cmd.program), filepath.Dir(real(cmd.program))) {
		c.read = append(c.read, dir)
		// A program installed by itself keeps its parts beside bin, as in node/bin and node/lib.
		if filepath.Base(dir) == "bin" {
			for _, part := range []string{"lib", "libexec", "share"} {
				c.read = append(c.read, filepath.Join(filepath.Dir(dir), part))
			}
		}
	}
	switch cmd.Workspace {
	case "ro":
		c.read = append(c.read, p.workspace)
	case "rw":
		c.write = append(c.write, p.workspace)
	}
	for _, target := range cmd.Network {
		port := "443"
		if _, explicit, err := net.SplitHostPort(target); err == nil {
			port = explicit
		}
		if n, err := strconv.ParseUint(port, 10, 16); err == nil { // the schema has checked it
			c.ports = append(c.ports, uint16(n))
		}
	}
	return c
}

// there are the paths that exist, each once, without those inside others.
func there(paths []string) []string {
	var list []string
	for _, path := range slices.Compact(slices.Sorted(slices.Values(paths))) {
		inside := slices.ContainsFunc(list, func(folder string) bool { return within(path, folder) })
		if _, err := os.Stat(path); err == nil && !inside {
			list = append(list, path)
		}
	}
	return list
}
