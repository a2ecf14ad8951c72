package lint

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

var interpreterCommand = &Rule{
	Name:     "interpreter-command",
	Severity: spec.Error,
	Group:    Secrets,
	Doc: `A program that runs other programs or scripts, such as sh, python, node, env, xargs or ssh, is a command whose arguments the
agent chooses freely. That is the whole host, with the command's secrets.`,
	Bad: `-- .flue/commands/python.yaml --
description: Python.
exec: python3
args: ["-c {code}"]
timeout: 60s
`,
	Good: `-- .flue/commands/report.yaml --
description: Makes the weekly report.
exec: python3
args: ["/opt/reports/weekly.py {week}"]
match: {week: '^[0-9]{1,2}$'}
timeout: 60s
`,
	Check: func(p *Pass) {
		sorted(p.Project.Commands, func(_ string, c *spec.Command) {
			if !runsOthers(c) {
				return
			}
			text := fmt.Sprintf("%s runs whatever the agent passes", path.Base(c.Exec))
			if c.Args.Any {
				p.Report(c.Doc, "/args", text, "list exactly what it may run, or write a command for that program itself")
			}
			for i, line := range c.Args.Lines {
				if choosesCode(line, c.Match) {
					p.Report(c.Doc, join("/args", strconv.Itoa(i)), text,
						"write the script's path out; leave placeholders for its arguments, each with a match")
				}
			}
		})
	},
}

// interpreters are programs whose arguments are code or other programs.
var interpreters = []string{
	"sh", "bash", "dash", "zsh", "ksh", "fish", "ash", "busybox", "pwsh", "powershell", "cmd",
	"python", "pypy", "node", "nodejs", "deno", "bun", "ruby", "perl", "php", "lua", "tclsh", "osascript", "awk", "gawk",
	"env", "xargs", "ssh", "sudo", "doas", "su", "nohup", "nice", "timeout", "time", "watch", "parallel", "script", "setsid", "npx", "uvx",
}

var versionSuffix = regexp.MustCompile(`[0-9.]+$`)

// runsOthers says whether a command's program is an interpreter.
func runsOthers(c *spec.Command) bool {
	name := strings.TrimSuffix(strings.ToLower(path.Base(c.Exec)), ".exe")
	return slices.Contains(interpreters, name) || slices.Contains(interpreters, versionSuffix.ReplaceAllString(name, ""))
}

var (
	placeholder = regexp.MustCompile(`\{([a-z0-9_-]+)\}`)
	codeFlag    = regexp.MustCompile(`(?:^|\s)\[?(?:-[a-z]*[ce]|--eval|--print|-Command)[ =]\{[a-z0-9_-]+\}`)
)

// choosesCode says whether a line of args lets the caller name the script: by its first word, or after a flag such as -c.
func choosesCode(line string, match map[string]string) bool {
	first, _, _ := strings.Cut(strings.TrimLeft(line, " ["), " ")
	if names := placeholder.FindStringSubmatch(first); names != nil && strings.HasPrefix(first, "{") && match[names[1]] == "" {
		return true
	}
	return codeFlag.MatchString(line)
}
