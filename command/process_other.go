//go:build !unix

package command

import (
	"context"
	"errors"
	"io"
)

type confinement struct{}

func (b *Broker) confinement(*ready, place, string) *confinement { return nil }

type process struct {
	path, dir, marker string
	args, env         []string
	confine           *confinement
	stdin             io.Reader
	stdout, stderr    io.Writer
}

func (p *process) run(context.Context) (int, error) {
	return statusRefused, errors.New("flue runs programs of the host on Unix only")
}
