package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

var _ kept = (*remote)(nil)

// remoteSession is a session as the server tells of it.
type remoteSession struct {
	Agent   string        `json:"agent"`
	Session string        `json:"session"`
	Created time.Time     `json:"created"`
	Updated time.Time     `json:"updated"`
	Runs    int           `json:"runs"`
	Waiting int           `json:"waiting"`
	Outcome store.Outcome `json:"outcome"`
	Leased  bool          `json:"leased"`
	Last    int64         `json:"last"`
}

func (s remoteSession) session() store.Session {
	return store.Session{Key: store.Key{Agent: s.Agent, Session: s.Session}, Created: s.Created, Updated: s.Updated,
		Runs: s.Runs, Waiting: s.Waiting, Outcome: s.Outcome, Leased: s.Leased, Last: s.Last}
}

// remoteRun is a run as the server tells of it.
type remoteRun struct {
	Run      string          `json:"run"`
	Agent    string          `json:"agent"`
	Session  string          `json:"session"`
	Status   string          `json:"status"`
	Admitted time.Time       `json:"admitted"`
	Ended    *time.Time      `json:"ended"`
	Error    json.RawMessage `json:"error"`
	Usage    json.RawMessage `json:"usage"`
}

func (r remoteRun) run() store.Run {
	run := store.Run{ID: r.Run, Session: store.Key{Agent: r.Agent, Session: r.Session}, Admitted: r.Admitted}
	if r.Ended != nil {
		run.Settlement = &store.Settlement{Outcome: store.Outcome(r.Status), Error: r.Error, Usage: r.Usage, Time: *r.Ended}
	}
	return run
}

// pages reads a list of the server page by page, until there are limit of them; 0 is all.
func pages[T any](ctx context.Context, r *remote, path string, query url.Values, limit int) (all []T, err error) {
	const most = 500 // of a page
	for {
		query.Set("limit", strconv.Itoa(most))
		if limit > 0 {
			query.Set("limit", strconv.Itoa(min(limit-len(all), most)))
		}
		var page struct { // one of the lists
			Sessions []T    `json:"sessions"`
			Runs     []T    `json:"runs"`
			Next     string `json:"next"`
		}
		if err := r.ask(ctx, call{method: http.MethodGet, path: path, query: query}, &page); err != nil {
			return nil, err
		}
		all = append(append(all, page.Sessions...), page.Runs...)
		if page.Next == "" || len(all) == limit {
			return all, nil
		}
		query.Set("after", page.Next)
	}
}

// agentQuery asks for those of an agent: the server's lists are of one or of all.
func agentQuery(agents []string) url.Values {
	query := url.Values{}
	if len(agents) > 0 {
		query.Set("agent", agents[0])
	}
	return query
}

func sessionPath(key store.Key) string {
	return "/agents/" + url.PathEscape(key.Agent) + "/" + url.PathEscape(key.Session)
}

func (r *remote) Session(ctx context.Context, key store.Key) (store.Session, error) {
	var s remoteSession
	err := r.ask(ctx, call{method: http.MethodGet, path: sessionPath(key)}, &s)
	return s.session(), err
}

func (r *remote) Sessions(ctx context.Context, q store.SessionQuery) (all []store.Session, err error) {
	query := agentQuery(q.Agents)
	if !q.Before.Updated.IsZero() {
		query.Set("after", q.Before.String())
	}
	list, err := pages[remoteSession](ctx, r, "/sessions", query, q.Limit)
	for _, s := range list {
		all = append(all, s.session())
	}
	return all, err
}

func (r *remote) RunByID(ctx context.Context, run string) (store.Run, error) {
	var answer remoteRun
	err := r.ask(ctx, call{method: http.MethodGet, path: "/runs/" + url.PathEscape(run)}, &answer)
	return answer.run(), err
}

func (r *remote) Runs(ctx context.Context, q store.RunQuery) (all []store.Run, err error) {
	query := agentQuery(q.Agents)
	if q.Session != (store.Key{}) {
		query.Set("agent", q.Session.Agent)
		query.Set("session", q.Session.Session)
	}
	if q.Unfinished {
		query.Set("unfinished", "true")
	}
	if q.Before != "" {
		query.Set("after", q.Before)
	}
	list, err := pages[remoteRun](ctx, r, "/runs", query, q.Limit)
	for _, one := range list {
		all = append(all, one.run())
	}
	return all, err
}

func (r *remote) Entries(ctx context.Context, key store.Key, after int64) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		res, err := r.do(ctx, call{method: http.MethodGet, path: sessionPath(key) + "/log", query: url.Values{"after": {strconv.FormatInt(after, 10)}}})
		if err != nil {
			yield(store.Entry{}, err)
			return
		}
		defer res.Body.Close()
		for lines := bufio.NewReader(res.Body); ; {
			line, err := lines.ReadBytes('\n')
			if err == io.EOF && len(line) == 0 {
				return
			}
			var entry store.Entry
			if err == nil {
				entry, err = entryOf(line)
			}
			if err != nil {
				yield(entry, fmt.Errorf("read the log of session %s from %s: %w", key, r.url, err))
				return
			}
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// entryOf is the entry that an event of the server is made of.
func entryOf(event []byte) (store.Entry, error) {
	var entry store.Entry
	err := json.Unmarshal(event, &entry) // both call their parts the same
	entry.Data = event
	return entry, err
}

func (r *remote) DeleteSession(ctx context.Context, key store.Key) error {
	return r.ask(ctx, call{method: http.MethodDelete, path: sessionPath(key)}, nil)
}

func (r *remote) Fork(ctx context.Context, from store.Key, session string, at int64) error {
	body := map[string]any{"session": session}
	if at >= 0 {
		body["at"] = at
	}
	return r.ask(ctx, call{method: http.MethodPost, path: sessionPath(from) + "/fork", body: body}, nil)
}

func (r *remote) Rewind(ctx context.Context, key store.Key, to int64) error {
	return r.ask(ctx, call{method: http.MethodPost, path: sessionPath(key) + "/rewind", body: map[string]int64{"to": to}}, nil)
}

func (r *remote) Abort(ctx context.Context, run string) (store.Run, error) {
	var answer remoteRun
	err := r.ask(ctx, call{method: http.MethodPost, path: "/runs/" + url.PathEscape(run) + "/abort"}, &answer)
	return answer.run(), err
}

func (r *remote) Agents(ctx context.Context) (names []string, err error) {
	var answer struct {
		Agents []struct {
			Name string `json:"name"`
		} `json:"agents"`
	}
	err = r.ask(ctx, call{method: http.MethodGet, path: "/agents"}, &answer)
	for _, agent := range answer.Agents {
		names = append(names, agent.Name)
	}
	return names, err
}

func (r *remote) FilesOutside(ctx context.Context, key store.Key) (bool, error) {
	_, err := r.Files(ctx, key)
	var none *engine.RequestError
	if errors.As(err, &none) {
		return true, nil
	}
	return false, err
}
