package engine

import (
	"context"
	"fmt"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// session is what a session's log adds up to: a fold over its events.
type session struct {
	messages []model.Message
	root     string // of the workspace's last snapshot; "": none yet
	last     int64  // position of the last entry

	open map[string]bool // calls without a result, by id

	// Of the run that is being carried out, and only of it:
	run     string
	started bool
	begin   int                // its first message
	outputs map[string]*Output // of finished steps
	asked   map[string]bool    // steps whose first message is in the conversation
	turns   int
	usage   model.Usage
}

// loadSession folds a session's log.
func loadSession(ctx context.Context, s store.Store, key store.Key, run string) (*session, error) {
	state := &session{run: run, open: map[string]bool{}, outputs: map[string]*Output{}, asked: map[string]bool{}}
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
	state.close()
	if !state.started {
		state.begin = len(state.messages)
	}
	return state, nil
}

// fold adds one event.
func (s *session) fold(e Event) {
	s.last = e.ID
	switch e.Type {
	case MessageStored:
		s.say(*e.Message)
	case ToolEnd:
		text, _ := e.Result.(string)
		s.answer(model.Block{Type: model.ResultBlock, ID: e.Call, Name: e.Tool, Text: text, IsError: e.IsError != nil && *e.IsError})
	case Workspace:
		s.root = e.Root
	}
	if e.Run != s.run {
		return
	}
	switch e.Type {
	case RunStart:
		if !s.started {
			s.started, s.begin = true, len(s.messages)
		}
	case StepEnd:
		s.outputs[e.Step] = e.Output
	case MessageStored:
		if e.Message.Role == model.User {
			s.asked[e.Step] = true
		}
	case TurnStart:
		s.turns = e.Turn
	case TurnEnd:
		s.usage.Add(*e.Usage)
	}
}

// say adds a message to the conversation. Calls that a crash or a timeout left without a result are answered before it.
func (s *session) say(m model.Message) {
	s.close()
	s.messages = append(s.messages, m)
	for _, call := range m.Calls() {
		s.open[call.ID] = true
	}
}

// answer adds the result of a call: all results of one answer are one user message, in the order of its calls.
func (s *session) answer(result model.Block) {
	if !s.open[result.ID] {
		return
	}
	delete(s.open, result.ID)
	last := len(s.messages) - 1
	if s.messages[last].Role == model.Assistant {
		s.messages = append(s.messages, model.Message{Role: model.User})
		last++
	}
	s.messages[last].Blocks = append(s.messages[last].Blocks, result)
}

// close answers the calls that have no result.
func (s *session) close() {
	if len(s.open) == 0 {
		return
	}
	for i := len(s.messages) - 1; i >= 0; i-- {
		if s.messages[i].Role != model.Assistant {
			continue
		}
		for _, call := range s.messages[i].Calls() {
			s.answer(model.Block{Type: model.ResultBlock, ID: call.ID, Name: call.Name, Text: model.Interrupted, IsError: true})
		}
		return
	}
}
