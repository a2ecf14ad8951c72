package lint

import (
	"fmt"
	"io/fs"

	"github.com/flue-run/flue/spec"
)

var missingFile = &Rule{
	Name:     "missing-file",
	Severity: spec.Error,
	Group:    Names,
	Doc:      `A file that is named is not there, or cannot be read. Paths count from the project's folder, which holds .flue.`,
	Bad: `prompt: Say hello.
payload: schemas/hello.json
`,
	Good: `-- .flue/agents/hello.yaml --
prompt: Say hello.
payload: schemas/hello.json
-- schemas/hello.json --
{"type": "object"}
`,
	Check: func(p *Pass) {
		for _, m := range hostMounts(p.Project) {
			if name, inside := m.folder(); inside {
				if _, err := fs.Stat(p.Project.FS, name); err != nil {
					p.Report(m.doc, m.pointer, fmt.Sprintf("there is no folder %q in the project", m.name),
						"paths count from the project's folder, which holds .flue")
				}
			}
		}
	},
}
