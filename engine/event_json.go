package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// encoding writes events as encoding/json does, but for what it escapes for HTML: a call's arguments are read again as they
// were, since models' caches count bytes. An event has more fields than most have values, and every run writes a dozen: so
// they are written by hand, in the order of the structs. The zero value is ready.
type encoding struct {
	data    []byte
	entries []store.Entry
	to      *json.Encoder // writes to data what is written in the general way
	err     error         // the first one
}

// AppendJSON appends e to b as one line of JSON, in which nothing is escaped for HTML.
func (e *Event) AppendJSON(b []byte) ([]byte, error) {
	c := encoding{data: b}
	c.event(e)
	return c.data, c.err
}

// maxKept is how many bytes of an encoding are kept for the next one.
const maxKept = 64 << 10

// reset makes room for so many other entries; those before are gone.
func (c *encoding) reset(entries int) []store.Entry {
	if cap(c.data) > maxKept {
		c.data = nil
	}
	c.data, c.err = c.data[:0], nil
	clear(c.entries)
	c.entries = slices.Grow(c.entries[:0], entries)[:entries]
	return c.entries
}

// entry is an event as the log keeps it. What the entry or its session says already is left out of the data. Data of
// several entries lie behind one another.
func (c *encoding) entry(e Event) (store.Entry, error) {
	entry := store.Entry{Run: e.Run, Type: string(e.Type), Time: e.Time}
	e.ID, e.Run, e.Type, e.Session, e.Agent, e.Time = 0, "", "", "", "", time.Time{}
	begin := len(c.data)
	c.event(&e)
	if c.err != nil {
		return entry, fmt.Errorf("encode %s event: %w", entry.Type, c.err)
	}
	entry.Data = c.data[begin:len(c.data):len(c.data)]
	return entry, nil
}

func (c *encoding) event(e *Event) {
	c.begin('{')
	c.number("id", e.ID)
	c.text("type", string(e.Type))
	c.text("run", e.Run)
	c.text("session", e.Session)
	c.text("agent", e.Agent)
	c.text("step", e.Step)
	c.number("turn", int64(e.Turn))
	c.text("task", e.Task)
	if !e.Time.IsZero() {
		c.general("time", e.Time)
	}
	c.text("kind", e.Kind)
	c.text("model", e.Model)
	c.raw("payload", e.Payload)
	c.flag("resumed", e.Resumed)
	c.text("sandbox", e.Sandbox)
	if e.Message != nil {
		c.key("message")
		c.message(e.Message)
	}
	c.text("text", e.Text)
	c.text("tool", e.Tool)
	c.text("call", e.Call)
	c.raw("args", e.Args)
	c.list("notes", e.Notes)
	c.truth("is_error", e.IsError)
	c.text("command", e.Command)
	if e.ExitCode != nil {
		c.key("exit_code")
		c.int(int64(*e.ExitCode))
	}
	c.value("result", e.Result)
	c.usage("usage", e.Usage)
	c.text("root", e.Root)
	if e.Output != nil {
		c.key("output")
		c.output(e.Output)
	}
	c.number("attempt", int64(e.Attempt))
	c.truth("passed", e.Passed)
	c.text("reason", e.Reason)
	c.number("tokens", int64(e.Tokens))
	c.number("replaced", int64(e.Replaced))
	c.list("files_read", e.FilesRead)
	c.list("files_modified", e.FilesModified)
	c.number("max_result", int64(e.MaxResult))
	c.text("subagent", e.Subagent)
	c.text("child", e.Child)
	c.text("delay", e.Delay)
	c.value("data", e.Data)
	if e.Error != nil {
		c.general("error", e.Error)
	}
	c.text("outcome", string(e.Outcome))
	c.text("from", e.From)
	c.number("to", e.To)
	c.end('}')
}

func (c *encoding) message(m *model.Message) {
	c.begin('{')
	c.key("role")
	c.string(string(m.Role))
	if m.Blocks == nil {
		c.general("blocks", nil)
	} else {
		c.key("blocks")
		c.begin('[')
		for i := range m.Blocks {
			c.next()
			c.block(&m.Blocks[i])
		}
		c.end(']')
	}
	c.text("model", m.Model)
	c.text("stop", string(m.Stop))
	c.usage("usage", m.Usage)
	c.end('}')
}

