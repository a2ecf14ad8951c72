package main

import (
	"cmp"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

type buildCmd struct {
	Target string `enum:"docker,systemd,cloudflare,binary" default:"docker" help:"What stands beside the executable. docker: a Dockerfile and a compose file; systemd: a unit; cloudflare: a Worker that has a container for each session; binary: nothing."`
	Name   string `placeholder:"NAME" help:"The executable's name (default: the project's folder)."`
	Out    string `placeholder:"DIR" help:"Where they go (default: dist in the project)."`
	Image  string `placeholder:"REF" help:"With --target cloudflare: the image in a registry, in place of building the Dockerfile when it is deployed."`
	Base   string `placeholder:"FILE" help:"The flue program to put the project into, such as one for another system (default: this one)."`
	Dir    string `placeholder:"DIR" help:"A folder of the project (default: the project here)."`
}

func (c *buildCmd) Help() string {
	return `Makes one executable of flue and the project: .flue and the folders that its sandboxes mount. It needs no other
file, and its run, serve, list, show and lint use that project unless --dir names another. Sessions are kept in NAME.db in the
folder in which it runs; sandbox: local is that folder, too.

Beside it are the files that --target is about. They name the variables that the project reads and have no value of any; each
says at its begin how it is used. A container on Cloudflare forgets its sessions when it has slept.

Files whose names look like those of secrets stay out (.env, *.pem, *.key, .npmrc, …), as do .flue/state and .git. The same
project and the same flue make the same bytes. An executable whose project was changed afterwards refuses to work.

Exit status: 0 built, 2 usage or project error, 4 a file could not be read or written.`
}

// executableName is what needs no quoting, in a shell and in a Dockerfile.
var executableName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// imageName is the name of an image with its registry.
var imageName = regexp.MustCompile(`^[a-z0-9][a-z0-9.:-]*(/[A-Za-z0-9._-]+)+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$`)

func (c *buildCmd) Run(s streams) error {
	p, err := openProject(c.Dir)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.refuse(s); err != nil {
		return err
	}
	if c.Image != "" && (c.Target != "cloudflare" || !imageName.MatchString(c.Image)) {
		return usage(fmt.Errorf("build: --image takes the name of an image in a registry, such as registry.cloudflare.com/ACCOUNT/NAME:TAG, with --target cloudflare"))
	}
	name := cmp.Or(c.Name, filepath.Base(p.dir))
	if !executableName.MatchString(name) {
		return usage(fmt.Errorf("build: %q is not a name for an executable: letters, digits and . _ -; give one with --name", name))
	}
	out, err := filepath.Abs(cmp.Or(c.Out, filepath.Join(p.dir, "dist")))
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	skip, err := filepath.Rel(p.dir, out)
	if err != nil {
		skip = ""
	}
	k, err := pack(p.Project, filepath.ToSlash(skip))
	if err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(k.files)) {
		fmt.Fprintln(s.err, "includes", file)
	}
	for _, file := range slices.Sorted(maps.Keys(k.left)) {
		fmt.Fprintf(s.err, "leaves out %s: %s\n", file, k.left[file])
	}
	base := c.Base
	if base == "" {
		if base, err = os.Executable(); err != nil {
			return fmt.Errorf("find the flue program: %w", err)
		}
	}
	executable := filepath.Join(out, name)
	if filepath.Ext(base) == ".exe" {
		executable += ".exe"
	}
	if err := k.build(p, base, executable); err != nil {
		return err
	}
	fmt.Fprintln(s.out, executable)
	if c.Target != "binary" && !static(base) {
		fmt.Fprintln(s.err, "flue: this flue program is not a static one for Linux, so that a container from scratch cannot run it; --base takes one")
	}
	return c.writeTarget(s, p, out, name)
}

// build writes the executable, and puts it in its place once it has been read back.
func (k *packing) build(p *project, base, executable string) (err error) {
	program, err := os.Open(base)
	if err != nil {
		return usage(fmt.Errorf("read the flue program: %w", err))
	}
	defer program.Close()
	info, err := program.Stat()
	if err != nil {
		return fmt.Errorf("read the flue program: %w", err)
	}
	size := info.Size()
	if b, err := readBundle(program, size); err != nil {
		return usage(fmt.Errorf("read the flue program %s: %w", base, err))
	} else if b != nil {
		size = b.program // it has a project already
	}
	if err := os.MkdirAll(filepath.Dir(executable), 0o755); err != nil {
		return fmt.Errorf("make the folder of the executable: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(executable), ".build-*")
	if err != nil {
		return fmt.Errorf("write the executable: %w", err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := writeBundle(f, io.NewSectionReader(program, 0, size), p.FS, slices.Sorted(maps.Keys(k.files))); err != nil {
		return fmt.Errorf("write the executable: %w", err)
	}
	b, written, err := openBundle(f.Name())
	if err != nil || b == nil {
		return errors.Join(errors.New("read the executable back"), err)
	}
	defer written.Close()
	if err := k.check(p.Project, b); err != nil {
		return usage(fmt.Errorf("the project would not be whole:\n%w", err))
	}
	if err := errors.Join(f.Chmod(0o755), f.Close()); err != nil {
		return fmt.Errorf("write the executable: %w", err)
	}
	if err := os.Rename(f.Name(), executable); err != nil {
		return fmt.Errorf("put the executable in its place: %w", err)
	}
	return nil
}

// static says whether a program is one for Linux that needs no library.
func static(program string) bool {
	f, err := elf.Open(program)
	if err != nil {
		return false
	}
	defer f.Close()
	return !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
}
