package spec

import (
	"gopkg.in/yaml.v3"
)

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

// UnmarshalYAML takes true, too.
func (w *Webhook) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return nil
	}
	type plain Webhook
	return n.Decode((*plain)(w))
}
