package spec

import (
	"cmp"
	"strings"

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

	ForProviders bool `yaml:"-"` // written as a mapping: POST /webhooks/{agent} exists, too
}

// Verify is how a provider signs its calls.
type Verify struct {
	HMAC      string `yaml:"hmac"`
	Header    string `yaml:"header"`
	Prefix    string `yaml:"prefix"`
	Encoding  string `yaml:"encoding"`
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
	w.ForProviders = true
	return n.Decode((*plain)(w))
}

// presets are what a preset fills in. Slack and Stripe sign more than the body, so that Verify alone does not describe them.
var presets = map[string]Webhook{
	"github": {
		Verify:      Verify{HMAC: "sha256", Header: "X-Hub-Signature-256", Prefix: "sha256=", SecretEnv: "GITHUB_WEBHOOK_SECRET"},
		Idempotency: `${{ trigger.headers["x-github-delivery"] }}`,
	},
	"slack": {
		Verify:      Verify{HMAC: "sha256", Header: "X-Slack-Signature", Prefix: "v0=", SecretEnv: "SLACK_SIGNING_SECRET"},
		Idempotency: `${{ payload.event_id ?? payload.trigger_id ?? nil }}`, // of an event, and of a command or an interaction
	},
	"stripe": {
		Verify:      Verify{HMAC: "sha256", Header: "Stripe-Signature", SecretEnv: "STRIPE_WEBHOOK_SECRET"},
		Idempotency: `${{ payload.id }}`,
	},
}

// Filled is w with what its preset and the defaults say where w says nothing.
func (w Webhook) Filled() Webhook {
	if !w.Verified() {
		return w
	}
	preset := presets[w.Preset]
	secret := cmp.Or(w.Verify.SecretEnv, preset.Verify.SecretEnv)
	if w.Preset != "" {
		w.Verify = preset.Verify
	}
	w.Verify.SecretEnv = secret
	w.Verify.Encoding = cmp.Or(w.Verify.Encoding, "hex")
	w.Idempotency = cmp.Or(w.Idempotency, preset.Idempotency)
	return w
}

// Verified says whether calls have to be signed.
func (w Webhook) Verified() bool { return w.Preset != "" || w.Verify != (Verify{}) }

// Shows says whether trigger.headers has a header of a call, by its name in lower case: not one that lets its reader in
// elsewhere, nor the signature.
func (w Webhook) Shows(header string) bool {
	if strings.EqualFold(header, w.Filled().Verify.Header) {
		return false
	}
	for _, secret := range []string{"authorization", "cookie", "signature", "token", "secret", "password", "api-key", "apikey"} {
		if strings.Contains(header, secret) {
			return false
		}
	}
	return true
}
