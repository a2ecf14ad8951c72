package modeltest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// openaiEvents is a as a stream of Chat Completions.
func openaiEvents(a Answer) []string {
	var events []string
	chunk := func(format string, args ...any) {
		events = append(events, fmt.Sprintf("data: {\"object\": \"chat.completion.chunk\", "+format+"}\n\n", args...))
	}
	for _, word := range words(a.Thinking) {
		chunk(`"choices": [{"index": 0, "delta": {"reasoning_content": %s}}]`, quote(word))
	}
	for _, word := range words(a.Text) {
		chunk(`"choices": [{"index": 0, "delta": {"content": %s}}]`, quote(word))
	}
	for i, c := range a.Calls {
		chunk(`"choices": [{"index": 0, "delta": {"tool_calls": [{"index": %d, "id": %s, "type": "function", `+
			`"function": {"name": %s, "arguments": ""}}]}}]`, i, quote(c.ID), quote(c.Name))
		for _, piece := range words(c.Args) {
			chunk(`"choices": [{"index": 0, "delta": {"tool_calls": [{"index": %d, "function": {"arguments": %s}}]}}]`,
				i, quote(piece))
		}
	}
	if a.Cut || a.Stall {
		return events[:len(events)/2]
	}
	stop := "stop"
	if len(a.Calls) > 0 {
		stop = "tool_calls"
	}
	chunk(`"choices": [{"index": 0, "delta": {}, "finish_reason": %s}]`, quote(cmp.Or(a.Stop, stop)))
	input, output := cmp.Or(a.Input, 10), cmp.Or(a.Output, 5)
	chunk(`"choices": [], "usage": {"prompt_tokens": %d, "completion_tokens": %d, "total_tokens": %d}`,
		input, output, input+output)
	return append(events, "data: [DONE]\n\n")
}

// anthropicStops are OpenAI's finish reasons in Anthropic's words.
var anthropicStops = map[string]string{
	"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "content_filter": "refusal",
}

// anthropicEvents is a as a stream of Messages.
func anthropicEvents(a Answer) []string {
	var events []string
	event := func(kind, format string, args ...any) {
		events = append(events, fmt.Sprintf("event: %s\ndata: {\"type\": %q, %s}\n\n", kind, kind, fmt.Sprintf(format, args...)))
	}
	event("message_start", `"message": {"usage": {"input_tokens": %d, "output_tokens": 1}}`, cmp.Or(a.Input, 10))
	index := 0
	block := func(start, deltaType, field string, pieces []string, last ...string) {
		event("content_block_start", `"index": %d, "content_block": {%s}`, index, start)
		for _, piece := range pieces {
			event("content_block_delta", `"index": %d, "delta": {"type": %q, %q: %s}`, index, deltaType, field, quote(piece))
		}
		for _, delta := range last {
			event("content_block_delta", `"index": %d, "delta": {%s}`, index, delta)
		}
		event("content_block_stop", `"index": %d`, index)
		index++
	}
	if a.Thinking != "" {
		block(`"type": "thinking", "thinking": ""`, "thinking_delta", "thinking", words(a.Thinking),
			`"type": "signature_delta", "signature": "signed"`)
	}
	if a.Text != "" {
		block(`"type": "text", "text": ""`, "text_delta", "text", words(a.Text))
	}
	stop := "stop"
	for _, c := range a.Calls {
		stop = "tool_calls"
		block(fmt.Sprintf(`"type": "tool_use", "id": %s, "name": %s, "input": {}`, quote(c.ID), quote(c.Name)),
			"input_json_delta", "partial_json", words(c.Args))
	}
	if a.Cut || a.Stall {
		return events[:len(events)/2]
	}
	event("message_delta", `"delta": {"stop_reason": %q}, "usage": {"output_tokens": %d}`,
		anthropicStops[cmp.Or(a.Stop, stop)], cmp.Or(a.Output, 5))
	event("message_stop", `"end": true`)
	return events
}

func words(s string) []string {
	return slices.DeleteFunc(strings.SplitAfter(s, " "), func(w string) bool { return w == "" })
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}
