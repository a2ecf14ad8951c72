package main

import (
	"fmt"
	"runtime"
)

// version is set by the linker for a release: -X main.version=v1.2.3.
var version = "v0.1.0-dev"

type versionCmd struct{}

func (c *versionCmd) Run(s streams) error {
	_, err := fmt.Fprintf(s.out, "flue %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
	return err
}
