package commands

import (
	"bufio"
	"context"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var tsortSpec = cli.Spec{
	Usage: `[OPTION] [FILE]
Write totally ordered list consistent with the partial ordering in FILE.
`,
}

// tsort sorts topologically by Kahn's method: what nothing stands before comes first, in the order of names.
func tsort(ctx context.Context, inv *shell.Invocation) int {
	p, status := tsortSpec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) > 1 {
		return tsortSpec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[1]))
	}
	name := "-"
	if len(p.Operands) > 0 {
		name = p.Operands[0]
	}
	data, err := readAll(ctx, inv, name)
	defer inv.Budget.Release(len(data))
	if err != nil {
		inv.Errorf("%s: %v", name, err)
		return 1
	}
	if inv.Budget.Hold(8*len(data)) != nil {
		return 1
	}
	defer inv.Budget.Release(8 * len(data))
	words := strings.FieldsFunc(string(data), func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' })
	if len(words)%2 != 0 {
		inv.Errorf("%s: input contains an odd number of tokens", name)
		return 1
	}
	t := newPartialOrder(words)
	out := inv.Buffered(inv.Stdout)
	for {
		if !t.run(ctx, inv, out) {
			return 1
		}
		if t.left == 0 {
			break
		}
		// A loop: go back along it from any word, report it, and break it.
		if out.Flush() != nil || inv.Budget.Work(len(words)) != nil {
			return 1
		}
		status = 1
		loop := t.findLoop()
		inv.Errorf("%s: input contains a loop:", name)
		for _, w := range loop {
			if inv.Budget.Work(1) != nil {
				return 1
			}
			inv.Errorf("%s", w)
		}
		t.breakLoop(loop)
	}
	if out.Flush() != nil {
		return 1
	}
	return status
}

// partialOrder is words of which some must come before others.
type partialOrder struct {
	words  []string            // in the order of their names
	after  map[string][]string // what must come behind a word
	before map[string]int      // how many must still come before it
	ready  []string            // words that nothing must come before any more
	done   map[string]bool
	left   int
}

// newPartialOrder takes pairs of words, the first of which comes before the second.
func newPartialOrder(pairs []string) *partialOrder {
	t := &partialOrder{after: map[string][]string{}, before: map[string]int{}, done: map[string]bool{}}
	for i, w := range pairs {
		if _, seen := t.before[w]; !seen {
			t.before[w] = 0
			t.words = append(t.words, w)
		}
		if i%2 == 1 && pairs[i-1] != w {
			t.before[w]++
			t.after[pairs[i-1]] = append(t.after[pairs[i-1]], w)
		}
	}
	slices.Sort(t.words)
	for _, w := range t.words {
		if t.before[w] == 0 {
			t.ready = append(t.ready, w)
		}
	}
	t.left = len(t.words)
	return t
}

// run writes words until none is ready; false ends tsort.
func (t *partialOrder) run(ctx context.Context, inv *shell.Invocation, out *bufio.Writer) bool {
	for len(t.ready) > 0 {
		if inv.Budget.Work(1) != nil || ctx.Err() != nil {
			return false
		}
		w := t.ready[0]
		t.ready = t.ready[1:]
		t.done[w] = true
		t.left--
		out.WriteString(w + "\n")
		next := t.after[w]
		for i := len(next) - 1; i >= 0; i-- {
			t.release(next[i])
		}
	}
	return true
}

// release notes that one word less must come before w.
func (t *partialOrder) release(w string) {
	if t.before[w]--; t.before[w] == 0 && !t.done[w] {
		t.ready = append(t.ready, w)
	}
}

// breakLoop forgets that the last word of a loop must come before the first.
func (t *partialOrder) breakLoop(loop []string) {
	first, last := loop[0], loop[len(loop)-1]
	for i, w := range t.after[last] {
		if w == first {
			t.after[last] = append(t.after[last][:i:i], t.after[last][i+1:]...)
			break
		}
	}
	t.release(first)
}

// findLoop walks among the words that are left until it comes to one again.
func (t *partialOrder) findLoop() []string {
	waits := map[string]string{} // a word, and one that must come before it
	for _, w := range t.words {
		if !t.done[w] {
			for _, next := range t.after[w] {
				waits[next] = w
			}
		}
	}
	var w string
	for _, w = range t.words {
		if !t.done[w] && waits[w] != "" {
			break
		}
	}
	seen := map[string]bool{}
	for !seen[w] {
		seen[w] = true
		w = waits[w]
	}
	loop := []string{w}
	for v := waits[w]; v != w; v = waits[v] {
		loop = append(loop, v)
	}
	slices.Reverse(loop[1:])
	return loop
}