func (c *encoding) block(b *model.Block) {
	c.begin('{')
	c.key("type")
	c.string(string(b.Type))
	c.text("text", b.Text)
	c.text("signature", b.Signature)
	c.text("id", b.ID)
	c.text("name", b.Name)
	c.raw("args", b.Args)
	c.text("bad_args", b.BadArgs)
	c.flag("is_error", b.IsError)
	c.end('}')
}

func (c *encoding) usage(name string, u *model.Usage) {
	if u == nil {
		return
	}
	c.key(name)
	c.begin('{')
	c.key("input")
	c.int(int64(u.Input))
	c.key("output")
	c.int(int64(u.Output))
	c.number("cache_read", int64(u.CacheRead))
	c.number("cache_write", int64(u.CacheWrite))
	c.flag("estimated", u.Estimated)
	c.general("cost_usd", u.CostUSD)
	c.end('}')
}

func (c *encoding) output(o *Output) {
	c.begin('{')
	c.raw("result", o.Result)
	c.key("text")
	c.string(o.Text)
	c.text("stdout", o.Stdout)
	c.text("stderr", o.Stderr)
	c.key("exit_code")
	c.int(int64(o.ExitCode))
	c.key("skipped")
	c.data = strconv.AppendBool(c.data, o.Skipped)
	if o.Error != nil {
		c.general("error", o.Error)
	}
	c.end('}')
}

func (c *encoding) begin(bracket byte) { c.data = append(c.data, bracket) }
func (c *encoding) end(bracket byte)   { c.data = append(c.data, bracket) }

// next puts a comma before all but the first of an object or array: only its bracket has just been written.
func (c *encoding) next() {
	if last := c.data[len(c.data)-1]; last != '{' && last != '[' {
		c.data = append(c.data, ',')
	}
}

func (c *encoding) key(name string) {
	c.next()
	c.data = append(append(append(c.data, '"'), name...), '"', ':')
}

func (c *encoding) int(n int64) { c.data = strconv.AppendInt(c.data, n, 10) }

// The fields that are left out when they are empty.

func (c *encoding) text(name, value string) {
	if value != "" {
		c.key(name)
		c.string(value)
	}
}

func (c *encoding) number(name string, n int64) {
	if n != 0 {
		c.key(name)
		c.int(n)
	}
}

func (c *encoding) flag(name string, set bool) {
	if set {
		c.truth(name, &set)
	}
}

func (c *encoding) truth(name string, value *bool) {
	if value != nil {
		c.key(name)
		c.data = strconv.AppendBool(c.data, *value)
	}
}

func (c *encoding) raw(name string, value json.RawMessage) {
	if len(value) > 0 {
		c.general(name, value)
	}
}

func (c *encoding) list(name string, items []string) {
	if len(items) > 0 {
		c.general(name, items)
	}
}

func (c *encoding) value(name string, value any) {
	switch v := value.(type) {
	case nil:
	case string:
		c.key(name)
		c.string(v)
	default:
		c.general(name, value)
	}
}

// general writes a field as encoding/json does.
func (c *encoding) general(name string, value any) {
	c.key(name)
	c.encode(value)
}

func (c *encoding) encode(value any) {
	if c.to == nil {
		c.to = json.NewEncoder(c)
		c.to.SetEscapeHTML(false)
	}
	if err := c.to.Encode(value); err != nil {
		if c.err == nil {
			c.err = err
		}
		return
	}
	c.data = c.data[:len(c.data)-1] // its line feed
}

// Write is for the general way.
func (c *encoding) Write(p []byte) (int, error) {
	c.data = append(c.data, p...)
	return len(p), nil
}

// string writes a string. One that is not all ASCII goes the general way, which knows what is no UTF-8.
func (c *encoding) string(s string) {
	begin, start := len(c.data), 0
	c.data = append(c.data, '"')
	for i := range len(s) {
		escaped := byte(0)
		switch b := s[i]; {
		case b == '"', b == '\\':
			escaped = b
		case b == '\n':
			escaped = 'n'
		case b == '\t':
			escaped = 't'
		case b < ' ', b >= 0x80:
			c.data = c.data[:begin]
			c.encode(s)
			return
		default:
			continue
		}
		c.data = append(append(c.data, s[start:i]...), '\\', escaped)
		start = i + 1
	}
	c.data = append(append(c.data, s[start:]...), '"')
}
