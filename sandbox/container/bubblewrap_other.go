//go:build !linux

package container

import (
	"context"
	"errors"
)

func openBubblewrap(context.Context, Config) (engine, error) {
	return nil, errors.New("it is for Linux only")
}
