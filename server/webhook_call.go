package server

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

// call is what a provider sent.
type call struct {
	body     json.RawMessage
	payload  any  // body, decoded
	fromUser bool // Slack's commands and interactions, which somebody waits for
}

// readCall reads the body of a verified call: JSON, or one of the forms that GitHub and Slack send.
func readCall(hook spec.Webhook, header http.Header, body []byte) (c call, err error) {
	kind := header.Get("Content-Type")
	if kind != "" {
		if kind, _, err = mime.ParseMediaType(kind); err != nil {
			kind = header.Get("Content-Type")
		}
	}
	switch {
	case kind == "" || kind == "application/json" || strings.HasSuffix(kind, "+json"):
		c.body = body
	case kind == "application/x-www-form-urlencoded" && (hook.Preset == "github" || hook.Preset == "slack"):
		c.fromUser = hook.Preset == "slack"
		if c.body, err = readForm(hook, body); err != nil {
			return call{}, err
		}
	default:
		return call{}, unsupported("a webhook's body is JSON: send Content-Type: application/json")
	}
	if err := checkJSON(c.body); err != nil {
		return call{}, err
	}
	if c.payload, err = schema.Decode(c.body); err != nil {
		return call{}, fmt.Errorf("decode a webhook's body: %w", err)
	}
	return c.withoutToken(hook)
}

// readForm makes JSON of a form: what its field payload holds, or an object of its fields.
func readForm(hook spec.Webhook, body []byte) (json.RawMessage, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, invalid("the body is no form: %v", err)
	}
	if form.Has("payload") || hook.Preset == "github" {
		return json.RawMessage(form.Get("payload")), nil
	}
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	return json.Marshal(fields)
}

// withoutToken leaves out the token by which Slack's calls were known before they were signed: it is a secret still.
func (c call) withoutToken(hook spec.Webhook) (call, error) {
	fields, ok := c.payload.(map[string]any)
	if _, has := fields["token"]; hook.Preset != "slack" || !ok || !has {
		return c, nil
	}
	delete(fields, "token")
	var err error
	if c.body, err = json.Marshal(fields); err != nil {
		return call{}, fmt.Errorf("encode a webhook's body: %w", err)
	}
	return c, nil
}

// handshake is the answer to a call by which a provider tries whether somebody is there; nil: it is none.
func (c call) handshake(hook spec.Webhook, header http.Header) any {
	fields, _ := c.payload.(map[string]any)
	switch {
	case hook.Preset == "github" && header.Get("X-GitHub-Event") == "ping", hook.Preset == "slack" && fields["ssl_check"] == "1":
		return map[string]string{"status": "ok"}
	case hook.Preset == "slack" && fields["type"] == "url_verification":
		return map[string]any{"challenge": fields["challenge"]}
	}
	return nil
}
