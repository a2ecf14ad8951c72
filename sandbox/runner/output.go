package runner

import (
	"strings"
	"sync"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// output collects what a script writes up to its limit, and passes it on as it comes.
type output struct {
	budget   *limits.Budget
	mu       sync.Mutex
	callback func(sandbox.Stream, []byte)
	text     [2]strings.Builder
}

// stream is one of its two ends.
type stream struct {
	*output
	stream sandbox.Stream
}

// Write keeps p and passes it on. Past the limit it fails, which ends the script; what was written before another limit
// struck still counts.
func (s stream) Write(p []byte) (int, error) {
	if err := s.budget.Output(len(p)); err != nil {
		if x := s.budget.Exceeded(); x != nil && x.Name == "output" {
			return 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(s.stream, p)
	return len(p), nil
}

// note adds what flue itself has to say.
func (o *output) note(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(sandbox.Stderr, []byte(text))
}

func (o *output) keep(stream sandbox.Stream, p []byte) {
	if o.callback != nil {
		o.callback(stream, p)
	}
	o.text[stream-sandbox.Stdout].Write(p)
}

func (o *output) texts() (stdout, stderr string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text[0].String(), o.text[1].String()
}
