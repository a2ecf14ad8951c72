package scripted

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/flue-run/flue/model"
)

// answer is what turn says: its templates filled, its calls numbered behind those of the conversation.
func (p *Provider) answer(turn *Turn, req *model.Request, vars map[string]any) (*model.Message, error) {
	msg := &model.Message{Role: model.Assistant, Model: "scripted/" + p.cfg.Name, Stop: model.StopEnd}
	for _, part := range []struct {
		kind model.BlockType
		text string
	}{{model.ThinkingBlock, turn.Thinking}, {model.TextBlock, turn.Text}} {
		if part.text == "" {
			continue
		}
		text, err := p.fill(part.text, vars)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.kind, err)
		}
		msg.Blocks = append(msg.Blocks, model.Block{Type: part.kind, Text: fmt.Sprint(text)})
	}

	id := lastID(req.Messages)
	for _, call := range turn.calls() {
		if len(call) != 1 {
			return nil, fmt.Errorf("a call has one key, the tool's name; this one has %d", len(call))
		}
		for name, args := range call {
			filled, err := p.fill(args, vars)
			if err != nil {
				return nil, fmt.Errorf("call of %s: %w", name, err)
			}
			raw, err := json.Marshal(filled)
			if err != nil {
				return nil, fmt.Errorf("call of %s: %w", name, err)
			}
			id++
			b := model.Block{Type: model.CallBlock, ID: "call_" + strconv.Itoa(id), Name: name}
			if turn.BadJSON {
				b.BadArgs = string(raw[:len(raw)-1])
			} else {
				b.Args = raw
			}
			msg.Blocks = append(msg.Blocks, b)
			msg.Stop = model.StopCalls
		}
	}
	if turn.BadJSON && msg.Stop != model.StopCalls {
		return nil, fmt.Errorf("bad_json breaks the arguments of calls, and this turn has none")
	}
	usage := model.EstimateUsage(req, msg.Blocks)
	msg.Usage = &usage
	return msg, nil
}

// calls are the calls of t, with those that finish and give_up stand for.
func (t *Turn) calls() []Call {
	calls := t.Calls
	if t.Finish != nil {
		args, ok := t.Finish.(map[string]any)
		if !ok {
			args = map[string]any{"result": t.Finish}
		}
		calls = append(calls[:len(calls):len(calls)], Call{"finish": args})
	}
	if t.GiveUp != "" {
		calls = append(calls[:len(calls):len(calls)], Call{"give_up": {"reason": t.GiveUp}})
	}
	return calls
}

// fill evaluates the templates in v, which is what a YAML document holds.
func (p *Provider) fill(v any, vars map[string]any) (any, error) {
	switch v := v.(type) {
	case string:
		if !strings.Contains(v, "${{") {
			return v, nil
		}
		return p.cfg.Eval(v, vars)
	case []any:
		filled := make([]any, len(v))
		for i, e := range v {
			var err error
			if filled[i], err = p.fill(e, vars); err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
		}
		return filled, nil
	case map[string]any:
		filled := make(map[string]any, len(v))
		for k, e := range v {
			var err error
			if filled[k], err = p.fill(e, vars); err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
		}
		return filled, nil
	}
	return v, nil
}

// lastID is the highest number among the calls of the conversation.
func lastID(messages []model.Message) int {
	highest := 0
	for _, m := range messages {
		for _, c := range m.Calls() {
			if n, err := strconv.Atoi(strings.TrimPrefix(c.ID, "call_")); err == nil {
				highest = max(highest, n)
			}
		}
	}
	return highest
}
