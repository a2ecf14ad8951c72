package engine

import (
	"context"
	"fmt"
	"sync"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// session is what a session's log adds up to: a fold over its events.
type session struct {
	mu    sync.Mutex       // guards talks and root while sub-agents and parallel steps work
	talks map[string]*talk // by task; "" is the session's own
	root  string           // of the workspace's last snapshot; "": none yet

	// Of the run that is being carried out, and only of it:
	run     string
	started bool
	begin   int                // its first message in the session's own talk
	outputs map[string]*Output // of finished steps
	turns   int
	usage   model.Usage
	calls   map[string]int // of privileged commands
}

// talk is the conversation of a task, which is begun if there is none; "" is the session's own.
func (s *session) talk(task string) *talk {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.talks[task]
	if t == nil {
		t = newTalk()
		s.talks[task] = t
	}
	return t
}

// loadSession folds a session's log.
func loadSession(ctx context.Context, s store.Store, key store.Key, run string) (*session, error) {
	state := &session{run: run, talks: map[string]*talk{}, outputs: map[string]*Output{}, calls: map[string]int{}}
	for entry, err := range s.Entries(ctx, key, 0) {
		if err != nil {
			return nil, fmt.Errorf("read session %s: %w", key, err)
		}
		e, err := EventOf(key, entry)
		if err != nil {
			return nil, err
		}
		state.fold(e)
	}
	for _, t := range state.talks {
		t.close()
	}
	if !state.started {
		state.begin = len(state.talk("").messages)
	}
	return state, nil
}

// fold adds one event.
func (s *session) fold(e Event) {
	t := s.talk(e.Task)
	switch e.Type {
	case MessageStored:
		t.say(*e.Message)
	case ToolEnd:
		text, _ := e.Result.(string)
		t.answer(model.Block{Type: model.ResultBlock, ID: e.Call, Name: e.Tool, Text: text, IsError: e.IsError != nil && *e.IsError})
	case Workspace:
		s.root = e.Root
	}
	if e.Run != s.run {
		return
	}
	switch e.Type {
	case RunStart:
		if !s.started {
			s.started, s.begin = true, len(t.messages)
		}
	case StepEnd:
		s.outputs[e.Step] = e.Output
	case MessageStored:
		if e.Message.Role == model.User {
			t.asked[e.Step] = true
		}
	case CommandStart:
		s.calls[e.Command]++
	case TurnStart:
		s.turns = max(s.turns, e.Turn)
	case TurnEnd:
		s.usage.Add(*e.Usage)
	}
}
