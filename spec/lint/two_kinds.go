package lint

import "github.com/flue-run/flue/spec"

var twoKinds = &Rule{
	Name:     "two-kinds",
	Severity: spec.Error,
	Group:    Files,
	Doc: `A step does one thing, so it has exactly one of prompt, skill, shell, task, agent and parallel. In the same way an
agent has one of prompt, skill and steps, and a tool one of shell, command and http.`,
	Bad: `steps:
  - prompt: Write a haiku.
    shell: wc -l haiku.txt
`,
	Good: `steps:
  - prompt: Write a haiku.
  - shell: wc -l haiku.txt
`,
}
