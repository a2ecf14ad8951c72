// Package skills holds the skills that ship with flue: a project's own skill of the same name wins. Start at FS.
package skills

import "embed"

// FS holds <name>/SKILL.md and what lies beside it, as in a project's .flue/skills.
//
//go:embed flue-authoring issue-triage
var FS embed.FS
