package lint

import (
	"maps"
	"slices"

	"github.com/flue-run/flue/spec"
)

var unknownSandbox = &Rule{
	Name:     "unknown-sandbox",
	Severity: spec.Error,
	Group:    Names,
	Doc: `A sandbox is named that is neither virtual nor local nor defined in sandboxes/. One of another type has settings, so it is a
mapping or a file.`,
	Bad: `prompt: Run the tests.
sandbox: container
`,
	Good: `prompt: Run the tests.
sandbox: {type: container, image: "golang:1.26"}
`,
	Check: func(p *Pass) {
		known := append(slices.Collect(maps.Keys(p.Project.Sandboxes)), "virtual", "local")
		reportUnknown(p, "sandbox", p.mentions().sandboxes, known)
	},
}
