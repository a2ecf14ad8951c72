//go:build !linux

package sqlite

import (
	"errors"
	"os"
)

func lockByte(*os.File, int64) error { return errors.ErrUnsupported }

func byteLocked(*os.File, int64) (bool, error) { return false, errors.ErrUnsupported }
