package engine

import (
	"context"
	"sync"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// session is what a session's log adds up to: a fold over its events.
type session struct {
	mu    sync.Mutex       // guards talks and root while sub-agents and parallel steps work
	talks map[string]*talk // by task; "" is the session's own
	root  string           // of the workspace's last snapshot; "": none yet
	last  int64            // position of the last entry that is in it

	// Of the run that is being carried out, and only of it:
	run     string
	started bool
	told    talk               // its part of the session's own conversation, with nothing folded
	outputs map[string]*Output // of finished steps
	turns   int
	usage   model.Usage
	calls   map[string]int      // of privileged commands
	begun   map[string][]string // by step: the commands that its last try has called
}

// talk is the conversation of a task, which is begun if there is none; "" is the session's own.
func (s *session) talk(task string) *talk {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.talks[task]
	if t == nil {
		t = &talk{}
		s.talks[task] = t
	}
	return t
}

// newSession is a session in which nothing has happened, seen from a run.
func newSession(run string) *session {
	return &session{run: run, talks: map[string]*talk{}}
}

// loadSession folds a session's log, as far as it counts for a run.
func loadSession(ctx context.Context, s store.Store, key store.Key, run string) (*session, error) {
	return foldLog(ctx, s, key, run, nil)
}

// foldLog is what counts of a session's log, seen from a run; also, if there is one, is called with every event of it.
func foldLog(ctx context.Context, s Log, key store.Key, run string, also func(Event)) (*session, error) {
	entries, err := lived(ctx, s, key)
	if err != nil {
		return nil, err
	}
	state := newSession(run)
	for _, entry := range entries {
		state.last = entry.Seq
		if also == nil && entry.Run != run && !lasts(EventType(entry.Type)) {
			continue
		}
		e, err := EventOf(key, entry)
		if err != nil {
			return nil, err
		}
		state.fold(e)
		if also != nil {
			also(e)
		}
	}
	return state, nil
}

// lasts says that an event of that type counts for later runs, too.
func lasts(t EventType) bool {
	return t == MessageStored || t == ToolEnd || t == CompactionEnd || t == Workspace
}

// set makes a map when something comes into it: in a new session, most have nothing.
func set[K comparable, V any](in *map[K]V, key K, value V) {
	if *in == nil {
		*in = map[K]V{}
	}
	(*in)[key] = value
}

// fold adds one event.
func (s *session) fold(e Event) {
	t := s.talk(e.Task)
	switch e.Type {
	case MessageStored:
		if e.Run == s.run && e.Message.Role == model.User && !t.asked[e.Step] {
			t.begin(*e.Message)
		} else {
			t.say(*e.Message)
		}
		if e.Reason == inCircles {
			t.loop.warn()
		}
	case ToolEnd:
		t.answer(resultOf(e))
	case CompactionEnd:
		t.compact(e)
	case Workspace:
		s.root = e.Root
	}
	if e.Run != s.run {
		return
	}
	if e.Task == "" {
		s.tell(e)
	}
	switch e.Type {
	case RunStart:
		s.started = true
	case StepStart:
		delete(s.begun, e.Step)
	case StepEnd:
		set(&s.outputs, e.Step, e.Output)
	case MessageStored:
		if e.Message.Role == model.User {
			set(&t.asked, e.Step, true)
		}
	case CommandStart:
		set(&s.calls, e.Command, s.calls[e.Command]+1)
		set(&s.begun, e.Step, append(s.begun[e.Step], e.Command))
	case TurnEnd: // a turn without an answer is asked again, and counted then
		s.turns = max(s.turns, e.Turn)
		s.usage.Add(*e.Usage)
	case CompactionEnd, TaskEnd: // of an agent step, whose run has a log of its own
		if e.Usage != nil {
			s.usage.Add(*e.Usage)
		}
	}
}

// tell adds an event of the run to what its models were asked and answered. A summary is an answer, too.
func (s *session) tell(e Event) {
	switch {
	case e.Type == MessageStored:
		s.told.say(*e.Message)
	case e.Type == ToolEnd:
		s.told.answer(resultOf(e))
	case e.Type == CompactionEnd && e.Message != nil:
		s.told.say(model.Message{Role: model.Assistant, Model: e.Model, Blocks: e.Message.Blocks})
	}
}

// resultOf is the result that a tool_end holds.
func resultOf(e Event) model.Block {
	text, _ := e.Result.(string)
	return model.Block{Type: model.ResultBlock, ID: e.Call, Name: e.Tool, Text: text, IsError: e.IsError != nil && *e.IsError}
}
