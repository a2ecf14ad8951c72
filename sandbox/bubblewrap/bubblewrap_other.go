//go:build !linux

package bubblewrap

import "errors"

// Find says that there is none.
func Find() (path string, err error) { return "", errors.New("bubblewrap is for Linux only") }
