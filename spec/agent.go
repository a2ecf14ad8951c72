package spec

import "strconv"

// Agent is one agents/<name>.yaml or .md.
type Agent struct {
	Doc  *Document `yaml:"-"`
	Name string    `yaml:"-"`

	Description  string      `yaml:"description"`
	Model        ModelList   `yaml:"model"`
	Thinking     string      `yaml:"thinking"`
	Instructions string      `yaml:"instructions"`
	Triggers     Triggers    `yaml:"triggers"`
	Payload      *Schema     `yaml:"payload"`
	Sandbox      *SandboxRef `yaml:"sandbox"` // nil: virtual
	Role         string      `yaml:"role"`
	Tools        *[]string   `yaml:"tools"`  // nil: all built-in tools
	Skills       *[]string   `yaml:"skills"` // nil: all that are found
	Commands     []string    `yaml:"commands"`
	Subagents    []string    `yaml:"subagents"`
	Limits       Limits      `yaml:"limits"`
	Compaction   Compaction  `yaml:"compaction"`
	Interactive  bool        `yaml:"interactive"`
	Accept       []Accept    `yaml:"accept"`
	Steps        []*Step     `yaml:"steps"` // the shorthand is one step here, once loaded
	Return       string      `yaml:"return"`

	// The shorthand, as written. Loading makes Steps of it.
	Prompt string         `yaml:"prompt"`
	Skill  string         `yaml:"skill"`
	Args   map[string]any `yaml:"args"`
	Result *Schema        `yaml:"result"`
	Strict bool           `yaml:"strict"`
	Checks []Check        `yaml:"checks"`
}

// Accept is a finding of lint that the author accepts.
type Accept struct {
	Rule    string `yaml:"rule"`
	Because string `yaml:"because"`
}

func (l *loader) loadAgent(file, name string) {
	a := &Agent{Name: name}
	if a.Doc = l.open(file, "agent", a); a.Doc == nil {
		return
	}
	switch a.Doc.bodyKey {
	case "prompt":
		a.Prompt = a.Doc.Body
	case "instructions":
		a.Instructions = a.Doc.Body
	}
	l.define(func(p *Project) { p.Agents[name] = a })
	l.compile(a.Doc, "/payload", a.Payload)
	if a.Steps == nil {
		a.Steps = []*Step{a.shorthand()}
		l.compile(a.Doc, "/result", a.Result)
		return
	}
	l.loadSteps(a.Doc, "/steps", a.Steps)
}

// shorthand is the one step of an agent that has no steps.
func (a *Agent) shorthand() *Step {
	return &Step{Prompt: a.Prompt, Skill: a.Skill, Args: a.Args, Result: a.Result, Strict: a.Strict, Checks: a.Checks}
}

func (l *loader) loadSteps(d *Document, pointer string, steps []*Step) {
	for i, step := range steps {
		if step == nil { // null in the file, which the schema reported
			steps[i] = &Step{}
			step = steps[i]
		}
		step.Pointer = pointer + "/" + strconv.Itoa(i)
		l.compile(d, step.Pointer+"/result", step.Result)
		l.loadSteps(d, step.Pointer+"/parallel", step.Parallel)
	}
}
