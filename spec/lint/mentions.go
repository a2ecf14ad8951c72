package lint

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

// mention is a place where a file names something that another one defines.
type mention struct {
	doc     *spec.Document
	pointer string
	name    string
}

// mentions gathers what agents, their steps, and with them roles and tools name, by what it is that they name.
type mentions struct {
	roles, skills, commands, tools, agents, sandboxes, models []mention
}

func mentionsOf(p *spec.Project) mentions {
	var r mentions
	for _, name := range slices.Sorted(maps.Keys(p.Agents)) {
		r.agent(p.Agents[name])
	}
	for _, name := range slices.Sorted(maps.Keys(p.Roles)) {
		if role := p.Roles[name]; !role.Builtin {
			r.tools = append(r.tools, listed(role.Doc, "/tools", role.Tools)...)
			r.models = append(r.models, modelList(role.Doc, "/model", role.Model)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Tools)) {
		if tool := p.Tools[name]; tool.Command != nil {
			r.commands = append(r.commands, one(tool.Doc, "/command/name", tool.Command.Name)...)
		}
	}
	if d := p.Settings.Doc; d != nil {
		r.models = append(r.models, modelList(d, "/model", p.Settings.Model)...)
	}
	return r
}

func (r *mentions) agent(a *spec.Agent) {
	r.roles = append(r.roles, one(a.Doc, "/role", a.Role)...)
	r.skills = append(r.skills, listed(a.Doc, "/skills", a.Skills)...)
	r.commands = append(r.commands, listed(a.Doc, "/commands", &a.Commands)...)
	r.tools = append(r.tools, listed(a.Doc, "/tools", a.Tools)...)
	r.agents = append(r.agents, listed(a.Doc, "/subagents", &a.Subagents)...)
	r.models = append(r.models, modelList(a.Doc, "/model", a.Model)...)
	r.models = append(r.models, one(a.Doc, "/compaction/model", a.Compaction.Model)...)
	if a.Sandbox != nil {
		r.sandboxes = append(r.sandboxes, one(a.Doc, "/sandbox", a.Sandbox.Name)...)
	}
	eachStep(a.Steps, func(s *spec.Step) {
		r.skills = append(r.skills, one(a.Doc, s.Pointer+"/skill", s.Skill)...)
		r.agents = append(r.agents, one(a.Doc, s.Pointer+"/agent", s.Agent)...)
		if s.Pointer == "" {
			return // the shorthand: the rest is the agent's own
		}
		r.roles = append(r.roles, one(a.Doc, s.Pointer+"/role", s.Role)...)
		r.commands = append(r.commands, listed(a.Doc, s.Pointer+"/commands", s.Commands)...)
		r.tools = append(r.tools, listed(a.Doc, s.Pointer+"/tools", s.Tools)...)
		r.models = append(r.models, modelList(a.Doc, s.Pointer+"/model", s.Model)...)
	})
}

func one(d *spec.Document, pointer, name string) []mention {
	if name == "" {
		return nil
	}
	return []mention{{d, pointer, name}}
}

func listed(d *spec.Document, pointer string, names *[]string) []mention {
	var all []mention
	if names != nil {
		for i, name := range *names {
			all = append(all, mention{d, join(pointer, strconv.Itoa(i)), name})
		}
	}
	return all
}

// modelList is listed for one model or a chain of them.
func modelList(d *spec.Document, pointer string, models spec.ModelList) []mention {
	if d.Has(pointer + "/0") {
		return listed(d, pointer, (*[]string)(&models))
	}
	var all []mention
	for _, id := range models {
		all = append(all, one(d, pointer, id)...)
	}
	return all
}

// reportUnknown reports the mentions of names that are not known.
func reportUnknown(p *Pass, what string, refs []mention, known []string) {
	slices.Sort(known)
	known = slices.Compact(known)
	for _, r := range refs {
		if slices.Contains(known, r.name) {
			continue
		}
		hint := spec.DidYouMean(r.name, known)
		switch {
		case hint != "":
		case len(known) == 0:
			hint = "there is none in this project"
		case len(known) <= 12:
			hint = "there are: " + strings.Join(known, ", ")
		}
		p.Report(r.doc, r.pointer, fmt.Sprintf("%s %q is not defined", what, r.name), hint)
	}
}

// workspaceSkills are the skills that a local sandbox of this project finds at run time, with their files.
func workspaceSkills(p *spec.Project) map[string]string {
	files, err := fs.Glob(p.FS, ".agents/skills/*/SKILL.md")
	if err != nil {
		return nil
	}
	skills := map[string]string{}
	for _, file := range files {
		skills[path.Base(path.Dir(file))] = file
	}
	return skills
}
