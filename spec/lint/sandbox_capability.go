package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

var sandboxCapability = &Rule{
	Name:     "sandbox-capability",
	Severity: spec.Error,
	Group:    Names,
	Doc: `A sandbox is asked for what its type cannot do: a key that belongs to another type, a list of URLs where the network is all or
nothing, or a granted command in a sandbox on a server elsewhere, from which there is no way back to this machine.`,
	Bad: `-- .flue/agents/fix.yaml --
prompt: Fix the bug.
sandbox: remote
commands: [gh]
-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: [issue list]
timeout: 60s
-- .flue/sandboxes/remote.yaml --
type: daytona
api_key: ${{ env.DAYTONA_API_KEY }}
engine: docker
`,
	Good: `-- .flue/agents/fix.yaml --
prompt: Fix the bug.
sandbox: {type: container, engine: docker, image: "golang:1.26"}
commands: [gh]
-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: [issue list]
timeout: 60s
`,
	Check: func(p *Pass) {
		eachSandbox(p.Project, p.sandboxKeys)
		sorted(p.Project.Agents, func(_ string, a *spec.Agent) {
			box := sandboxOf(p.Project, a)
			if box == nil || box.Capabilities().Commands {
				return
			}
			say := func(pointer string, commands []string) {
				if len(commands) > 0 {
					p.ReportKey(a.Doc, pointer, fmt.Sprintf("a %s sandbox cannot call commands of this host", box.Type),
						"use a container, or a tool with `command` or `http`, which flue itself carries out")
				}
			}
			say("/commands", a.Commands)
			eachStep(a.Steps, func(s *spec.Step) {
				if s.Pointer != "" { // else it is the agent's own
					say(s.Pointer+"/commands", orNone(s.Commands))
				}
			})
		})
	},
}

// keysOf are the keys that belong to some types of sandboxes only.
var keysOf = map[string][]string{
	"engine": {"container"}, "rootfs": {"container"}, "pids": {"container"}, "read_only": {"container"},
	"image": {"container", "daytona"}, "dockerfile": {"container", "daytona"}, "setup": {"container", "daytona"}, "cpus": {"container", "daytona"},
	"memory": {"container", "daytona"}, "user": {"container", "daytona"}, "keep": {"container", "daytona"},
	"api_key": {"daytona"}, "api_url": {"daytona"}, "snapshot": {"daytona"}, "cleanup": {"daytona"}, "target": {"daytona"}, "disk": {"daytona"},
	"auto_stop": {"daytona"}, "auto_delete": {"daytona"},
}

// sandboxKeys reports what a sandbox is asked for in vain.
func (p *Pass) sandboxKeys(d *spec.Document, pointer string, s *spec.Sandbox) {
	sorted(keysOf, func(key string, types []string) {
		if d.Node(join(pointer, key)) != nil && !slices.Contains(types, s.Type) {
			p.ReportKey(d, join(pointer, key), fmt.Sprintf("%s is of %s sandboxes, and this one is %s", key, strings.Join(types, " and "), s.Type), "remove it, or write another type")
		}
	})
	can := s.Capabilities()
	switch {
	case s.Network != nil && len(s.Network.Allow) > 0 && !can.URLs:
		p.Report(d, join(pointer, "network"), fmt.Sprintf("the network of a %s sandbox is none or bridge", s.Type), "write one of them, or use a virtual sandbox, which keeps to a list of URLs")
	case s.Network != nil && s.Network.Bridge && !can.Bridge:
		p.Report(d, join(pointer, "network"), fmt.Sprintf("a %s sandbox has no bridge", s.Type), "list the URLs that it may reach under allow")
	}
	if len(s.Mounts) > 0 && !can.Mounts {
		p.ReportKey(d, join(pointer, "mounts"), fmt.Sprintf("a %s sandbox shows nothing of this host", s.Type), "fetch the files in a step, or begin with an image or a snapshot that has them")
	}
	if s.Type != "daytona" {
		return
	}
	if s.APIKey == "" {
		p.Report(d, join(pointer, "type"), "a daytona sandbox needs api_key", "define it in sandboxes/ with api_key: ${{ env.DAYTONA_API_KEY }}")
	}
	if s.Snapshot != "" && (s.Image != "" || s.Dockerfile != "" || len(s.Setup) > 0) {
		p.ReportKey(d, join(pointer, "snapshot"), "a snapshot stands alone: image, dockerfile and setup are for a sandbox that is built", "choose one of the two")
	}
	if s.Keep == "session" && s.Cleanup == "true" {
		p.Report(d, join(pointer, "cleanup"), "it deletes what keep: session is to keep", "write cleanup: stop, or false")
	}
}
