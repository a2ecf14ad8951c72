package spec

import (
	"gopkg.in/yaml.v3"
)

// Settings is flue.yaml.
type Settings struct {
	Doc *Document `yaml:"-"`

	Model     ModelList            `yaml:"model"`
	Thinking  string               `yaml:"thinking"`
	Providers map[string]Provider  `yaml:"providers"`
	Models    map[string]ModelInfo `yaml:"models"`
	Store     Store                `yaml:"store"`
	Server    Server               `yaml:"server"`
	MCP       map[string]MCP       `yaml:"mcp"`
	Limits    Limits               `yaml:"limits"`
}

// Store is where sessions are kept, and how long.
type Store struct {
	Path string   `yaml:"path"` // sqlite, memory, or a SQLite file; "" where there is a URL, or the default
	URL  string   `yaml:"url"`
	Keep Duration `yaml:"keep"` // of a session in which nothing happens; 0: for ever
}

// UnmarshalYAML takes a path, a URL or a mapping.
func (s *Store) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		s.Path = n.Value
		return nil
	}
	type mapping Store
	return n.Decode((*mapping)(s))
}

// ModelList is one "provider/model-id" or a fallback chain of them.
type ModelList []string

// Provider is a row of the providers a project adds.
type Provider struct {
	API     string            `yaml:"api"` // openai, openai-responses, anthropic or gemini
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
	Address string   `yaml:"address"`
	Tokens  []Token  `yaml:"tokens"`
	CORS    []string `yaml:"cors"`
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

// UnmarshalYAML takes one id or a list of them.
func (m *ModelList) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*m = ModelList{n.Value}
		return nil
	}
	return n.Decode((*[]string)(m))
}

func (l *loader) loadSettings(file string) {
	l.project.Settings.Doc = l.open(file, "settings", &l.project.Settings)
}
