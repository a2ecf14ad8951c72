package spec

// Role is one roles/<name>.md.
type Role struct {
	Builtin bool `yaml:"-"` // it ships with flue

	Doc  *Document `yaml:"-"`
	Name string    `yaml:"-"`

	Description  string    `yaml:"description"`
	Model        ModelList `yaml:"model"`
	Thinking     string    `yaml:"thinking"`
	Tools        *[]string `yaml:"tools"`
	Instructions string    `yaml:"-"` // the body
}

func (l *loader) loadRole(file, name string) {
	r := &Role{Name: name}
	if r.Doc = l.open(file, "role", r); r.Doc == nil {
		return
	}
	r.Instructions = r.Doc.Body
	l.define(func(p *Project) { p.Roles[name] = r })
	if r.Doc.Body == "" && !r.Doc.broken {
		l.report(fileProblem(file, "missing-key", "the role says nothing", "its instructions stand below the frontmatter"))
	}
}
