package command

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// gitProfile: git obeys the workspace's .git/config, which can name programs for almost everything, and has many options
// that do. Hooks, the configuration of the host and unusual transports are switched off; a workspace whose own
// configuration says anything but the harmless is refused.
var gitProfile = &profile{
	name: "git",
	owns: func(name string) bool {
		return strings.HasPrefix(name, "GIT_CONFIG") || name == "GIT_EXEC_PATH" || name == "GIT_EXTERNAL_DIFF" || name == "GIT_TEMPLATE_DIR"
	},
	subcommands: []string{"add", "am", "apply", "blame", "branch", "cat-file", "checkout", "cherry-pick", "clean", "clone", "commit", "describe",
		"diff", "diff-tree", "fetch", "for-each-ref", "format-patch", "grep", "init", "log", "ls-files", "ls-remote", "ls-tree", "merge", "merge-base",
		"mv", "pull", "push", "range-diff", "rebase", "reflog", "remote", "reset", "restore", "rev-list", "rev-parse", "revert", "rm", "shortlog",
		"show", "show-ref", "stash", "status", "switch", "tag"},
	arguments: gitArguments,
	env:       func(_ *ready, p place) map[string]string { return gitEnv(p) },
	inspect:   inspectGit,
}

// gitTraps are options that run a program, reach files outside the workspace or give git a configuration, by subcommand;
// "" is for all.
var gitTraps = map[string][]string{
	"":         {"--upload-pack", "--receive-pack", "--exec", "--ext-diff", "--textconv", "--no-index", "--output", "--template", "--pathspec-from-file", "--git-dir", "--work-tree", "--separate-git-dir", "--exec-path", "--config-env"},
	"clone":    {"-c", "--config", "-u", "--reference", "--reference-if-able"},
	"grep":     {"-O", "--open-files-in-pager", "-f"},
	"commit":   {"-F", "--file", "-t"},
	"tag":      {"-F", "--file"},
	"rebase":   {"-x", "-i", "--interactive"},
	"blame":    {"--contents"},
	"ls-files": {"-X", "--exclude-from"},
}

func gitArguments(_ *ready, sub string, args []string) error {
	for _, arg := range args {
		switch {
		case strings.Contains(arg, "ext::") || strings.Contains(arg, "fd::"):
			return trap("git", arg, "names a transport that runs a program")
		case strings.HasPrefix(arg, "file:"):
			return trap("git", arg, "reaches files of the host")
		case arg == "--text" || !strings.HasPrefix(arg, "-"):
		case option(arg, gitTraps[""]...) || option(arg, gitTraps[sub]...):
			return trap("git", arg, "can run a program or reach files outside the workspace")
		}
	}
	return nil
}

// gitEnv keeps git from every configuration but the workspace's, and from all that runs by itself.
func gitEnv(p place) map[string]string {
	env := map[string]string{
		"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_SYSTEM": os.DevNull, "GIT_ATTR_NOSYSTEM": "1",
		"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:ssh", "GIT_PAGER": "cat", "PAGER": "cat", "GIT_EDITOR": "false",
		"GIT_SEQUENCE_EDITOR": "false",
	}
	settings := []string{"core.hooksPath", os.DevNull, "core.fsmonitor", "false", "safe.bareRepository", "explicit"}
	if p.workspace == "" {
		env["GIT_CEILING_DIRECTORIES"] = filepath.Dir(p.home)
	} else {
		settings = append(settings, "safe.directory", p.workspace) // whoever owns it, it has been inspected
	}
	for i := 0; i < len(settings); i += 2 {
		env["GIT_CONFIG_KEY_"+strconv.Itoa(i/2)], env["GIT_CONFIG_VALUE_"+strconv.Itoa(i/2)] = settings[i], settings[i+1]
	}
	env["GIT_CONFIG_COUNT"] = strconv.Itoa(len(settings) / 2)
	return env
}

