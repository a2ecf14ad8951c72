package lint

import "github.com/flue-run/flue/spec"

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
}
