package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// manifest is what a client may know of an agent.
type manifest struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Triggers    triggers        `json:"triggers"`
	Payload     json.RawMessage `json:"payload,omitempty"` // JSON Schema of the body of POST /agents/{agent}
	Result      json.RawMessage `json:"result,omitempty"`  // JSON Schema of `result` in its answer
}

type triggers struct {
	HTTP    bool       `json:"http"`    // POST /agents/{agent}
	Webhook bool       `json:"webhook"` // POST /webhooks/{agent}
	Cron    []schedule `json:"cron,omitempty"`
}

type schedule struct {
	Schedule string `json:"schedule"`
	Timezone string `json:"timezone,omitempty"`
	Next     string `json:"next,omitempty"` // RFC 3339, in the time zone; "": never
}

// listAgents answers GET /agents.
func (s *Server) listAgents(w http.ResponseWriter, _ *http.Request) error {
	list := []manifest{}
	for _, agent := range Served(s.project()) {
		list = append(list, s.manifest(agent))
	}
	s.writeJSON(w, http.StatusOK, map[string]any{"agents": list})
	return nil
}

// showAgent answers GET /agents/{agent}.
func (s *Server) showAgent(w http.ResponseWriter, r *http.Request) error {
	agent, err := s.agent(r)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, s.manifest(agent))
	return nil
}

func (s *Server) manifest(a *spec.Agent) manifest {
	m := manifest{Name: a.Name, Description: a.Description, Payload: schemaOf(a.Payload), Result: resultOf(a)}
	if hook := a.Triggers.Webhook; hook != nil {
		m.Triggers.HTTP = s.startableHere(a)
		m.Triggers.Webhook = hook.ForProviders
	}
	for _, c := range a.Triggers.Cron {
		one := schedule{Schedule: c.Schedule, Timezone: c.Timezone}
		if next := c.Next(s.cfg.Now()); !next.IsZero() {
			one.Next = next.Format(time.RFC3339)
		}
		m.Triggers.Cron = append(m.Triggers.Cron, one)
	}
	return m
}

// resultOf is the schema of a run's result, where the files say it: `return` has none.
func resultOf(a *spec.Agent) json.RawMessage {
	if a.Return != "" || len(a.Steps) == 0 {
		return nil
	}
	last := a.Steps[len(a.Steps)-1]
	if last.If != "" || last.ForEach != "" {
		return nil
	}
	return schemaOf(last.Result)
}

func schemaOf(s *spec.Schema) json.RawMessage {
	if s == nil {
		return nil
	}
	return s.JSON()
}

// Served are the agents that the server knows of, by name: those with a trigger. The others are for the command line.
func Served(p *spec.Project) []*spec.Agent {
	var agents []*spec.Agent
	for _, name := range slices.Sorted(maps.Keys(p.Agents)) {
		if isServed(p.Agents[name]) {
			agents = append(agents, p.Agents[name])
		}
	}
	return agents
}

// listed are the names of the agents whose sessions and runs a list has: those that are served, or of them the one that
// ?agent= names.
func (s *Server) listed(r *http.Request) []string {
	names, only := []string{}, r.FormValue("agent")
	for _, agent := range Served(s.project()) {
		if only == "" || only == agent.Name {
			names = append(names, agent.Name)
		}
	}
	return names
}

func isServed(a *spec.Agent) bool {
	return a != nil && (a.Triggers.Webhook != nil || len(a.Triggers.Cron) > 0)
}

// agent is the one that the path of a request names.
func (s *Server) agent(r *http.Request) (*spec.Agent, error) {
	agent := s.project().Agents[r.PathValue("agent")]
	if !isServed(agent) {
		return nil, agentNotFound(r.PathValue("agent"))
	}
	return agent, nil
}

// startable is the agent that the path of a request names, if the request may start it.
func (s *Server) startable(r *http.Request) (*spec.Agent, error) {
	agent, err := s.agent(r)
	switch {
	case err != nil:
		return nil, err
	case agent.Triggers.Webhook == nil:
		return nil, agentNotFound(agent.Name)
	case !s.startableHere(agent):
		return nil, &apiError{status: http.StatusForbidden, kind: "signature_needed",
			message: fmt.Sprintf("agent %s is started by signed calls of POST /webhooks/%s; clients with a token of server.tokens may start it here", agent.Name, agent.Name)}
	}
	return agent, nil
}

// startableHere says whether POST /agents/{agent} starts an agent that has a webhook trigger. Without tokens it does not
// take the place of a signature.
func (s *Server) startableHere(a *spec.Agent) bool { return len(s.tokens) > 0 || !isSigned(a) }

// isSigned says whether an agent's webhook takes calls with a provider's signature only.
func isSigned(a *spec.Agent) bool {
	return a.Triggers.Webhook != nil && a.Triggers.Webhook.Verified()
}

func agentNotFound(name string) *apiError {
	return &apiError{status: http.StatusNotFound, kind: "agent_not_found", message: fmt.Sprintf("there is no agent %.80q with a trigger; GET /agents lists those there are", name)}
}

// session is what the path of a request names; there need not be one.
func (s *Server) session(r *http.Request) (store.Key, error) {
	agent, err := s.agent(r)
	if err != nil {
		return store.Key{}, err
	}
	key := store.Key{Agent: agent.Name, Session: r.PathValue("session")}
	if !store.ValidSession(key.Session) {
		return store.Key{}, badSession(key.Session)
	}
	return key, nil
}

func badSession(id string) *apiError {
	return &apiError{status: http.StatusBadRequest, kind: "invalid_session",
		message: fmt.Sprintf("%.140q is no session id: a letter or a digit, then letters, digits and . _ : @ -, at most 128 in all", id)}
}
