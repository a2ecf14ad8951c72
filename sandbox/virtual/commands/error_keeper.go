package commands

import "io"

// errorKeeper remembers why a write failed.
type errorKeeper struct {
	w   io.Writer
	err error
}

func (k *errorKeeper) Write(b []byte) (int, error) {
	n, err := k.w.Write(b)
	if err != nil {
		k.err = err
	}
	return n, err
}
