package commands

import (
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
	words := strings.Fields(string(data))
	if len(words)%2 != 0 {
		inv.Errorf("%s: input contains an odd number of tokens", name)
		return 1
	}
	after, before := map[string][]string{}, map[string]int{}
	var order []string
	for i, w := range words {
		if _, seen := before[w]; !seen {
			before[w] = 0
			order = append(order, w)
		}
		if i%2 == 1 && words[i-1] != w {
			before[w]++
			after[words[i-1]] = append(after[words[i-1]], w)
		}
	}
	slices.Sort(order)
	out := inv.Buffered(inv.Stdout)
	var queue []string
	for _, w := range order {
		if before[w] == 0 {
			queue = append(queue, w)
		}
	}
	done := map[string]bool{}
	for left := len(order); left > 0; {
		for len(queue) > 0 {
			if inv.Budget.Work(1) != nil || ctx.Err() != nil {
				return 1
			}
			w := queue[0]
			queue = queue[1:]
			done[w] = true
			left--
			out.WriteString(w + "\n")
			next := after[w]
			for i := len(next) - 1; i >= 0; i-- {
				if before[next[i]]--; before[next[i]] == 0 && !done[next[i]] {
					queue = append(queue, next[i])
				}
			}
		}
		if left == 0 {
			break
		}
		// A loop: go back along it from any word, report it, and break it.
		if out.Flush() != nil || inv.Budget.Work(len(words)) != nil {
			return 1
		}
		status = 1
		loop := findLoop(order, after, done)
		inv.Errorf("%s: input contains a loop:", name)
		for _, w := range loop {
			if inv.Budget.Work(1) != nil {
				return 1
			}
			inv.Errorf("%s", w)
		}
		first, last := loop[0], loop[len(loop)-1]
		for i, w := range after[last] {
			if w == first {
				after[last] = append(after[last][:i:i], after[last][i+1:]...)
				break
			}
		}
		if before[first]--; before[first] == 0 {
			queue = append(queue, first)
		}
	}
	if out.Flush() != nil {
		return 1
	}
	return status
}

// findLoop walks among the words that are left until it comes to one again.
func findLoop(order []string, after map[string][]string, done map[string]bool) []string {
	waits := map[string]string{} // a word, and one that must come before it
	for _, w := range order {
		if !done[w] {
			for _, next := range after[w] {
				waits[next] = w
			}
		}
	}
	var w string
	for _, w = range order {
		if !done[w] && waits[w] != "" {
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
