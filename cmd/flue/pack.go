package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

// packing is what goes into the executable of a project, in order, and what stays out, with the reason.
type packing struct {
	fsys  fs.FS
	skip  string // the folder that the executable goes to, if it is in the project
	files map[string]bool
	left  map[string]string
}

// pack collects the files of a project: .flue, the documents elsewhere that it names, and the folders that its sandboxes
// mount. Nothing is in it that looks like a secret, nor the state of sessions or the repository.
func pack(p *spec.Project, skip string) (*packing, error) {
	k := &packing{fsys: p.FS, skip: skip, files: map[string]bool{}, left: map[string]string{}}
	if err := k.add(".flue"); err != nil {
		return nil, err
	}
	for _, d := range p.Documents {
		if _, err := fs.Stat(p.FS, d.File); err == nil { // what comes with flue is not in the project
			if err := k.add(d.File); err != nil {
				return nil, err
			}
		}
	}
	for _, source := range mountSources(p) {
		if err := k.add(source); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// mountSources are the folders of the project that its sandboxes mount.
func mountSources(p *spec.Project) []string {
	var mounts []spec.Mount
	for _, s := range p.Sandboxes {
		mounts = append(mounts, s.Mounts...)
	}
	for _, agent := range p.Agents {
		if agent.Sandbox != nil && agent.Sandbox.Inline != nil {
			mounts = append(mounts, agent.Sandbox.Inline.Mounts...)
		}
	}
	found := map[string]bool{}
	for _, m := range mounts {
		if !strings.Contains(m.Source, "://") {
			found[path.Clean(m.Source)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// add adds a file, or a folder with all that is in it.
func (k *packing) add(root string) error {
	err := fs.WalkDir(k.fsys, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		why := ""
		switch base := path.Base(name); {
		case base == ".git" || name == ".flue/state" || name == k.skip:
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case secretName(base):
			why = "its name looks like a secret's"
		case !d.IsDir() && !d.Type().IsRegular():
			why = "it is neither a file nor a folder"
		}
		switch {
		case why == "" && !d.IsDir():
			k.files[name] = true
		case why != "":
			k.left[name] = why
			if d.IsDir() {
				return fs.SkipDir
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("collect the files of %s: %w", root, err)
	}
	return nil
}

// secretNames are patterns of file and folder names, in lower case, that hold keys, tokens and passwords by custom.
var secretNames = []string{
	".env", ".env.*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*",
	".npmrc", ".netrc", "_netrc", ".pypirc", ".pgpass", ".my.cnf", ".git-credentials", ".htpasswd", ".dockercfg", ".ssh", ".aws", ".gnupg", ".kube",
	".docker", "credentials", "credentials.*", "secret", "secret.*", "secrets", "secrets.*", "*-credentials.json", "service-account*.json", "*.tfstate",
	"*.tfvars",
}

// exampleNames are those of them that are there to be copied.
var exampleNames = []string{".env.example", ".env.sample", ".env.template"}

func secretName(base string) bool {
	base = strings.ToLower(base)
	return !slices.Contains(exampleNames, base) && slices.ContainsFunc(secretNames, func(pattern string) bool {
		ok, _ := path.Match(pattern, base) // the patterns are right
		return ok
	})
}

// check says whether the project in fsys is the one that was packed, whole: nothing that it needs may have stayed out.
func (k *packing) check(p *spec.Project, fsys fs.FS) error {
	var errs []error
	packed, problems := spec.Load(fsys)
	has := map[string]bool{}
	for _, d := range packed.Documents {
		has[d.File] = true
	}
	for _, problem := range problems {
		if problem.Severity == spec.Error {
			errs = append(errs, fmt.Errorf("%s:%d: %s", problem.Pos.File, problem.Pos.Line, problem.Text))
		}
	}
	for _, d := range p.Documents {
		if !has[d.File] {
			errs = append(errs, fmt.Errorf("%s is part of the project and stayed out: %s", d.File, cmp.Or(k.left[d.File], "so did a folder above it")))
		}
	}
	for _, source := range mountSources(p) {
		if info, err := fs.Stat(fsys, source); err != nil || !info.IsDir() {
			errs = append(errs, fmt.Errorf("%s, which a sandbox mounts, is not a folder with a file in it", source))
		}
	}
	return errors.Join(errs...)
}
