// Package spec reads a .flue project and remembers every position. Start at Load, which gives a Project and every mistake
// in its files; Document turns places in a document into places in a file.
package spec

import "io/fs"

// Project is all that a .flue directory defines. Maps are by name.
type Project struct {
	FS        fs.FS // the project's folder, which holds .flue
	Settings  Settings
	Agents    map[string]*Agent
	Roles     map[string]*Role
	Skills    map[string]*Skill
	Commands  map[string]*Command
	Tools     map[string]*Tool
	Sandboxes map[string]*Sandbox
	Models    map[string]*ScriptedModel
	Documents []*Document // every file that was read, sorted by path
}
