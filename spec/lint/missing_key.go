package lint

import "github.com/flue-run/flue/spec"

var missingKey = &Rule{
	Name:     "missing-key",
	Severity: spec.Error,
	Group:    Files,
	Doc:      `A key that has to be there is not.`,
	Bad: `prompt: Say hello.
triggers:
  cron:
    - timezone: Europe/Berlin
`,
	Good: `prompt: Say hello.
triggers:
  cron:
    - schedule: "0 9 * * 1-5"
      timezone: Europe/Berlin
`,
}