// harmless are the settings that a workspace may have: none names a program, a file or another host for a secret. A *
// stands for one part, which may hold dots.
var harmless = []string{
	"core.repositoryformatversion", "core.filemode", "core.bare", "core.logallrefupdates", "core.ignorecase", "core.precomposeunicode",
	"core.symlinks", "core.autocrlf", "core.eol", "core.safecrlf", "core.abbrev", "core.quotepath", "core.longpaths", "core.untrackedcache",
	"core.sparsecheckout", "core.sparsecheckoutcone", "core.commentchar", "core.compression", "extensions.objectformat", "extensions.refstorage",
	"remote.*.url", "remote.*.fetch", "remote.*.pushurl", "remote.*.tagopt", "remote.*.prune", "remote.*.push",
	"branch.*.remote", "branch.*.merge", "branch.*.rebase", "branch.*.description", "branch.*.pushremote", "branch.*.vscode-merge-base",
	"branch.autosetuprebase", "branch.autosetupmerge", "init.defaultbranch", "pull.rebase", "pull.ff", "push.default", "push.autosetupremote",
	"fetch.prune", "fetch.parallel", "merge.ff", "merge.conflictstyle", "rebase.autostash", "rerere.enabled", "user.name", "user.email",
	"author.name", "author.email", "committer.name", "committer.email", "gc.auto", "color.ui", "diff.algorithm", "diff.renames", "commit.verbose",
	"advice.*", "index.version", "pack.threads", "submodule.active", "submodule.*.url", "submodule.*.active", "http.*.extraheader",
}

// inspectGit refuses a workspace whose configuration could run a program. git itself reads it: nobody else reads it the
// same way. Submodules have configurations of their own that git enters: those that are checked out are refused.
func inspectGit(ctx context.Context, cmd *ready, p place, env map[string]string) error {
	for name, value := range gitEnv(p) {
		env[name] = value
	}
	keys, err := gitReads(ctx, cmd, p, env, "config", "--local", "--includes", "--list", "--name-only", "-z")
	if err != nil || keys == nil {
		return err // not a repository: there is no configuration to obey
	}
	for key := range bytes.SplitSeq(bytes.TrimSuffix(keys, []byte{0}), []byte{0}) {
		if !isHarmless(string(key)) {
			return fmt.Errorf("the workspace's .git/config sets %s, which could run a program or send a secret elsewhere (known traps of git)", key)
		}
	}
	files, err := gitReads(ctx, cmd, p, env, "ls-files", "--stage", "-z", "--full-name", ":/")
	if err != nil {
		return err
	}
	top := p.dir
	for top != filepath.Dir(top) {
		if _, err := os.Lstat(filepath.Join(top, ".git")); err == nil {
			break
		}
		top = filepath.Dir(top)
	}
	for entry := range bytes.SplitSeq(files, []byte{0}) {
		name, submodule := bytes.CutPrefix(entry, []byte("160000 "))
		if _, name, _ = bytes.Cut(name, []byte{'\t'}); !submodule {
			continue
		}
		if _, err := os.Lstat(filepath.Join(top, string(name), ".git")); err == nil {
			return fmt.Errorf("the workspace has a submodule checked out at %s, whose own configuration git would obey (known traps of git)", name)
		}
	}
	return nil
}

// gitReads is the output of a git that only reads, without secrets; nil: there is no repository.
func gitReads(ctx context.Context, cmd *ready, p place, env map[string]string, args ...string) ([]byte, error) {
	var out, errs bytes.Buffer
	git := cmd.program
	if cmd.profile.name != "git" {
		git = "" // a program that runs git for itself: the one it would find
		for dir := range strings.SplitSeq(env["PATH"], string(os.PathListSeparator)) {
			if file := filepath.Join(dir, "git"); executable(file) {
				git = file
				break
			}
		}
		if git == "" {
			return nil, nil
		}
	}
	reader := &process{path: git, args: append([]string{"git"}, args...), env: list(env), dir: p.dir, marker: p.home, stdin: strings.NewReader(""), stdout: &out, stderr: &errs}
	status, err := reader.run(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("inspect the workspace: %w", err)
	case status == 0:
		return out.Bytes(), nil
	case strings.Contains(errs.String(), "not a git repository"), strings.Contains(errs.String(), "--local can only be used inside a git repository"):
		return nil, nil
	}
	return nil, fmt.Errorf("inspect the workspace: %s", strings.TrimSpace(errs.String()))
}

func isHarmless(key string) bool {
	key = strings.ToLower(key)
	first, last := strings.IndexByte(key, '.'), strings.LastIndexByte(key, '.')
	if first > 0 && first < last {
		key = key[:first] + ".*" + key[last:]
	}
	return slices.ContainsFunc(harmless, func(pattern string) bool {
		ok, err := path.Match(pattern, key)
		return ok && err == nil
	})
}
