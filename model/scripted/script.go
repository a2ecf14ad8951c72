// Package scripted is a model whose answers are written down beforehand: it runs a project, and tests it, without a
// key. Start at Script for the document and at New for the provider.
package scripted

import "time"

// Script is a document of .flue/models: what the model says, turn by turn.
type Script struct {
	ContextWindow int    `yaml:"context_window"` // tokens; a longer request is refused as an overflow. 0: no limit
	Turns         []Turn `yaml:"turns"`
}

// Turn is one answer, the condition under which it is given, and what goes wrong before.
type Turn struct {
	When    string             `yaml:"when"` // an expression; false passes the turn over. Empty is true
	Else    bool               `yaml:"else"` // passed over unless every When directly before it was false
	Capture map[string]Capture `yaml:"capture"`

	Thinking string `yaml:"thinking"`
	Text     string `yaml:"text"`
	Calls    []Call `yaml:"calls"`
	Finish   any    `yaml:"finish"`  // the arguments of a call of finish; what is not a mapping becomes {result: …}
	GiveUp   string `yaml:"give_up"` // the reason of a call of give_up
	BadJSON  bool   `yaml:"bad_json"`

	// Each fault happens once (Error: Times times); the next request gets the turn's answer, or the next turn's if this
	// one has faults only.
	Error    *Fault        `yaml:"error"`
	Stall    bool          `yaml:"stall"`    // half the text, then silence until the idle timeout
	Truncate bool          `yaml:"truncate"` // half the text, then the end of the stream
	Overflow bool          `yaml:"overflow"`
	Delay    time.Duration `yaml:"delay"` // before anything of the turn, each time
}

// Call is one tool call: a single key, the tool's name, with its arguments.
type Call map[string]map[string]any

// Capture takes a value out of the latest output of Tool: the first group of Regex, or all that it matched; without a
// Regex, the whole output.
type Capture struct {
	Tool  string `yaml:"tool"`
	Regex string `yaml:"regex"`
}

// Fault is an error answer of the provider.
type Fault struct {
	Status     int           `yaml:"status"`
	Times      int           `yaml:"times"` // 0 is once
	RetryAfter time.Duration `yaml:"retry_after"`
}

// answers says whether t has anything to say, or fails only.
func (t *Turn) answers() bool {
	return t.Text != "" || t.Thinking != "" || len(t.Calls) > 0 || t.Finish != nil || t.GiveUp != "" || t.faults() == 0
}

// faults is how many requests fail before t is answered.
func (t *Turn) faults() int {
	switch {
	case t.Error != nil:
		return max(t.Error.Times, 1)
	case t.Stall, t.Truncate, t.Overflow:
		return 1
	}
	return 0
}
