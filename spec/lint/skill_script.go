package lint

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

var skillScript = &Rule{
	Name:     "skill-script",
	Severity: spec.Warning,
	Group:    Skills,
	Doc: `A file in a skill's scripts/ does not begin with #! or may not be executed, so that it cannot be called by its path as other
programs that read the skill do.`,
	Bad: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
---
Run scripts/days.sh.
-- .flue/skills/refunds/scripts/days.sh --
echo 30
`,
	Good: `-- .flue/skills/refunds/SKILL.md --
---
name: refunds
description: How refunds are handled. Use it for questions about money back.
---
Run scripts/days.sh.
-- .flue/skills/refunds/scripts/days.sh --
#!/bin/sh
echo 30
`,
	Check: func(p *Pass) {
		eachSkill(p.Project, func(s *spec.Skill) {
			files, _ := fs.Glob(s.FS, "scripts/*") // the pattern is right
			for _, file := range files {
				if text, hint := brokenScript(s.FS, file); text != "" {
					at := max(strings.Index(s.Body, file), 0)
					p.ReportIn(s.Doc, "/body", at, at+len(file), text, hint)
				}
			}
		})
	},
}

// brokenScript says why a script cannot be called; empty if it can, or if it is none.
func brokenScript(files fs.FS, file string) (text, hint string) {
	info, err := fs.Stat(files, file)
	isData := slices.Contains([]string{".md", ".txt", ".json", ".yaml", ".yml", ".toml", ".csv"}, path.Ext(file))
	if err != nil || isData || !info.Mode().IsRegular() {
		return "", ""
	}
	source, err := fs.ReadFile(files, file)
	switch {
	case err != nil:
		return "", ""
	case !bytes.HasPrefix(source, []byte("#!")):
		return fmt.Sprintf("%s does not say what runs it", file), "begin it with #!, such as #!/usr/bin/env bash"
	case runtime.GOOS != "windows" && info.Mode().Perm() != 0 && info.Mode().Perm()&0o111 == 0: // 0: the files have no modes
		return fmt.Sprintf("%s may not be executed", file), "chmod +x it"
	}
	return "", ""
}
