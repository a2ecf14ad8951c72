package lint

import (
	"fmt"
	"path"
	"strings"

	"github.com/flue-run/flue/spec"
)

var execInWorkspace = &Rule{
	Name:     "exec-in-workspace",
	Severity: spec.Error,
	Group:    Secrets,
	Doc: `A command's program lies in the project, which an agent with a local sandbox can write: it would replace the program and then
call it, outside the sandbox and with the command's secrets.`,
	Bad: `-- .flue/commands/report.yaml --
description: Makes the report.
exec: ./scripts/report
args: [weekly]
timeout: 60s
`,
	Good: `-- .flue/commands/report.yaml --
description: Makes the report.
exec: /opt/reports/report
args: [weekly]
timeout: 60s
`,
	Check: func(p *Pass) {
		sorted(p.Project.Commands, func(_ string, c *spec.Command) {
			isPath := strings.ContainsAny(c.Exec, `/\`)
			isAbsolute := path.IsAbs(c.Exec) || strings.Contains(c.Exec, ":") // as C:\ is
			if isPath && !isAbsolute || strings.HasPrefix(path.Clean(c.Exec), "/workspace/") {
				p.Report(c.Doc, "/exec", fmt.Sprintf("%s lies in the project, where an agent may be able to write", c.Exec),
					"install it elsewhere, and write its name or its absolute path")
			}
		})
	},
}
