package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/flue-run/flue/spec"
)

// workspaceSkills is where a workspace keeps its skills, from the working directory.
const workspaceSkills = ".agents/skills"

// foundSkill is a skill and the path at which the agent can read it.
type foundSkill struct {
	*spec.Skill
	path string
}

// skillSet is the skills of a run by name: those of the project and of flue, and those of the workspace
// whose names they leave free.
type skillSet map[string]foundSkill

func (set skillSet) sorted() []foundSkill {
	list := make([]foundSkill, 0, len(set))
	for _, s := range set {
		list = append(list, s)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// list is the skills as the system prompt shows them.
func (set skillSet) list() string {
	if len(set) == 0 {
		return ""
	}
	b := strings.Builder{}
	b.WriteString("Skills: open one with the skill tool when the task fits its description.")
	for _, s := range set.sorted() {
		fmt.Fprintf(&b, "\n- %s: %s (%s)", s.Name, s.Description, s.path)
	}
	return b.String()
}

// Names lists the skills that the skill tool opens.
func (r *run) Names() []string { return slices.Sorted(maps.Keys(r.skills)) }

// Skill is what the model reads of a skill. One of the workspace is read afresh: the agent may have changed it.
func (r *run) Skill(ctx context.Context, name string) (string, error) {
	s, err := r.skills.find(name)
	if err != nil {
		return "", err
	}
	if !path.IsAbs(s.path) {
		source, err := readText(ctx, r.box.FS(), s.path)
		if err != nil {
			return "", err
		}
		fresh, problems := spec.ParseSkill([]byte(source), s.path)
		if len(problems) > 0 {
			return "", errors.New(problems[0].String())
		}
		s.Skill = fresh
	}
	return s.text(), nil
}

// text is a skill as the model reads it.
func (s foundSkill) text() string {
	return fmt.Sprintf("<skill name=%q path=%q>\n%s\n</skill>", s.Name, s.path, strings.TrimSpace(s.Body))
}

func (set skillSet) find(name string) (foundSkill, error) {
	if s, ok := set[name]; ok {
		return s, nil
	}
	names := []string{}
	for _, s := range set.sorted() {
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return foundSkill{}, fmt.Errorf("skill %q is not there: no skills are", name)
	}
	return foundSkill{}, fmt.Errorf("skill %q is not there; the skills are: %s", name, strings.Join(names, ", "))
}

// allowed says whether the agent may use a skill. A skill that a step names needs no mention in `skills`.
func (r *run) allowed(name string) bool {
	if r.agent.Skills == nil || slices.Contains(*r.agent.Skills, name) {
		return true
	}
	return slices.ContainsFunc(r.agent.Steps, func(s *spec.Step) bool { return s.Skill == name })
}

// skillFolders are the folders of the project's and flue's skills, for the sandbox to show under SkillsDir.
// Those of flue are only there for agents that name them.
func (r *run) skillFolders() map[string]fs.FS {
	var folders map[string]fs.FS
	for name, s := range r.cfg.Project.Skills {
		if s.FS != nil && r.offered(s) {
			set(&folders, name, s.FS)
		}
	}
	return folders
}

// offered says whether the agent sees a skill of the project or of flue.
func (r *run) offered(s *spec.Skill) bool {
	if !s.Builtin {
		return r.allowed(s.Name)
	}
	named := r.agent.Skills != nil && slices.Contains(*r.agent.Skills, s.Name)
	return named || slices.ContainsFunc(r.agent.Steps, func(step *spec.Step) bool { return step.Skill == s.Name })
}

// findSkills collects the skills that the agent may use, those of the workspace included.
func (r *run) findSkills(ctx context.Context) error {
	r.skills = skillSet{}
	for name, s := range r.cfg.Project.Skills {
		if r.offered(s) {
			r.skills[name] = foundSkill{s, path.Join(SkillsDir, name, "SKILL.md")}
		}
	}
	files := r.box.FS()
	folders, err := files.ReadDir(ctx, workspaceSkills)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &Error{Type: SandboxFailed, Message: fmt.Sprintf("list %s: %v", workspaceSkills, err), Err: err}
	}
	for _, folder := range folders {
		name := folder.Name()
		if _, taken := r.skills[name]; taken || !folder.IsDir() || !r.allowed(name) {
			continue
		}
		file := path.Join(workspaceSkills, name, "SKILL.md")
		source, err := readText(ctx, files, file)
		if err != nil {
			continue // a folder without a readable SKILL.md is no skill
		}
		if skill, problems := spec.ParseSkill([]byte(source), file); len(problems) == 0 && skill.Name == name {
			r.skills[name] = foundSkill{skill, file}
		}
	}
	return nil
}
