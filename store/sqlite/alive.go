package sqlite

import (
	"crypto/rand"
	"encoding/binary"
	"os"
)

// alive tells processes that live from those that are gone, so that nobody waits for the lease of one that was killed. Each
// store that is open holds a lock on one byte of a file beside the database, which the kernel drops however the process
// ends; its leases say which byte. Where there are no such locks, a lease ends by its time only. The byte says who is gone,
// not who may write: that is what epochs are for.
type alive struct {
	file *os.File // nil: there are no locks
	own  int64    // the byte; 0: none
}

// proveAlive takes the lock of a store that is being opened.
func proveAlive(path string) alive {
	f, err := os.OpenFile(path+"-owners", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return alive{}
	}
	var random [8]byte
	rand.Read(random[:]) // never fails
	own := int64(binary.NativeEndian.Uint64(random[:])>>2) + 1
	if err := lockByte(f, own); err != nil {
		f.Close()
		return alive{}
	}
	return alive{f, own}
}

// dead says whether the owner of a byte is gone for certain.
func (a alive) dead(owner int64) bool {
	if a.file == nil || owner == 0 || owner == a.own {
		return false
	}
	locked, err := byteLocked(a.file, owner)
	return err == nil && !locked
}

func (a alive) close() error {
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}
