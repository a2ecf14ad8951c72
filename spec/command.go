package spec

import (
	"gopkg.in/yaml.v3"
)

// Command is one commands/<name>.yaml: a program of the host that agents may be granted.
type Command struct {
	Doc  *Document `yaml:"-"`
	Name string    `yaml:"-"`

	Description string            `yaml:"description"`
	Hook        string            `yaml:"hook"` // exec
	Exec        string            `yaml:"exec"`
	Env         map[string]string `yaml:"env"`
	Args        CommandArgs       `yaml:"args"`
	Match       map[string]string `yaml:"match"`
	Deny        []string          `yaml:"deny"`
	Timeout     Duration          `yaml:"timeout"`
	MaxCalls    int               `yaml:"max_calls"`
	Workspace   string            `yaml:"workspace"` // none, ro, rw; default none
	Network     []string          `yaml:"network"`
	Isolation   string            `yaml:"isolation"` // none: run unconfined; default: as well as the host can
	Idempotent  bool              `yaml:"idempotent"`
}

// CommandArgs is the list of allowed forms, or any.
type CommandArgs struct {
	Any   bool
	Lines []string
}

// UnmarshalYAML takes any or a list of lines.
func (a *CommandArgs) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		a.Any = n.Value == "any"
		return nil
	}
	return n.Decode(&a.Lines)
}

func (l *loader) loadCommand(file, name string) {
	c := &Command{Name: name}
	if c.Doc = l.open(file, "command", c); c.Doc != nil {
		l.define(func(p *Project) { p.Commands[name] = c })
	}
}
