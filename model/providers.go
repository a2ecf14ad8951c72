package model

import "slices"

// API names a wire format, which is a folder beside this file.
type API string

// The APIs.
const (
	OpenAI    API = "openai"           // Chat Completions
	Responses API = "openai-responses" // Responses
	Anthropic API = "anthropic"        // Messages
	Gemini    API = "gemini"           // generateContent
)

// APIs lists the wire formats.
func APIs() []API { return []API{OpenAI, Responses, Anthropic, Gemini} }

// Endpoint is a row of the list of providers: who speaks which wire format where. flue.yaml adds rows.
type Endpoint struct {
	Name       string            `yaml:"-"`
	API        API               `yaml:"api"`
	BaseURL    string            `yaml:"base_url"`
	BaseURLEnv string            `yaml:"-"`       // a variable that replaces BaseURL
	EnvAPI     API               `yaml:"-"`       // what is spoken at another address in BaseURLEnv; default: API
	KeyEnv     string            `yaml:"key_env"` // the variable with the key; without KeyEnv and KeyCmd no key is needed
	KeyEnv2    string            `yaml:"-"`       // the variable that is read where KeyEnv is not set
	KeyCmd     []string          `yaml:"key_cmd"` // a program that prints the key
	Headers    map[string]string `yaml:"headers"`
	Compat     Compat            `yaml:"compat"`
}

// Compat is where an endpoint of the OpenAI APIs differs from the others. The zero value suits servers that know the
// common subset only.
type Compat struct {
	MaxTokens string `yaml:"max_tokens"` // the field of the output limit; default max_tokens
	Developer bool   `yaml:"developer"`  // the system prompt's role is developer
	Effort    string `yaml:"effort"`     // how thinking is asked for: reasoning_effort, reasoning; default: not at all
	Thinking  string `yaml:"thinking"`   // the field in which a model's thinking goes back to it; default: it does not
	Summary   string `yaml:"summary"`    // Responses: the summary of its thinking that a model is asked for; default: none
	CacheKey  bool   `yaml:"cache_key"`  // it knows prompt_cache_key
	Cost      bool   `yaml:"cost"`       // usage.cost is the price of the request in USD
	ShortIDs  bool   `yaml:"short_ids"`  // ids of calls must be nine letters or digits
	NoUsage   bool   `yaml:"no_usage"`   // it refuses stream_options
	NoStrict  bool   `yaml:"no_strict"`  // it refuses strict in a tool
	NoTools   bool   `yaml:"no_tools"`   // it refuses tools: they are left out
}

// Endpoints lists the built-in providers.
func Endpoints() []Endpoint { return slices.Clone(endpoints) }

var endpoints = []Endpoint{
	{Name: "anthropic", API: Anthropic, BaseURL: "https://api.anthropic.com", BaseURLEnv: "ANTHROPIC_BASE_URL",
		KeyEnv: "ANTHROPIC_API_KEY"},
	// OpenAI's models keep their thinking from call to call over Responses only. What OPENAI_BASE_URL names is most often a
	// server that copies Chat Completions.
	{Name: "openai", API: Responses, BaseURL: "https://api.openai.com/v1", BaseURLEnv: "OPENAI_BASE_URL", EnvAPI: OpenAI,
		KeyEnv: "OPENAI_API_KEY",
		Compat: Compat{MaxTokens: "max_completion_tokens", Developer: true, Effort: "reasoning_effort", CacheKey: true}},
	{Name: "azure", API: OpenAI, KeyEnv: "AZURE_OPENAI_API_KEY", // base_url: https://<resource>.openai.azure.com/openai/v1
		Compat: Compat{MaxTokens: "max_completion_tokens", Developer: true, Effort: "reasoning_effort"}},
	{Name: "google", API: Gemini, BaseURL: "https://generativelanguage.googleapis.com/v1beta", BaseURLEnv: "GOOGLE_GEMINI_BASE_URL",
		KeyEnv: "GEMINI_API_KEY", KeyEnv2: "GOOGLE_API_KEY"},
	{Name: "openrouter", API: OpenAI, BaseURL: "https://openrouter.ai/api/v1", KeyEnv: "OPENROUTER_API_KEY",
		Compat: Compat{Effort: "reasoning", Cost: true}},
	{Name: "groq", API: OpenAI, BaseURL: "https://api.groq.com/openai/v1", KeyEnv: "GROQ_API_KEY",
		Compat: Compat{MaxTokens: "max_completion_tokens", Effort: "reasoning_effort"}},
	{Name: "xai", API: OpenAI, BaseURL: "https://api.x.ai/v1", KeyEnv: "XAI_API_KEY",
		Compat: Compat{MaxTokens: "max_completion_tokens", Effort: "reasoning_effort"}},
	{Name: "deepseek", API: OpenAI, BaseURL: "https://api.deepseek.com/v1", KeyEnv: "DEEPSEEK_API_KEY",
		Compat: Compat{Thinking: "reasoning_content", NoStrict: true}},
	{Name: "mistral", API: OpenAI, BaseURL: "https://api.mistral.ai/v1", KeyEnv: "MISTRAL_API_KEY",
		Compat: Compat{ShortIDs: true, NoUsage: true}},
	{Name: "together", API: OpenAI, BaseURL: "https://api.together.xyz/v1", KeyEnv: "TOGETHER_API_KEY"},
	{Name: "cerebras", API: OpenAI, BaseURL: "https://api.cerebras.ai/v1", KeyEnv: "CEREBRAS_API_KEY",
		Compat: Compat{MaxTokens: "max_completion_tokens"}},
	{Name: "fireworks", API: OpenAI, BaseURL: "https://api.fireworks.ai/inference/v1", KeyEnv: "FIREWORKS_API_KEY"},
	{Name: "ollama", API: OpenAI, BaseURL: "http://127.0.0.1:11434/v1"},
	{Name: "lmstudio", API: OpenAI, BaseURL: "http://127.0.0.1:1234/v1"},
	{Name: "llamacpp", API: OpenAI, BaseURL: "http://127.0.0.1:8080/v1"},
	{Name: "vllm", API: OpenAI, BaseURL: "http://127.0.0.1:8000/v1"},
}
