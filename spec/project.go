package spec

import (
	"io/fs"
	"time"

	"github.com/flue-run/flue/schema"
	"gopkg.in/yaml.v3"
)

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

// Settings is flue.yaml.
type Settings struct {
	Doc *Document `yaml:"-"`

	Model     ModelList            `yaml:"model"`
	Thinking  string               `yaml:"thinking"`
	Providers map[string]Provider  `yaml:"providers"`
	Models    map[string]ModelInfo `yaml:"models"`
	Store     string               `yaml:"store"`
	Server    Server               `yaml:"server"`
	MCP       map[string]MCP       `yaml:"mcp"`
	Limits    Limits               `yaml:"limits"`
}

// ModelList is one "provider/model-id" or a fallback chain of them.
type ModelList []string

// Provider is a row of the providers a project adds.
type Provider struct {
	API     string            `yaml:"api"` // openai or anthropic
	BaseURL string            `yaml:"base_url"`
	KeyEnv  string            `yaml:"key_env"`
	KeyCmd  []string          `yaml:"key_cmd"`
	Headers map[string]string `yaml:"headers"`
	Compat  map[string]any    `yaml:"compat"`
}

// ModelInfo says what flue should know of a model; it overrides the built-in table field by field.
type ModelInfo struct {
	ContextWindow int      `yaml:"context_window"` // tokens
	MaxOutput     int      `yaml:"max_output"`     // tokens
	InputPrice    *float64 `yaml:"input_price"`    // USD per million tokens
	OutputPrice   *float64 `yaml:"output_price"`   // USD per million tokens
	Thinking      *bool    `yaml:"thinking"`
}

// Server is how flue serve listens.
type Server struct {
	Address string  `yaml:"address"`
	Tokens  []Token `yaml:"tokens"`
}

// Token lets a client of the server in.
type Token struct {
	Name  string `yaml:"name"`
	Value string `yaml:"value"` // an expression that names an environment variable
}

// MCP is a server of tools.
type MCP struct {
	Command []string          `yaml:"command"`
	URL     string            `yaml:"url"`
	Env     map[string]string `yaml:"env"`
	Headers map[string]string `yaml:"headers"`
	Tools   []string          `yaml:"tools"`
}

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

// Limits bound a run or a step. A zero field is not set.
type Limits struct {
	Turns          int      `yaml:"turns"`  // 50
	Tokens         int      `yaml:"tokens"` // of the model, in and out
	CostUSD        float64  `yaml:"cost_usd"`
	Timeout        Duration `yaml:"timeout"`         // 1h
	Depth          int      `yaml:"depth"`           // 4
	ToolOutput     Size     `yaml:"tool_output"`     // 50 KiB
	ResultAttempts int      `yaml:"result_attempts"` // 5
}

// Compaction says when older messages are folded into a summary.
type Compaction struct {
	Enabled          *bool  `yaml:"enabled"` // true
	ReserveTokens    int    `yaml:"reserve_tokens"`
	KeepRecentTokens int    `yaml:"keep_recent_tokens"`
	Model            string `yaml:"model"`
}

// Accept is a finding of lint that the author accepts.
type Accept struct {
	Rule    string `yaml:"rule"`
	Because string `yaml:"because"`
}

// Triggers say how an agent may be started besides the command line.
type Triggers struct {
	Webhook *Webhook `yaml:"webhook"`
	Cron    []Cron   `yaml:"cron"`
}

// Webhook lets HTTP start an agent. `true` is a Webhook with nothing set.
type Webhook struct {
	Preset      string `yaml:"preset"`
	Verify      Verify `yaml:"verify"`
	If          string `yaml:"if"`
	Session     string `yaml:"session"`
	Idempotency string `yaml:"idempotency"`
}

// Verify is how a provider signs its calls.
type Verify struct {
	HMAC      string `yaml:"hmac"`
	Header    string `yaml:"header"`
	Prefix    string `yaml:"prefix"`
	SecretEnv string `yaml:"secret_env"`
}

