package vfs

import (
	"crypto/rand"
	"io"
	"io/fs"
)

// Device puts a character device at name; open is called for each Open of it.
func (f *FS) Device(name string, open func(flag Flag) File) error {
	return f.addDevice(name, func(flag Flag) (File, error) { return open(flag), nil })
}

func (f *FS) addDevice(name string, open func(flag Flag) (File, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var w walk
	dir, err := f.vacant(&w, name)
	if err != nil {
		return err
	}
	n, err := f.add(dir, w.base, fs.ModeDevice|fs.ModeCharDevice|0o666)
	if err == nil {
		n.device = open
	}
	return err
}

// Devices puts the devices that every Unix has into the directory name: null, zero, full, random and urandom, and
// tty, which is there but cannot be opened.
func (f *FS) Devices(name string) error {
	var eof, zero, random io.Reader = noBytes{}, zeroBytes{}, rand.Reader
	for _, d := range []struct {
		name string
		r    io.Reader
		err  error
	}{{"null", eof, nil}, {"zero", zero, nil}, {"full", zero, ErrNoSpace}, {"random", random, nil}, {"urandom", random, nil}} {
		if err := f.Device(name+"/"+d.name, func(Flag) File { return &device{d.name, d.r, d.err} }); err != nil {
			return err
		}
	}
	return f.NoDevice(name + "/tty")
}

// NoDevice puts a device at name that exists, and that cannot be opened.
func (f *FS) NoDevice(name string) error {
	return f.addDevice(name, func(Flag) (File, error) { return nil, ErrNoDevice })
}

type noBytes struct{}

func (noBytes) Read([]byte) (int, error) { return 0, io.EOF }

type zeroBytes struct{}

func (zeroBytes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// device is an open device: what it is read from, and how a write to it ends.
type device struct {
	name string
	io.Reader
	err error
}

func (d *device) Write(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	return len(p), nil
}

func (d *device) Seek(int64, int) (int64, error) { return 0, nil }
func (d *device) Close() error                   { return nil }
func (d *device) Truncate(int64) error           { return ErrInvalid }
func (d *device) Stat() (Info, error) {
	return Info{Name: d.name, Mode: fs.ModeDevice | fs.ModeCharDevice | 0o666, Nlink: 1}, nil
}
