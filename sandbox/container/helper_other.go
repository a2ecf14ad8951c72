//go:build !linux

package container

import "os"

// newSource is the stdin of a program.
func newSource(f *os.File) source { return plainSource{f} }
