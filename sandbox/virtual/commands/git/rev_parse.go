package git

import (
	"fmt"
	"strings"
)

func revParse(r *repo, args []string) error {
	short, abbrev, verify, quiet, symbolic := false, false, false, false, false
	for i, arg := range args {
		switch {
		case arg == "--show-toplevel":
			if err := r.needWork(); err != nil {
				return err
			}
			fmt.Fprintln(r.out, r.work)
		case arg == "--git-dir" || arg == "--absolute-git-dir" || arg == "--git-common-dir":
			dir := r.dir
			if at, _ := r.inv.FS.Realpath(r.at); arg != "--absolute-git-dir" && r.work == at {
				dir = ".git"
			}
			fmt.Fprintln(r.out, dir)
		case arg == "--show-prefix":
			fmt.Fprintln(r.out, r.prefix)
		case arg == "--show-cdup":
			fmt.Fprintln(r.out, strings.Repeat("../", strings.Count(r.prefix, "/")))
		case arg == "--is-inside-work-tree":
			fmt.Fprintln(r.out, r.work != "")
		case arg == "--is-inside-git-dir":
			fmt.Fprintln(r.out, false)
		case arg == "--is-bare-repository":
			fmt.Fprintln(r.out, r.work == "")
		case arg == "--is-shallow-repository":
			_, ok := r.gitFile("shallow")
			fmt.Fprintln(r.out, ok)
		case arg == "--short" || strings.HasPrefix(arg, "--short="):
			short = true
		case arg == "--abbrev-ref":
			abbrev = true
		case arg == "--symbolic-full-name":
			symbolic = true
		case arg == "--verify":
			verify = true
		case arg == "-q" || arg == "--quiet":
			quiet = true
		case arg == "--":
			return nil
		case strings.HasPrefix(arg, "--"):
			return fatal("rev-parse %s is not supported in this sandbox", arg)
		default:
			if abbrev || symbolic {
				name := arg
				if arg == "HEAD" || arg == "@" {
					if name, _ = r.head(); name == "" {
						name = "HEAD"
					}
				} else if full := r.refOf(arg); full != "" {
					name = full
				}
				if abbrev {
					name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "refs/heads/"), "refs/tags/"), "refs/remotes/")
				}
				if _, err := r.resolve(arg); err == nil {
					fmt.Fprintln(r.out, name)
					continue
				}
			}
			h, err := r.resolve(arg)
			switch {
			case err != nil && quiet:
				return exit(1)
			case err != nil && verify:
				return fatal("Needed a single revision")
			case err != nil:
				if i == len(args)-1 && !short && !strings.Contains(arg, "@{") {
					fmt.Fprintln(r.out, arg)
				}
				return err
			case short:
				fmt.Fprintln(r.out, r.short(h))
			default:
				fmt.Fprintln(r.out, h)
			}
		}
	}
	return nil
}
