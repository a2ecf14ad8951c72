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

// responsesEvents is a as a stream of Responses.
func responsesEvents(a Answer) []string {
	var events []string
	event := func(kind, format string, args ...any) {
		events = append(events, fmt.Sprintf("event: %s\ndata: {\"type\": %q, %s}\n\n", kind, kind, fmt.Sprintf(format, args...)))
	}
	event("response.created", `"response": {"object": "response", "status": "in_progress"}`)
	index := 0
	item := func(begun, done, deltaType string, pieces []string) {
		event("response.output_item.added", `"output_index": %d, "item": {%s}`, index, begun)
		for _, piece := range pieces {
			event(deltaType, `"output_index": %d, "delta": %s`, index, quote(piece))
		}
		event("response.output_item.done", `"output_index": %d, "item": {%s, %s}`, index, begun, done)
		index++
	}
	if a.Thinking != "" {
		item(fmt.Sprintf(`"type": "reasoning", "id": "rs_%d"`, index),
			fmt.Sprintf(`"encrypted_content": "sealed", "summary": [{"type": "summary_text", "text": %s}]`, quote(a.Thinking)),
			"response.reasoning_summary_text.delta", words(a.Thinking))
	}
	if a.Text != "" {
		item(`"type": "message", "role": "assistant"`, fmt.Sprintf(`"content": [{"type": "output_text", "text": %s}]`, quote(a.Text)),
			"response.output_text.delta", words(a.Text))
	}
	for _, c := range a.Calls {
		item(fmt.Sprintf(`"type": "function_call", "id": "fc_%d", "call_id": %s, "name": %s`, index, quote(c.ID), quote(c.Name)),
			fmt.Sprintf(`"arguments": %s`, quote(c.Args)), "response.function_call_arguments.delta", words(c.Args))
	}
	if a.Cut || a.Stall {
		return events[:len(events)/2]
	}
	status := "completed"
	if a.Stop != "" {
		status = "incomplete"
	}
	input, output := cmp.Or(a.Input, 10), cmp.Or(a.Output, 5)
	event("response."+status, `"response": {"object": "response", "status": %q, "error": null, "incomplete_details": {"reason": %q}, `+
		`"usage": {"input_tokens": %d, "output_tokens": %d, "total_tokens": %d}}`, status, a.Stop, input, output, input+output)
	return events
}

// geminiStops are OpenAI's finish reasons in Google's words.
var geminiStops = map[string]string{"": "STOP", "stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}

// geminiEvents is a as a stream of generateContent. It has no arguments that are no JSON: such a call is malformed, or cut.
func geminiEvents(a Answer) []string {
	var events []string
	chunk := func(part, rest string) {
		events = append(events, fmt.Sprintf(`data: {"candidates": [{"content": {"role": "model", "parts": [%s]}%s}], "modelVersion": "m"}`+"\n\n", part, rest))
	}
	for _, word := range words(a.Thinking) {
		chunk(fmt.Sprintf(`{"text": %s, "thought": true}`, quote(word)), "")
	}
	for _, word := range words(a.Text) {
		chunk(fmt.Sprintf(`{"text": %s}`, quote(word)), "")
	}
	stop := geminiStops[a.Stop]
	for i, c := range a.Calls {
		args := cmp.Or(c.Args, "{}")
		if !json.Valid([]byte(args)) {
			if a.Stop == "" {
				stop = "MALFORMED_FUNCTION_CALL"
			}
			continue
		}
		signature := ""
		if i == 0 {
			signature = `, "thoughtSignature": "c2VhbGVk"`
		}
		chunk(fmt.Sprintf(`{"functionCall": {"id": %s, "name": %s, "args": %s}%s}`, quote(c.ID), quote(c.Name), args, signature), "")
	}
	if a.Cut || a.Stall {
		return events[:len(events)/2]
	}
	input, output := cmp.Or(a.Input, 10), cmp.Or(a.Output, 5)
	chunk(`{"text": ""}`, fmt.Sprintf(`, "finishReason": %q`, stop))
	return append(events, fmt.Sprintf(`data: {"usageMetadata": {"promptTokenCount": %d, "candidatesTokenCount": %d, "totalTokenCount": %d}}`+"\n\n",
		input, output, input+output))
}

func words(s string) []string {
	return slices.DeleteFunc(strings.SplitAfter(s, " "), func(w string) bool { return w == "" })
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}
