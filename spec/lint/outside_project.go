package lint

import (
	"fmt"

	"github.com/flue-run/flue/spec"
)

var outsideProject = &Rule{
	Name:     "outside-project",
	Severity: spec.Error,
	Group:    Names,
	Doc: `A path leads out of the project's folder. A project has to work wherever it is checked out, and must not read what
lies around it.`,
	Bad: `prompt: Say hello.
payload: ../schemas/hello.json
`,
	Good: `prompt: Say hello.
payload: {type: object}
`,
	Check: func(p *Pass) {
		for _, m := range hostMounts(p.Project) {
			if _, inside := m.folder(); !inside {
				p.Report(m.doc, m.pointer, fmt.Sprintf("%q is not in the project", m.name),
					"name a folder by its path from the project's folder, as ./folder")
			}
		}
	},
}
