package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// EventType is the word in an event's "type".
type EventType string

// The types of events. The comment names the fields that count besides those every event has.
const (
	RunStart      EventType = "run_start"      // payload, resumed, sandbox: what it is made of, where a host has several for one file
	StepStart     EventType = "step_start"     // kind, model
	StepEnd       EventType = "step_end"       // output
	MessageStored EventType = "message"        // message: a user's or the model's, whole; reason, if flue has a word with the model: "loop" or "last_turn"
	TurnStart     EventType = "turn_start"     // model
	TextDelta     EventType = "text_delta"     // text; never stored
	ThinkingDelta EventType = "thinking_delta" // text; never stored
	TurnEnd       EventType = "turn_end"       // usage
	ToolStart     EventType = "tool_start"     // tool, call, args
	ToolEnd       EventType = "tool_end"       // tool, call, is_error, result
	CommandStart  EventType = "command_start"  // command, args: a privileged command is about to run
	CommandEnd    EventType = "command_end"    // command, exit_code
	SandboxNote   EventType = "sandbox"        // text: of its opening, such as what is pulled, or that a workspace is gone
	Workspace     EventType = "workspace"      // root: the files as they are now
	TaskStart     EventType = "task_start"     // task, subagent, text: what it is asked; of an agent step child, its run
	TaskEnd       EventType = "task_end"       // task, subagent, text or error
	// An older part of the conversation is folded: the reason is "threshold" or "overflow".
	CompactionStart EventType = "compaction_start" // reason, tokens
	// From here on message, a summary, stands for the first messages, as many as replaced, and results longer than
	// max_result bytes have lost their middle. Without message there are only the results.
	CompactionEnd EventType = "compaction_end" // message, replaced, files_read, files_modified, max_result, model, usage
	CheckRun      EventType = "check"          // attempt, passed, text
	RetryWait     EventType = "retry"          // reason, delay; never stored
	ResultData    EventType = "result"         // data
	ErrorEvent    EventType = "error"          // error
	Rewind        EventType = "rewind"         // to: what came after that entry does not count any more
	Fork          EventType = "fork"           // from, to: the entries before are those of that session up to that entry
	Done          EventType = "done"           // outcome, result, text, usage: always the last of a run
)

// Event is one thing that happened in a run: one flat JSON object. ID is its position in the session's
// log, 0 for deltas and retries, which are not stored.
type Event struct {
	ID      int64     `json:"id,omitempty"`
	Type    EventType `json:"type,omitempty"` // this and the next three are empty in the log alone, which has them elsewhere
	Run     string    `json:"run,omitempty"`
	Session string    `json:"session,omitempty"`
	Agent   string    `json:"agent,omitempty"`
	Step    string    `json:"step,omitempty"` // the step's id or number; "[2]" behind it is the round of a for_each
	Turn    int       `json:"turn,omitempty"` // counts from 1 in the run
	Task    string    `json:"task,omitempty"` // the sub-agent's conversation that it belongs to
	Time    time.Time `json:"time,omitzero"`  // likewise

	Kind     string          `json:"kind,omitempty"`
	Model    string          `json:"model,omitempty"`
	Payload  json.RawMessage `json:"payload,omitempty"`
	Resumed  bool            `json:"resumed,omitempty"`
	Sandbox  string          `json:"sandbox,omitempty"`
	Message  *model.Message  `json:"message,omitempty"`
	Text     string          `json:"text,omitempty"`
	Tool     string          `json:"tool,omitempty"`
	Call     string          `json:"call,omitempty"`
	Args     json.RawMessage `json:"args,omitempty"`
	Notes    []string        `json:"notes,omitempty"` // what was coerced in args
	IsError  *bool           `json:"is_error,omitempty"`
	Command  string          `json:"command,omitempty"`
	ExitCode *int            `json:"exit_code,omitempty"`
	Result   any             `json:"result,omitempty"` // text of a tool; the value of a run
	Usage    *model.Usage    `json:"usage,omitempty"`
	Root     string          `json:"root,omitempty"`
	Output   *Output         `json:"output,omitempty"`
	Attempt  int             `json:"attempt,omitempty"`
	Passed   *bool           `json:"passed,omitempty"`
	Reason   string          `json:"reason,omitempty"`

	Tokens        int      `json:"tokens,omitempty"`
	Replaced      int      `json:"replaced,omitempty"`
	FilesRead     []string `json:"files_read,omitempty"`
	FilesModified []string `json:"files_modified,omitempty"`
	MaxResult     int      `json:"max_result,omitempty"`

	Subagent string        `json:"subagent,omitempty"`
	Child    string        `json:"child,omitempty"` // the run that an agent step began, in a session of its own
	Delay    string        `json:"delay,omitempty"`
	Data     any           `json:"data,omitempty"`
	Error    *Error        `json:"error,omitempty"`
	Outcome  store.Outcome `json:"outcome,omitempty"`

	From string `json:"from,omitempty"`
	To   int64  `json:"to,omitempty"`

	opens bool // a message that begins a step
}

// Output is what a step leaves behind for later expressions: steps.<id>.….
type Output struct {
	Result   json.RawMessage `json:"result,omitempty"` // as the model wrote it; nil: the step has no result schema
	Text     string          `json:"text"`
	Stdout   string          `json:"stdout,omitempty"`
	Stderr   string          `json:"stderr,omitempty"`
	ExitCode int             `json:"exit_code"`
	Skipped  bool            `json:"skipped"`
	Error    *Error          `json:"error,omitempty"` // with continue_on_error
}

// entry is e as the log keeps it.
func (e Event) entry() (store.Entry, error) { return new(encoding).entry(e) }

// EventOf is the event that an entry of a session's log holds.
func EventOf(session store.Key, entry store.Entry) (Event, error) {
	var e Event
	decoder := json.NewDecoder(bytes.NewReader(entry.Data))
	decoder.UseNumber() // a number is told again as it was told first
	if err := decoder.Decode(&e); err != nil {
		return e, fmt.Errorf("decode entry %d of session %s: %w", entry.Seq, session, err)
	}
	e.ID, e.Run, e.Type, e.Time = entry.Seq, entry.Run, EventType(entry.Type), entry.Time
	e.Session, e.Agent = session.Session, session.Agent
	return e, nil
}
