package engine

import (
	"slices"

	"github.com/flue-run/flue/model"
)

// talk is one conversation with a model: the session's own, or that of a sub-agent. Only one step at a time writes to it.
type talk struct {
	messages []model.Message
	open     map[string]model.Block // calls without a result, by id
	asked    map[string]bool        // steps of the run at hand whose first message is in it

	task  string // the text of the latest step
	began int    // the message that it is in
	loop  loop   // what it has called

	read, modified []string // files that a summary names
	fresh          int      // the first message behind the last compaction
}

// begin adds the message that begins a step.
func (t *talk) begin(m model.Message) {
	t.say(m)
	t.task, t.began, t.loop = m.Text(), len(t.messages)-1, loop{}
}

// say adds a message to the conversation. Calls that a crash or a timeout left without a result are answered before it.
func (t *talk) say(m model.Message) {
	t.close()
	t.messages = append(t.messages, m)
	calls := m.Calls()
	if len(calls) > 0 {
		t.loop.next()
	}
	for _, call := range calls {
		set(&t.open, call.ID, call)
	}
}

// answer adds the result of a call: all results of one answer are one user message, in the order of its callt.
func (t *talk) answer(result model.Block) {
	call, open := t.open[result.ID]
	if !open {
		return
	}
	delete(t.open, result.ID)
	t.loop.add(call, result)
	last := len(t.messages) - 1
	if t.messages[last].Role == model.Assistant {
		t.messages = append(t.messages, model.Message{Role: model.User})
		last++
	}
	t.messages[last].Blocks = append(t.messages[last].Blocks, result)
}

// close answers the calls that have no result.
func (t *talk) close() {
	for _, call := range t.unanswered() {
		t.answer(model.Block{Type: model.ResultBlock, ID: call.ID, Name: call.Name, Text: model.Interrupted, IsError: true})
	}
}

// unanswered are the calls of the last answer that have no result, in their order.
func (t *talk) unanswered() (calls []model.Block) {
	if len(t.open) == 0 {
		return nil
	}
	for _, m := range slices.Backward(t.messages) {
		if m.Role != model.Assistant {
			continue
		}
		for _, call := range m.Calls() {
			if _, open := t.open[call.ID]; open {
				calls = append(calls, call)
			}
		}
		break
	}
	return calls
}
