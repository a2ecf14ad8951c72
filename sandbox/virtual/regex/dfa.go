package regex

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// dfa says whether a text has a match, at one step a byte. Its states are the sets of instructions at which the program
// of regexp/syntax may be, made when a text needs them: the lazy automaton of Cox, "Regular Expression Matching in the
// Wild" (2010).
type dfa struct {
	prog     *syntax.Prog
	anchored bool // a match begins where the text does
	states   map[string]*dfaState
	size     int // bytes of the states
	start    *dfaState

	// of one step:
	seen   []uint32 // by instruction: the round in which it was met
	round  uint32
	stack  []uint32
	closed []uint32 // instructions that read a character
	next   []uint32
	key    []byte
}

type dfaState struct {
	next   [utf8.RuneSelf]*dfaState // by character; nil: not known yet
	insts  []uint32                 // before what depends on the next character is decided
	before rune                     // a character of the kind of the last one; -1 before the first
	end    *dfaState                // accepted or dead: what it comes to when the text ends
}

var (
	accepted = &dfaState{} // there is a match
	dead     = &dfaState{} // there will be none
)

const (
	maxStates   = 1 << 20 // bytes that the states of an automaton may take before it forgets them
	maxInsts    = 4000    // of a program that gets an automaton
	worthADFA   = 2 << 10 // bytes of text after which an automaton is worth making
	stateOfSize = 128*8 + 64
)

// newDFA makes the automaton of a pattern that regexp compiles; nil where it is too large.
func newDFA(source string) *dfa {
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > maxInsts {
		return nil
	}
	d := &dfa{prog: prog, states: map[string]*dfaState{}, seen: make([]uint32, len(prog.Inst))}
	d.anchored = prog.StartCond()&syntax.EmptyBeginText != 0
	d.start = &dfaState{insts: []uint32{uint32(prog.Start)}, before: -1}
	return d
}

func matchDFA[T string | []byte](d *dfa, text T) bool {
	s := d.start
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			n := s.next[c]
			if n == nil {
				n = d.step(s, rune(c))
				s.next[c] = n
			}
			s = n
			i++
		} else {
			r, size := utf8.DecodeRuneInString(string(text[i:min(i+utf8.UTFMax, len(text))]))
			s = d.step(s, r)
			i += size
		}
		if s == accepted || s == dead {
			return s == accepted
		}
	}
	if s.end == nil {
		s.end = dead
		if d.follow(s, -1) {
			s.end = accepted
		}
	}
	return s.end == accepted
}

// step is the state after s and a character.
func (d *dfa) step(s *dfaState, r rune) *dfaState {
	if d.follow(s, r) {
		return accepted
	}
	d.nextRound()
	d.next = d.next[:0]
	for _, pc := range d.closed {
		if i := &d.prog.Inst[pc]; d.seen[i.Out] != d.round && i.MatchRune(r) {
			d.seen[i.Out] = d.round
			d.next = append(d.next, i.Out)
		}
	}
	if start := uint32(d.prog.Start); !d.anchored && d.seen[start] != d.round {
		d.next = append(d.next, start)
	}
	if len(d.next) == 0 {
		return dead
	}
	slices.Sort(d.next)
	before := ' '
	switch {
	case r == '\n':
		before = '\n'
	case syntax.IsWordChar(r):
		before = 'a'
	}
	d.key = append(d.key[:0], byte(before))
	for _, pc := range d.next {
		d.key = binary.LittleEndian.AppendUint32(d.key, pc)
	}
	if n := d.states[string(d.key)]; n != nil {
		return n
	}
	if d.size += stateOfSize + 2*len(d.key); d.size > maxStates {
		clear(d.states)
		d.size = 0
		d.start = &dfaState{insts: d.start.insts, before: -1} // the old one leads to all the others
	}
	n := &dfaState{insts: slices.Clone(d.next), before: before}
	d.states[string(d.key)] = n
	return n
}

// follow finds the instructions that could read r after s, and says whether there is a match before r. r is -1 where
// the text ends.
func (d *dfa) follow(s *dfaState, r rune) (matched bool) {
	d.nextRound()
	d.closed = d.closed[:0]
	here := syntax.EmptyOpContext(s.before, r)
	d.stack = append(d.stack[:0], s.insts...)
	for len(d.stack) > 0 {
		pc := d.stack[len(d.stack)-1]
		d.stack = d.stack[:len(d.stack)-1]
		if d.seen[pc] == d.round {
			continue
		}
		d.seen[pc] = d.round
		switch i := &d.prog.Inst[pc]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			d.stack = append(d.stack, i.Out, i.Arg)
		case syntax.InstCapture, syntax.InstNop:
			d.stack = append(d.stack, i.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(i.Arg)&^here == 0 {
				d.stack = append(d.stack, i.Out)
			}
		case syntax.InstMatch:
			return true
		case syntax.InstFail:
		default:
			d.closed = append(d.closed, pc)
		}
	}
	return false
}

// nextRound forgets what was seen.
func (d *dfa) nextRound() {
	if d.round++; d.round == 0 {
		clear(d.seen)
		d.round = 1
	}
}