// Cron starts an agent by the clock.
type Cron struct {
	Schedule string         `yaml:"schedule"`
	Timezone string         `yaml:"timezone"`
	Session  string         `yaml:"session"`
	Payload  map[string]any `yaml:"payload"`
	Overlap  string         `yaml:"overlap"`
	CatchUp  string         `yaml:"catch_up"`
}

// SandboxRef is a built-in sandbox or the name of one, or a sandbox written in place.
type SandboxRef struct {
	Name   string
	Inline *Sandbox
}

// Sandbox is one sandboxes/<name>.yaml, or the inline mapping of an agent.
type Sandbox struct {
	Doc  *Document `yaml:"-"`
	Name string    `yaml:"-"` // "" inline

	Description string            `yaml:"description"`
	Type        string            `yaml:"type"` // virtual, local, container, daytona
	Cwd         string            `yaml:"cwd"`
	Mounts      []Mount           `yaml:"mounts"`
	Env         map[string]string `yaml:"env"`
	Network     any               `yaml:"network"`
	Limits      SandboxLimits     `yaml:"limits"`

	Engine    string   `yaml:"engine"`
	Image     string   `yaml:"image"`
	Setup     []string `yaml:"setup"`
	CPUs      float64  `yaml:"cpus"`
	Memory    Size     `yaml:"memory"`
	Keep      string   `yaml:"keep"`
	Isolation string   `yaml:"isolation"`

	APIKey   string `yaml:"api_key"`
	APIURL   string `yaml:"api_url"`
	Snapshot string `yaml:"snapshot"`
	Cleanup  any    `yaml:"cleanup"`

	Endpoint  string `yaml:"endpoint"`
	Region    string `yaml:"region"`
	AccessKey string `yaml:"access_key"`
	SecretKey string `yaml:"secret_key"`
}

// Mount puts a folder or bucket into a sandbox.
type Mount struct {
	Path   string `yaml:"path"`
	Source string `yaml:"source"`
	Mode   string `yaml:"mode"` // ro, overlay, rw; default ro
}

// SandboxLimits bound each script of a sandbox and its files.
type SandboxLimits struct {
	Timeout Duration `yaml:"timeout"`
	Memory  Size     `yaml:"memory"`
	Files   Size     `yaml:"files"`
	Output  Size     `yaml:"output"`
}

// Role is one roles/<name>.md.
type Role struct {
	Doc  *Document `yaml:"-"`
	Name string    `yaml:"-"`

	Description  string    `yaml:"description"`
	Model        ModelList `yaml:"model"`
	Thinking     string    `yaml:"thinking"`
	Tools        *[]string `yaml:"tools"`
	Instructions string    `yaml:"-"` // the body
}

// Skill is one skills/<name>/SKILL.md.
type Skill struct {
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
	Idempotent  bool              `yaml:"idempotent"`
}

// CommandArgs is the list of allowed forms, or any.
type CommandArgs struct {
	Any   bool
	Lines []string
}

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

// ScriptedModel is one models/<name>.yaml. Its content is the adapter's: spec, which may not import
// adapters, has checked it against the schema; Doc.Root.Decode gives it to model/scripted.
type ScriptedModel struct {
	Doc  *Document
	Name string
}

// Schema is a JSON Schema that a user wrote, in place or as a file of the project.
type Schema struct {
	Pos  Pos    // of the schema's first key, in the file that holds it
	File string // the path that was named, or ""
	*schema.Schema
}

// Duration is written as 90s, 15m or 2h.
type Duration time.Duration

// Size is written as 64KiB or 1MiB: a number of bytes.
type Size int64

// Document is one file of the project, with the position of everything in it.
type Document struct {
	File   string // path from the project's folder, with slashes
	Kind   string // agent, role, skill, command, tool, sandbox, settings, model
	Source []byte
	Root   *yaml.Node // the mapping; of a Markdown file, its frontmatter
	Body   string     // of a Markdown file: what follows the frontmatter
}

// Pos is a place in a file; Line and Col count from 1, Col in bytes.
type Pos struct {
	File      string
	Line, Col int
}
