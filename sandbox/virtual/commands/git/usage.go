package git

import (
	"fmt"
	"slices"
	"strings"
)

// synopses say how a command is called, behind "git " and its name.
var synopses = map[string]string{
	"add": "[<options>] [--] <pathspec>...", "apply": "[-R] [--check] [--cached] [<patch>...]", "blame": "[<options>] [<rev>] [--] <file>",
	"branch":   "[-a | -r] [-v | -vv] [--sort=<key>] [--merged | --no-merged | --contains [<commit>]] | [-f] [--track] <branch> [<start-point>] | (-m | -M) [<old>] <new> | (-d | -D) <branch>... | (-u <upstream> | --unset-upstream) [<branch>]",
	"cat-file": "(-t | -s | -e | -p | <type>) <object>", "checkout": "[<options>] <branch> | [<options>] (-b | -B) <branch> [<start-point>] | [<options>] [<tree-ish>] -- <path>...", "clean": "[-n] [-f] [-d] [-x | -X] [--] [<path>...]",
	"clone":  "[-q] [--bare | --mirror] [-n] [-b <branch>] [-o <name>] [--depth <n>] [--[no-]single-branch] [--no-tags] [-c <key>=<value>] [--] <repo> [<dir>]",
	"commit": "[-a] [--amend] [-m <msg> | -F <file> | -C <commit>] [--author=<author>] [--date=<date>] [--allow-empty] [--] [<path>...]", "config": "[--global | --local] (--list | [--get | --get-all | --add | --unset] <name> [<value>])",
	"diff": "[<options>] [<commit>] [--] [<path>...]", "fetch": "[-q] [-v] [-p] [-t | --no-tags] [-f] [--depth <n> | --deepen <n> | --unshallow] [--dry-run] [--all | --multiple | <repository> [<refspec>...]]",
	"grep": "[<options>] <pattern> [<rev>...] [--] [<path>...]", "hash-object": "[-w] [-t <type>] [--stdin] [<file>...]", "init": "[-q] [--bare] [-b <branch>] [<directory>]", "log": "[<options>] [<revision-range>] [--] [<path>...]",
	"ls-files": "[<options>] [<file>...]", "ls-remote": "[-q] [--heads] [--tags] [--refs] [--symref] [--sort=<key>] [--exit-code] [--get-url] [<repository> [<refs>...]]", "ls-tree": "[<options>] <tree-ish> [<path>...]",
	"merge": "[--ff | --no-ff | --ff-only] [--no-commit] [-m <msg>] [<commit>] | --abort | --continue", "merge-base": "[--is-ancestor] <commit> <commit>", "mv": "[<options>] <source>... <destination>",
	"pull":   "[-r | --no-rebase] [--ff | --no-ff | --ff-only] [-q] [--allow-unrelated-histories] [<fetch options>] [<repository> [<refspec>...]]",
	"push":   "[-q] [-v] [-u] [-f | --force-with-lease[=<ref>[:<expect>]]] [-d] [-n] [--all] [--tags] [--follow-tags] [--atomic] [<repository> [<refspec>...]]",
	"rebase": "[--onto <newbase>] [<upstream> [<branch>]] | --continue | --skip | --abort", "remote": "[-v] | add [-f] [-t <branch>] <name> <url> | remove <name> | rename <old> <new> | get-url [--push] <name> | set-url [--push] <name> <url> | show [<name>...] | prune [-n] <name>... | update | set-head <name> (-a | -d | <branch>)",
	"reset": "[--soft | --mixed | --hard] [-q] [<commit>] | [-q] [<tree-ish>] [--] <path>...", "restore": "[<options>] [--source=<tree-ish>] [--staged] [--worktree] <path>...", "rev-list": "[<options>] <commit>... [--] [<path>...]",
	"rev-parse": "[<options>] <arg>...", "rm": "[-f] [-r] [--cached] [-n] [-q] [--] <path>...", "show": "[<options>] [<object>...]", "stash": "list | show | drop | pop | apply | push [-u] [-m <message>] | clear",
	"status": "[-s] [-b] [--porcelain] [-u[<mode>]] [--ignored] [--] [<path>...]", "switch": "[<options>] <branch> | (-c | -C) <branch> [<start-point>] | --detach <commit>", "symbolic-ref": "[--short] [-q] [-d] <name> [<ref>]",
	"tag": "[-l [<pattern>...]] [--sort=<key>] | [-a] [-f] [-m <msg> | -F <file>] <name> [<commit>] | -d <name>...",
}

func usageOf(name string) string { return fmt.Sprintf("usage: git %s %s", name, synopses[name]) }

// misuse is how a command ends that was called in a way that it does not have; why may be empty.
func misuse(name, why string) error {
	if why != "" {
		why += "\n\n"
	}
	return &failure{129, why + usageOf(name)}
}

func usage() string {
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range commands() {
			if !yield(name) {
				return
			}
		}
	})
	return "Usage: git [-C <path>] [-c <name>=<value>] <command> [<args>]\n\nCommands: " + strings.Join(names, ", ") + "; git <command> --help says how one is called.\n" +
		"A repository is one of the sandbox's folders, or at http:// and https:// where the sandbox's network has it.\nHooks, filters, pagers and editors do not run; messages are given with -m or -F.\n"
}
