package engine_test

import (
	"bytes"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/flue-run/flue/model/modeltest"
	"github.com/flue-run/flue/store/memory"
)

// lists are where the messages are in a request of each wire. Nothing that a cache should keep stands behind them.
var lists = map[string]string{"openai": "messages", "responses": "input", "anthropic": "messages", "gemini": "contents"}

const marker = `,"cache_control":{"type":"ephemeral"}`

// trunk is a request up to the end of its last message: what the next request must begin with, so that the provider finds
// it in its cache. Anthropic's markers move on with the end.
func trunk(t *testing.T, wireName string, r modeltest.Request) []byte {
	t.Helper()
	body := bytes.ReplaceAll(r.Body, []byte(marker), nil)
	list := gjson.GetBytes(body, lists[wireName])
	if !list.IsArray() || len(list.Array()) == 0 {
		t.Fatalf("%s: no messages in %s", wireName, r.Body)
	}
	return body[:list.Index+len(list.Raw)-1]
}

// TestPrefixesOfRequests checks, in two runs of one session, that each request begins with the one before, to the byte: system
// prompt, tools, and all messages with their thinking, calls and results, in the process that heard them or read from the
// store by the next; what a run changes that its system prompt tells of counts from the next one on. And that the marks for
// the caches are where they have to be.
func TestPrefixesOfRequests(t *testing.T) {
	for wireName := range wires {
		t.Run(wireName, func(t *testing.T) {
			l := connect(t, wireName, agentFile("role: triager\nthinking: high\n"+translator), memory.New(),
				modeltest.Answer{Thinking: "I look first.", Text: "I look.", Calls: []modeltest.Call{
					call("bash", `{"command": "echo '<a> & \"b\"' | tee /tmp/note; exit 3",   "timeout": 9}`), call("read", `{ "path": "nowhere" }`)}},
				modeltest.Answer{Thinking: "So <that> is it & more.", Calls: []modeltest.Call{call("write", `{"path": "/tmp/b", "content": "Be brief."}`)}},
				says("Well."), modeltest.Answer{Thinking: "A result.", Calls: []modeltest.Call{wrong}}, done,
				modeltest.Answer{Thinking: "Again.", Calls: []modeltest.Call{call("write", `{"path": "AGENTS.md", "content": "Be brief."}`)}}, done)
			l.run(t, "s")
			l.run(t, "s")
			requests := l.server.Requests()
			if len(requests) != 7 {
				t.Fatalf("got %d requests", len(requests))
			}
			for i, r := range requests {
				checkMarks(t, wireName, r)
				if i == 0 {
					continue
				}
				before, now := trunk(t, wireName, requests[i-1]), trunk(t, wireName, r)
				if !bytes.HasPrefix(now, before) || len(now) == len(before) {
					t.Errorf("request %d does not begin with the one before:\n%s\n%s", i+1, before, now)
				}
			}
		})
	}
}

// checkMarks checks what a request tells the provider's cache.
func checkMarks(t *testing.T, wireName string, r modeltest.Request) {
	t.Helper()
	switch wireName {
	case "openai", "responses":
		if key := r.Get("prompt_cache_key").Str; key != "s" {
			t.Errorf("prompt_cache_key is %q in %s", key, r.Body)
		}
	case "anthropic": // the ends of the tools, of the system prompt, and of the last two messages of the user
		ends := []gjson.Result{lastOf(r.Get("tools")), lastOf(r.Get("system"))}
		messages := r.Get("messages").Array()
		for i := len(messages) - 1; i >= 0 && len(ends) < 4; i -= 2 {
			ends = append(ends, lastOf(messages[i].Get("content")))
		}
		for _, end := range ends {
			if end.Get("cache_control.type").Str != "ephemeral" {
				t.Errorf("%s is not marked in %s", end.Raw, r.Body)
			}
		}
		if n := bytes.Count(r.Body, []byte(`"cache_control"`)); n != len(ends) { // Anthropic takes four
			t.Errorf("%d marks, want %d in %s", n, len(ends), r.Body)
		}
	}
}

func lastOf(list gjson.Result) gjson.Result {
	all := list.Array()
	return all[len(all)-1]
}
