package git

import (
	"fmt"
	"path"
)

func initCommand(r *repo, args []string) error {
	f, operands, _, _, err := parse("quiet=q initial-branch:=b bare template: shared?", args)
	if err != nil {
		return err
	}
	dir := r.at
	if len(operands) > 0 {
		child := *r.inv
		child.Dir = r.at
		dir = path.Clean(child.Path(operands[0]))
	}
	return r.create(f, dir)
}

// create makes a repository in a folder, or fills in what one there lacks.
func (r *repo) create(f flags, dir string) error {
	git := path.Join(dir, ".git")
	if f.has("bare") {
		git = dir
	}
	verb := "Initialized empty"
	if r.isRepo(git) {
		verb = "Reinitialized existing"
	}
	branch := f.last("initial-branch")
	if branch == "" {
		branch = r.config("init.defaultbranch")
	}
	if branch == "" {
		branch = "main"
	}
	if !validRef("refs/heads/" + branch) {
		return fatal("invalid initial branch name: '%s'", branch)
	}
	for _, sub := range []string{"objects/info", "objects/pack", "refs/heads", "refs/tags", "info", "hooks"} {
		if err := r.inv.FS.MkdirAll(git+"/"+sub, 0o755); err != nil {
			return fatal("cannot mkdir %s/%s: %v", git, sub, err)
		}
	}
	if verb[0] == 'I' {
		r.dir = git
		config := fmt.Sprintf("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = %v\n", f.has("bare"))
		if !f.has("bare") {
			config += "\tlogallrefupdates = true\n"
		}
		for name, text := range map[string]string{"HEAD": "ref: refs/heads/" + branch + "\n", "config": config,
			"description": "Unnamed repository; edit this file 'description' to name the repository.\n"} {
			if err := r.writeGit(name, text); err != nil {
				return err
			}
		}
	}
	if !f.has("quiet") {
		fmt.Fprintf(r.out, "%s Git repository in %s/\n", verb, git)
	}
	return nil
}
