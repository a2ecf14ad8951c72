package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// find resolves `exec` to an absolute path: on the host's PATH, or as it stands. A program inside the project, by its
// own name or behind links, is none: the agent could have written it.
func (b *Broker) find(program string) (string, error) {
	if strings.ContainsRune(program, filepath.Separator) {
		if !isAbs(program) {
			return "", fmt.Errorf("exec: %s is relative: write a name on PATH or an absolute path", program)
		}
		if !executable(program) {
			return "", fmt.Errorf("exec: %s is not a program", program)
		}
		if b.inside(program) {
			return "", fmt.Errorf("exec: %s is inside the project, where an agent could change it", program)
		}
		return program, nil
	}
	for _, dir := range b.hostPath() {
		if file := filepath.Join(dir, program); executable(file) && !b.inside(file) {
			return file, nil
		}
	}
	return "", fmt.Errorf("exec: there is no program %s on PATH (folders inside the project do not count)", program)
}

func isAbs(path string) bool { return filepath.IsAbs(path) }

func executable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// inside says whether a path is in the project's folder, as written or with links followed.
func (b *Broker) inside(path string) bool {
	if b.cfg.Project == "" {
		return false
	}
	return within(path, b.cfg.Project) || within(real(path), real(b.cfg.Project))
}

func within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// real follows links; a path that does not exist stays as it is.
func real(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}
