package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// mostListed is how many sessions and runs a page lists.
const mostListed = 100

// home shows the agents, what is going on, and the latest sessions.
func (c *console) home(w http.ResponseWriter, r *http.Request) error {
	sessions, err := c.sessions(r)
	if err != nil {
		return err
	}
	open, err := c.Store.Runs(r.Context(), store.RunQuery{Unfinished: true, Limit: mostListed})
	if err != nil {
		return err
	}
	agents := c.Runner.Engine().Project().Agents
	return c.render(w, r, "home.html", struct {
		Agents   []*spec.Agent
		Sessions sessionList
		Open     []store.Run
	}{sorted(agents), sessions, open})
}

// sessionList is a page of the list of sessions.
type sessionList struct {
	List  []store.Session
	Later bool   // it is not the first
	Next  string // ?before= of the page of older ones; "": there are none
}

// sessions is the page from ?before= on of the sessions of the agents that are named, or of all.
func (c *console) sessions(r *http.Request, agents ...string) (page sessionList, err error) {
	q := store.SessionQuery{Agents: agents, Limit: mostListed + 1}
	if before := r.URL.Query().Get("before"); before != "" {
		if q.Before, err = store.ParseMark(before); err != nil {
			return page, &notice{http.StatusBadRequest, "This page is not there any more. " + err.Error()}
		}
		page.Later = true
	}
	if page.List, err = c.Store.Sessions(r.Context(), q); err != nil || len(page.List) <= mostListed {
		return page, err
	}
	page.List = page.List[:mostListed]
	page.Next = page.List[mostListed-1].Mark().String()
	return page, nil
}

func sorted(agents map[string]*spec.Agent) []*spec.Agent {
	var all []*spec.Agent
	for _, name := range slices.Sorted(maps.Keys(agents)) {
		all = append(all, agents[name])
	}
	return all
}

// agentPage is an agent with the form that starts it.
type agentPage struct {
	Agent    *spec.Agent
	Fields   []field
	Error    string
	Sessions sessionList
	Grants   string // what it may use and is told; "" where that cannot be said
	Schemas  []shown
}

// shown is a titled text.
type shown struct{ Title, Text string }

func (c *console) find(r *http.Request) (*spec.Agent, error) {
	agent := c.Runner.Engine().Project().Agents[r.PathValue("agent")]
	if agent == nil {
		return nil, &notice{http.StatusNotFound, fmt.Sprintf("There is no agent %q in this project.", r.PathValue("agent"))}
	}
	return agent, nil
}

// agent shows one agent.
func (c *console) agent(w http.ResponseWriter, r *http.Request) error {
	agent, err := c.find(r)
	if err != nil {
		return err
	}
	return c.showAgent(w, r, agent, fieldsOf(payloadSchema(agent)), "")
}

func payloadSchema(agent *spec.Agent) json.RawMessage {
	if agent.Payload == nil {
		return nil
	}
	return agent.Payload.JSON()
}

func (c *console) showAgent(w http.ResponseWriter, r *http.Request, agent *spec.Agent, fields []field, wrong string) error {
	sessions, err := c.sessions(r, agent.Name)
	if err != nil {
		return err
	}
	page := agentPage{Agent: agent, Fields: fields, Error: wrong, Sessions: sessions}
	if d, err := c.Runner.Engine().Describe(r.Context(), agent.Name); err == nil {
		page.Grants = grants(d)
		page.Schemas = append(page.Schemas, shown{"What it is told", d.System})
	}
	if agent.Payload != nil {
		page.Schemas = append(page.Schemas, shown{"Payload schema", pretty(agent.Payload.JSON())})
	}
	if last := agent.Steps[len(agent.Steps)-1]; last.Result != nil {
		page.Schemas = append(page.Schemas, shown{"Result schema", pretty(last.Result.JSON())})
	}
	return c.render(w, r, "agent.html", page)
}

// grants says what an agent may use, a line each.
func grants(d engine.Description) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sandbox  %s\n", d.Sandbox)
	for _, m := range d.Mounts {
		fmt.Fprintf(&b, "mount    %s\n", m)
	}
	fmt.Fprintf(&b, "limits   %s\n", d.Limits)
	for _, s := range d.Steps {
		fmt.Fprintf(&b, "step %s   %s", s.Label, s.Kind)
		for _, list := range []struct {
			name  string
			items []string
		}{{"models", s.Models}, {"tools", s.Tools}} {
			if len(list.items) > 0 {
				fmt.Fprintf(&b, " · %s: %s", list.name, strings.Join(list.items, ", "))
			}
		}
		for _, command := range s.Commands {
			fmt.Fprintf(&b, "\n         command %s", command.Name)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// start begins a run from the form: in a new session, or in the one that the path names.
func (c *console) start(w http.ResponseWriter, r *http.Request) error {
	agent, err := c.find(r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		return &notice{http.StatusBadRequest, "The form cannot be read: " + err.Error()}
	}
	fields := fieldsOf(payloadSchema(agent))
	payload, err := payloadOf(fields, r.PostForm)
	if err == nil {
		var accepted engine.Accepted
		accepted, err = c.Runner.Accept(r.Context(), engine.Request{Agent: agent.Name, Session: r.PathValue("session"), Payload: payload,
			Trigger: engine.Trigger{Kind: "http"}})
		if err == nil {
			key := accepted.Run.Session
			http.Redirect(w, r, sessionPath(key), http.StatusSeeOther)
			return nil
		}
	}
	var invalid *engine.PayloadError
	var full *engine.QueueFullError
	var request *engine.RequestError
	status, wrong := http.StatusBadRequest, err.Error()
	switch {
	case errors.As(err, &invalid):
		wrong = blame(fields, invalid)
	case errors.As(err, &full):
		status = http.StatusTooManyRequests
	case errors.Is(err, engine.ErrDraining):
		status = http.StatusServiceUnavailable
	case errors.As(err, &request), payload == nil:
	default:
		return err
	}
	w.WriteHeader(status)
	return c.showAgent(w, r, agent, fields, wrong)
}

// blame puts each violation to its field, and returns what belongs to none.
func blame(fields []field, invalid *engine.PayloadError) string {
	rest := "The payload does not fit."
	for _, v := range invalid.Violations {
		name, _, _ := strings.Cut(strings.TrimPrefix(v.Path, "/"), "/")
		if v.Keyword == "required" && v.Path == "" {
			name = v.Name
		}
		i := slices.IndexFunc(fields, func(f field) bool { return f.Name == name && name != "" })
		if i < 0 {
			rest += "\n" + v.String()
			continue
		}
		fields[i].Error = v.Message
	}
	return rest
}

// abort stops a run and goes back to where it was asked for.
func (c *console) abort(w http.ResponseWriter, r *http.Request) error {
	run, err := c.Store.RunByID(r.Context(), r.PathValue("run"))
	if err != nil {
		return err
	}
	if _, err := c.Runner.Abort(r.Context(), run.ID); err != nil && !errors.Is(err, store.ErrSettled) {
		return err
	}
	http.Redirect(w, r, sessionPath(run.Session), http.StatusSeeOther)
	return nil
}

// sessionPath is a session's page. Names and ids need no escaping in a path.
func sessionPath(key store.Key) string { return "/console/agents/" + key.Agent + "/" + key.Session }
