package command

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ghProfile: gh prints its token when asked, runs aliases and extensions, sends the token to any host that it is told,
// reads files into requests, and its --jq sees the environment.
var ghProfile = &profile{
	name: "gh",
	owns: func(name string) bool { return name == "GH_CONFIG_DIR" || strings.HasPrefix(name, "GIT_CONFIG") },
	subcommands: []string{"api", "cache", "issue", "label", "org", "pr", "project", "release", "repo", "ruleset", "run", "search", "secret", "status",
		"variable", "version", "workflow"},
	arguments: ghArguments,
	env: func(_ *ready, p place) map[string]string {
		env := gitEnv(p) // which it runs
		for name, value := range map[string]string{"GH_CONFIG_DIR": filepath.Join(p.home, "gh"), "GH_PAGER": "cat", "GH_EDITOR": "false", "GH_BROWSER": "false",
			"BROWSER": "false", "GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GH_NO_EXTENSION_UPDATE_NOTIFIER": "1"} {
			env[name] = value
		}
		return env
	},
	inspect: inspectGit,
}

// environment is how jq names the environment.
var environment = regexp.MustCompile(`(?i)\benv\b`)

// ghTexts are options whose value is text for people: it may be a URL of any host.
var ghTexts = []string{"--body", "-b", "--title", "-t", "--comment", "-c", "--notes", "-n", "--description", "-d", "--search", "-S", "--subject"}

func ghArguments(cmd *ready, sub string, args []string) error {
	jq := false
	for i, arg := range args {
		value := arg
		if name, v, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(name, "-") {
			value = v
		}
		text := i > 0 && slices.Contains(ghTexts, args[i-1]) || value != arg && slices.Contains(ghTexts, strings.SplitN(arg, "=", 2)[0])
		switch {
		case given(arg, "--hostname"):
			return trap("gh", arg, "would send the token to another host")
		case arg == "--show-token":
			return trap("gh", arg, "prints the token")
		case given(arg, "--web", "--editor", "--recover"):
			return trap("gh", arg, "runs a program or reads a file of the host")
		case arg == "--" && sub == "repo":
			return trap("gh", arg, "gives options to git")
		case !text && foreign(cmd, value):
			return trap("gh", arg, "would send the token to another host")
		case (i > 0 && (args[i-1] == "-R" || args[i-1] == "--repo") || given(arg, "--repo") || strings.HasPrefix(arg, "-R")) &&
			!strings.Contains(value, "://") && strings.Count(value, "/") > 1:
			return trap("gh", arg, "names a host: write OWNER/REPO")
		case sub == "api" && strings.Contains(arg, "=@"):
			return trap("gh", arg, "reads a file of the host")
		case sub != "api" && strings.HasPrefix(arg, "-F") && arg != "-F" && arg != "-F-",
			i > 0 && fileOption(args[i-1], sub) && arg != "-", fileOption(arg, sub) && value != arg && value != "-":
			return trap("gh", arg, "reads a file of the host: only - (standard input) is allowed")
		}
		jq = jq || given(arg, "--jq") || strings.HasPrefix(arg, "-q")
	}
	for _, arg := range args {
		if jq && environment.MatchString(arg) {
			return trap("gh", arg, "lets jq see the environment, where the token is")
		}
	}
	return nil
}

// fileOption says whether an option names a file whose content is sent.
func fileOption(name, sub string) bool {
	return given(name, "--body-file", "--input", "--notes-file") || sub != "api" && name == "-F"
}

// given says whether an argument is one of some long options, with or without a value. gh knows no abbreviations.
func given(arg string, names ...string) bool {
	name, _, _ := strings.Cut(arg, "=")
	return slices.Contains(names, name)
}

// foreign says whether an argument is a URL of a host that the token is not for.
func foreign(cmd *ready, arg string) bool {
	u, err := url.Parse(arg)
	if err != nil {
		return strings.Contains(arg, "://")
	}
	if u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "ssh" && u.Scheme != "git" {
		return false
	}
	hosts := []string{"github.com", "api.github.com"}
	if own := cmd.env["GH_HOST"]; own != "" {
		hosts = []string{own, fmt.Sprintf("api.%s", own)}
	}
	return u.Scheme == "http" || !slices.Contains(hosts, strings.ToLower(u.Hostname()))
}
