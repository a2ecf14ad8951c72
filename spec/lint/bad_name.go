package lint

import "github.com/flue-run/flue/spec"

var badName = &Rule{
	Name:     "bad-name",
	Severity: spec.Error,
	Group:    Files,
	Doc: `A file or folder in .flue whose name flue cannot use. The stem of a file is the name of what it defines: lower-case
letters and digits, in words joined by -, at most 64 characters. YAML files end in .yaml.`,
	Bad: `-- .flue/agents/Say_Hello.yaml --
prompt: Say hello.
`,
	Good: `-- .flue/agents/say-hello.yaml --
prompt: Say hello.
`,
}
