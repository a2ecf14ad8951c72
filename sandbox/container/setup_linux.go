package container

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// setUp runs the scripts of `setup` on an empty home, unless that has been done, and returns the folder with what they
// made in it; "" if there are none. The rest of the system cannot be written, so there is nothing else to keep.
func (n *namespaces) setUp(ctx context.Context) (home string, err error) {
	if len(n.cfg.Setup) == 0 {
		return "", nil
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", n.cfg.Setup, n.cfg.Rootfs, environ(n.view.path, n.cfg.Env, script{})))
	kept := filepath.Join(n.cfg.State, "setup-"+hex.EncodeToString(sum[:16]))
	home = filepath.Join(kept, "home")
	if _, err := os.Stat(home); !errors.Is(err, fs.ErrNotExist) {
		return home, err
	}
	cfg := n.cfg
	cfg.Session, cfg.Known, cfg.Setup, cfg.Network = Session{}, false, nil, true
	box, err := newNamespaces(cfg)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, box.close()) }()
	for i, text := range n.cfg.Setup {
		n.cfg.Note(fmt.Sprintf("setup, script %d of %d", i+1, len(n.cfg.Setup)))
		var said tail
		status, err := box.run(ctx, script{text: text, dir: Workspace, stdout: &said, stderr: &said})
		if err == nil && status != 0 {
			err = fmt.Errorf("exit status %d: %s", status, said.text())
		}
		if err != nil {
			return "", fmt.Errorf("setup, script %d: %w", i+1, err)
		}
	}
	if err := os.Rename(box.place.work, kept); err != nil && !errors.Is(err, fs.ErrExist) {
		if _, there := os.Stat(home); there != nil { // else another process has been faster
			return "", fmt.Errorf("keep what setup made: %w", err)
		}
	}
	return home, nil
}
