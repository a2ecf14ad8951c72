package spec

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Skill is one skills/<name>/SKILL.md.
type Skill struct {
	Builtin bool `yaml:"-"` // it ships with flue

	Doc *Document `yaml:"-"`

	Name          string         `yaml:"name"`
	Description   string         `yaml:"description"`
	License       string         `yaml:"license"`
	Compatibility string         `yaml:"compatibility"`
	Metadata      map[string]any `yaml:"metadata"`
	AllowedTools  string         `yaml:"allowed-tools"`

	Body string `yaml:"-"`
	FS   fs.FS  `yaml:"-"` // the skill's own folder
}

const skillFile = "SKILL.md"

// ParseSkill reads a SKILL.md, of the project or found in a workspace at run time; file is its path, whose folder the
// name must equal. The skill is nil if it has no name or description to go by.
func ParseSkill(source []byte, file string) (*Skill, []Problem) {
	s := &Skill{}
	d, problems := ParseDocument(file, "skill", source)
	s.Doc = d
	for i := range problems {
		if problems[i].Rule == "yaml-syntax" {
			problems[i].Rule = "skill-frontmatter"
		}
	}
	switch {
	case d.broken:
	case d.Root == nil:
		problems = append(problems, fileProblem(file, "skill-frontmatter", "the skill has no frontmatter",
			"begin the file with ---, name: and description:, and ---"))
	default:
		problems = append(problems, s.decode()...)
	}
	if s.Name == "" || s.Description == "" {
		return nil, problems
	}
	s.Body = d.Body
	return s, problems
}

// decode is Document.decode with the names of the rules that are about skills.
func (s *Skill) decode() []Problem {
	problems := s.Doc.decode(s)
	for i := range problems {
		p := &problems[i]
		switch name := s.Doc.KeyAt("/name"); {
		case strings.HasPrefix(p.Text, "name: ") || strings.Contains(p.Text, `key "name"`):
			p.Rule = "skill-name"
		case strings.HasPrefix(p.Text, "description: ") || strings.Contains(p.Text, `key "description"`):
			p.Rule = "skill-description"
		case p.Rule != "duplicate-key" && p.Pos != name:
			p.Rule, p.Severity = "skill-field", Warning
		}
	}
	if dir := path.Base(path.Dir(s.Doc.File)); len(problems) == 0 && s.Name != dir {
		p := s.Doc.schemaProblem("/name", Problem{Rule: "name-mismatch", Fix: dir, Hint: "they must be equal",
			Text: fmt.Sprintf("the skill is called %q, but its folder %q", s.Name, dir)})
		problems = append(problems, p)
	}
	return problems
}

func (l *loader) loadSkills(dir string) {
	items, err := fs.ReadDir(l.project.FS, dir)
	if err != nil {
		l.report(unreadable(dir, err))
	}
	for _, item := range items {
		if strings.HasPrefix(item.Name(), ".") || !item.IsDir() {
			continue
		}
		l.loadSkill(path.Join(dir, item.Name()))
	}
}

func (l *loader) loadSkill(dir string) {
	file := path.Join(dir, skillFile)
	source, err := l.read(file)
	if err != nil {
		l.report(fileProblem(dir, "missing-file", "the skill has no file SKILL.md", "a skill is a folder with its instructions in SKILL.md"))
		return
	}
	s, problems := ParseSkill(source, file)
	l.report(problems...)
	if s == nil {
		return
	}
	l.keep(s.Doc)
	if s.FS, err = fs.Sub(l.project.FS, dir); err != nil {
		l.report(unreadable(dir, err))
	}
	l.define(func(p *Project) { p.Skills[path.Base(dir)] = s })
}
