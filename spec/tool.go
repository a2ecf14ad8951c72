package spec

// Tool is one tools/<name>.yaml.
type Tool struct {
	Doc  *Document `yaml:"-"`
	Name string    `yaml:"-"`

	Description string       `yaml:"description"`
	Parameters  *Schema      `yaml:"parameters"`
	Shell       string       `yaml:"shell"`
	Command     *ToolCommand `yaml:"command"`
	HTTP        *ToolHTTP    `yaml:"http"`
	Timeout     Duration     `yaml:"timeout"`
	Idempotent  bool         `yaml:"idempotent"`
}

// ToolCommand is a privileged command with arguments bound.
type ToolCommand struct {
	Name string   `yaml:"name"`
	Args []string `yaml:"args"`
}

// ToolHTTP is a request that the engine sends.
type ToolHTTP struct {
	Method  string            `yaml:"method"`
	URL     string            `yaml:"url"`
	Headers map[string]string `yaml:"headers"`
	Body    any               `yaml:"body"`
}

func (l *loader) loadTool(file, name string) {
	t := &Tool{Name: name}
	if t.Doc = l.open(file, "tool", t); t.Doc == nil {
		return
	}
	l.define(func(p *Project) { p.Tools[name] = t })
	l.compile(t.Doc, "/parameters", t.Parameters)
}
