package spec

// Step is one entry of an agent's steps. Exactly one kind is set.
type Step struct {
	Pointer string `yaml:"-"` // JSON pointer in the agent's document: /steps/0; "" for the shorthand

	ID string `yaml:"id"`

	Prompt   string         `yaml:"prompt"`
	Skill    string         `yaml:"skill"`
	Shell    string         `yaml:"shell"`
	Task     string         `yaml:"task"`
	Agent    string         `yaml:"agent"`
	Parallel []*Step        `yaml:"parallel"`
	Payload  map[string]any `yaml:"payload"`   // of Agent
	Cwd      string         `yaml:"cwd"`       // of Shell
	Env      map[string]any `yaml:"env"`       // of Shell
	Worktree string         `yaml:"workspace"` // of Task: the folder it works in

	If              string         `yaml:"if"`
	ForEach         string         `yaml:"for_each"`
	Args            map[string]any `yaml:"args"`
	Result          *Schema        `yaml:"result"`
	Strict          bool           `yaml:"strict"`
	Role            string         `yaml:"role"`
	Model           ModelList      `yaml:"model"`
	Thinking        string         `yaml:"thinking"`
	Tools           *[]string      `yaml:"tools"`
	Commands        *[]string      `yaml:"commands"` // replaces the agent's
	Limits          Limits         `yaml:"limits"`
	Checks          []Check        `yaml:"checks"`
	Retry           *Retry         `yaml:"retry"`
	Timeout         Duration       `yaml:"timeout"`
	ContinueOnError bool           `yaml:"continue_on_error"`
}

// Kind is the key that says what the step does: prompt, skill, shell, task, agent or parallel.
func (s *Step) Kind() string {
	switch {
	case s.Skill != "":
		return "skill"
	case s.Shell != "":
		return "shell"
	case s.Task != "":
		return "task"
	case s.Agent != "":
		return "agent"
	case s.Parallel != nil:
		return "parallel"
	}
	return "prompt"
}

// Check is a script that must succeed before a step is done.
type Check struct {
	Shell    string `yaml:"shell"`
	Attempts int    `yaml:"attempts"` // 3
}

// Retry runs a failed step again.
type Retry struct {
	Attempts int      `yaml:"attempts"` // 3, the first one included
	Backoff  Duration `yaml:"backoff"`  // 1s; doubles each time
}
