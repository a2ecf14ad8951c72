//go:build !unix

package container

import (
	"errors"
	"os"
)

func lockFile(string, bool) (*os.File, error) {
	return nil, errors.New("workspaces are kept on Unix only")
}
