package server

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

const (
	maxWebhook  = 25 << 20 // bytes of a provider's call
	maxDelivery = 255      // bytes of a delivery's id
)

// webhook answers POST /webhooks/{agent}: a provider's call. The signature comes first, over the bytes as they came; then
// the body is read, `if` asked, and the run accepted.
func (s *Server) webhook(w http.ResponseWriter, r *http.Request) error {
	agent := s.project().Agents[r.PathValue("agent")]
	if agent == nil || agent.Triggers.Webhook == nil || !agent.Triggers.Webhook.ForProviders {
		return agentNotFound(r.PathValue("agent"))
	}
	hook := agent.Triggers.Webhook.Filled()
	body, err := s.readSigned(w, r, hook)
	if err != nil {
		return err
	}
	call, err := readCall(hook, r.Header, body)
	if err != nil {
		return err
	}
	if answer := call.handshake(hook, r.Header); answer != nil {
		s.writeJSON(w, http.StatusOK, answer)
		return nil
	}
	req, err := s.request(agent.Name, hook, r.Header, call)
	if err != nil {
		return err
	}
	if req == nil {
		s.answerCall(w, r, call, http.StatusOK, map[string]string{"status": "ignored"})
		return nil
	}
	run, err := s.cfg.Runner.Accept(r.Context(), *req)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/runs/"+run.Run.ID)
	s.answerCall(w, r, call, http.StatusAccepted, accepted{run.Run.ID, run.Run.Session.Session, "accepted"})
	return nil
}

// answerCall answers a call. Slack shows what answers a command or an interaction to its user, so that it gets nothing.
func (s *Server) answerCall(w http.ResponseWriter, r *http.Request, call call, status int, value any) {
	if call.fromUser {
		s.hurry(w)
		w.WriteHeader(http.StatusOK)
		return
	}
	s.writeJSON(w, status, value)
}

// readSigned reads the body of a call that its provider has signed; where the agent asks for no signature, of one with the
// server's token. Who gets it wrong learns nothing more.
func (s *Server) readSigned(w http.ResponseWriter, r *http.Request, hook spec.Webhook) ([]byte, error) {
	if !hook.Verified() {
		if err := s.admit(r, byToken); err != nil {
			return nil, err
		}
		return s.readRaw(w, r, maxWebhook)
	}
	forged := &apiError{status: http.StatusUnauthorized, kind: "unauthorized", message: "the signature is not valid"}
	if r.Header.Get(hook.Verify.Header) == "" {
		return nil, forged // without a body's worth of work
	}
	body, err := s.readRaw(w, r, maxWebhook)
	if err != nil {
		return nil, err
	}
	secret, _ := s.cfg.Env(hook.Verify.SecretEnv) // an empty one verifies nothing
	if !verify(hook, []byte(secret), r.Header, body, s.cfg.Now()) {
		return nil, forged
	}
	return body, nil
}

// request asks for the run of a call; nil: `if` says that there is to be none.
func (s *Server) request(agent string, hook spec.Webhook, header http.Header, call call) (*engine.Request, error) {
	req := &engine.Request{Agent: agent, Payload: call.body, KeyAlone: true,
		Trigger: engine.Trigger{Kind: "webhook", Headers: shownHeaders(hook, header)}}
	vars := map[string]any{
		"agent":   map[string]any{"name": agent},
		"date":    s.cfg.Now().UTC().Format(time.DateOnly),
		"payload": call.payload,
		"trigger": map[string]any{"kind": req.Trigger.Kind, "headers": req.Trigger.Headers},
	}
	if hook.If != "" {
		yes, err := expr.Eval(hook.If, vars)
		if err != nil {
			return nil, unfit("if: %v", err)
		}
		if _, ok := yes.(bool); !ok {
			return nil, unfit("if: the expression gives %s, not true or false", expr.TypeName(yes))
		}
		if yes == false {
			return nil, nil
		}
	}
	var err error
	if req.Session, err = fill(hook.Session, vars); err != nil {
		return nil, unfit("session: %v", err)
	}
	if key := (store.Key{Agent: agent, Session: req.Session}); hook.Session != "" && key.Check() != nil {
		return nil, unfit("session: %v", key.Check())
	}
	if req.IdempotencyKey, err = fill(hook.Idempotency, vars); err != nil {
		return nil, unfit("idempotency: %v", err)
	}
	if len(req.IdempotencyKey) > maxDelivery {
		return nil, unfit("idempotency: %.40q… is longer than %d bytes", req.IdempotencyKey, maxDelivery)
	}
	return req, nil
}

// unfit says which of a trigger's expressions does not go with a call.
func unfit(format string, args ...any) *apiError {
	return &apiError{status: http.StatusUnprocessableEntity, kind: "unfit_call", message: fmt.Sprintf("triggers.webhook."+format, args...)}
}

// fill evaluates a text with expressions. nil is no text.
func fill(text string, vars map[string]any) (string, error) {
	template, err := expr.Parse(text)
	if err != nil {
		return "", err
	}
	value, err := template.Value(vars)
	if value == nil || err != nil {
		return "", err
	}
	return template.Text(vars)
}

// shownHeaders are the headers that expressions may see, by their names in lower case.
func shownHeaders(hook spec.Webhook, header http.Header) map[string]string {
	shown := map[string]string{}
	for name, values := range header {
		if name = strings.ToLower(name); hook.Shows(name) {
			shown[name] = strings.Join(values, ", ")
		}
	}
	return shown
}

// MissingSecrets are the webhooks of a project whose secret is not among the variables that env looks up, or is empty: anybody
// could sign with that. A project with such a problem is not served.
func MissingSecrets(p *spec.Project, env func(name string) (string, bool)) []spec.Problem {
	var missing []spec.Problem
	for _, agent := range Served(p) {
		hook := agent.Triggers.Webhook
		if hook == nil || !hook.Verified() {
			continue
		}
		name := hook.Filled().Verify.SecretEnv
		if secret, _ := env(name); strings.TrimSpace(secret) != "" {
			continue
		}
		at := "/triggers/webhook/verify/secret_env"
		if !agent.Doc.Has(at) {
			at = "/triggers/webhook/preset"
		}
		problem := spec.Problem{Rule: "empty-secret", Text: fmt.Sprintf("the variable %s is empty or not set", name),
			Hint: "set it to the secret that the provider signs its calls with"}
		problem.Pos, problem.End = agent.Doc.Span(at)
		missing = append(missing, problem)
	}
	return missing
}
