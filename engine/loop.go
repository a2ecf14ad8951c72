package engine

import (
	"hash/maphash"

	"github.com/flue-run/flue/model"
)

// A model that makes the same call with the same result loopCalls times within loopAnswers answers goes round in circles.
const (
	loopCalls   = 5
	loopAnswers = 10
)

const loopText = "You have made the same call five times and got the same result each time. It will not change. " +
	"Do something else: look at the result again, try another way, or end with what you know. If you go on like this you will be stopped."

// loop remembers what the latest answers of a step called and got.
type loop struct {
	answers []map[uint64]int // how often each call was made with each result; the newest is the last
	warned  bool
}

var loopSeed = maphash.MakeSeed()

// next begins a new answer.
func (l *loop) next() {
	l.answers = append(l.answers, map[uint64]int{})
	l.answers = l.answers[max(len(l.answers)-loopAnswers, 0):]
}

// add counts a call of the newest answer.
func (l *loop) add(call, result model.Block) {
	var h maphash.Hash
	h.SetSeed(loopSeed)
	for _, part := range []string{call.Name, string(call.Args), call.BadArgs, result.Text} {
		_, _ = h.WriteString(part) // never fails
		_ = h.WriteByte(0)
	}
	l.answers[len(l.answers)-1][h.Sum64()]++
}

// closed says whether one call came back too often. Only those of the newest answer can have become too many.
func (l *loop) closed() bool {
	if len(l.answers) == 0 {
		return false
	}
	for key := range l.answers[len(l.answers)-1] {
		times := 0
		for _, answer := range l.answers {
			times += answer[key]
		}
		if times >= loopCalls {
			return true
		}
	}
	return false
}

// warn notes that the model was told. What it did before counts no more.
func (l *loop) warn() { *l = loop{warned: true} }

// breakLoop tells the model once that it goes round in circles, and fails the step when it does so again.
func (c *conversation) breakLoop() error {
	switch l := &c.talk.loop; {
	case !l.closed():
	case l.warned:
		return c.failed(LoopDetected, "the model makes the same call again and again, and gets the same result", nil)
	default:
		c.remind(inCircles, loopText)
		l.warn()
	}
	return nil
}
