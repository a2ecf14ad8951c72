package lint

import "github.com/flue-run/flue/spec"

var unusedSuppression = &Rule{
	Name:     "unused-suppression",
	Severity: spec.Warning,
	Group:    Files,
	Doc: `A comment "flue-lint: allow RULE because REASON", or an entry of an agent's accept, that allows nothing, names no rule,
or gives no reason. Left in place it would hide the next mistake.`,
	Bad: `# flue-lint: allow yaml-trap because there was one here
prompt: Say hello.
`,
	Good: `# flue-lint: allow yaml-trap because this is a Norwegian agent
description: no
prompt: Say hello.
`,
}
