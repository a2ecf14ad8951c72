package lint

import (
	"fmt"
	"path"
	"slices"

	"github.com/flue-run/flue/spec"
)

var secretInWorkspaceCommand = &Rule{
	Name:     "secret-in-workspace-command",
	Severity: spec.Error,
	Group:    Secrets,
	Doc: `A command has a secret and may touch the workspace, where the agent, or whoever wrote its files, can leave configuration that
the program obeys: a hook, an rc file, a plugin. Only gh, git and npm have a profile that turns this off.`,
	Bad: `-- .flue/commands/deploy.yaml --
description: Deploys the site.
exec: deploy
env: {DEPLOY_TOKEN: "${{ env.DEPLOY_TOKEN }}"}
args: [site]
workspace: ro
timeout: 5m
`,
	Good: `-- .flue/commands/deploy.yaml --
description: Deploys the site.
exec: deploy
env: {DEPLOY_TOKEN: "${{ env.DEPLOY_TOKEN }}"}
args: [site]
timeout: 5m
`,
	Check: func(p *Pass) {
		sorted(p.Project.Commands, func(name string, c *spec.Command) {
			touches := c.Workspace == "ro" || c.Workspace == "rw"
			if touches && anyNamesSecret(c.Env) && !slices.Contains(profiled, path.Base(c.Exec)) {
				p.Report(c.Doc, "/workspace", fmt.Sprintf("%s has a secret, and what lies in the workspace can steer it", name),
					"leave workspace out, or split it into a command without the secret and one without the workspace")
			}
		})
	},
}

// profiled are the programs that are run so that a workspace cannot steer them.
var profiled = []string{"gh", "git", "npm"}
