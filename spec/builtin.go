package spec

import (
	"github.com/flue-run/flue/roles"
	"github.com/flue-run/flue/skills"
)

// loadBuiltin adds the skills and roles that ship with flue, read by the loader that users get. The project's own of the
// same name win. Their documents are not the project's: there is nothing in them that its author could correct.
func (l *loader) loadBuiltin() {
	shipped := newLoader(skills.FS)
	shipped.loadSkills(".")
	for name, skill := range shipped.project.Skills {
		skill.Builtin = true
		if l.project.Skills[name] == nil {
			l.project.Skills[name] = skill
		}
	}
	shipped = newLoader(roles.FS)
	sideBySide(shipped.documentsIn(".", "roles"))
	for name, role := range shipped.project.Roles {
		role.Builtin = true
		if l.project.Roles[name] == nil {
			l.project.Roles[name] = role
		}
	}
}
