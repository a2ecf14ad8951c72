package git

import (
	"fmt"
	"strings"
)

// stat writes how much of each file changed, as a graph in 80 columns, and the sum.
func (r *repo) stats(list []*text) {
	longest, most, binary := 0, 0, 0
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = renamed(t.change)
		longest = max(longest, len([]rune(names[i])))
		most = max(most, t.added+t.gone)
		if t.binary {
			binary = max(binary, len(fmt.Sprintf("%d -> %d bytes", len(t.before), len(t.after)))+4)
		}
	}
	digits := len(fmt.Sprint(most))
	if binary > 0 {
		digits = max(digits, 3)
	}
	const width = 80
	graph, room := most, longest
	if binary > digits+1 {
		graph = max(graph, binary-digits-1)
	}
	if room+digits+6+graph > width {
		if limit := width*3/8 - digits - 6; graph > limit {
			graph = max(limit, 6)
		}
		if limit := width - digits - 6 - graph; room > limit {
			room = limit
		} else {
			graph = width - digits - 6 - room
		}
	}
	for i, t := range list {
		name := []rune(names[i])
		if len(name) > room {
			name = name[len(name)-room+3:]
			for j, c := range name {
				if c == '/' {
					name = name[j:]
					break
				}
			}
			name = append([]rune("..."), name...)
		}
		pad := strings.Repeat(" ", max(room-len(name), 0))
		if t.binary {
			fmt.Fprintf(r.out, " %s%s | %*s", string(name), pad, digits, "Bin")
			if t.a.id != t.b.id {
				fmt.Fprintf(r.out, " %d -> %d bytes", len(t.before), len(t.after))
			}
			r.out.WriteByte('\n')
			continue
		}
		plus, minus := t.added, t.gone
		if graph < most {
			scale := func(n int) int {
				if n == 0 {
					return 0
				}
				return 1 + n*(graph-1)/most
			}
			total := scale(plus + minus)
			if total < 2 && plus > 0 && minus > 0 {
				total = 2
			}
			if plus < minus {
				plus = scale(plus)
				minus = total - plus
			} else {
				minus = scale(minus)
				plus = total - minus
			}
		}
		line := fmt.Sprintf(" %s%s | %*d %s%s", string(name), pad, digits, t.added+t.gone, strings.Repeat("+", plus), strings.Repeat("-", minus))
		fmt.Fprintln(r.out, strings.TrimRight(line, " "))
	}
	r.sum(list)
}

// sum writes " 2 files changed, 3 insertions(+), 1 deletion(-)".
func (r *repo) sum(list []*text) {
	if len(list) == 0 {
		return
	}
	added, gone := 0, 0
	for _, t := range list {
		added += t.added
		gone += t.gone
	}
	fmt.Fprintf(r.out, " %s changed", count(len(list), "file"))
	if added > 0 || gone == 0 {
		fmt.Fprintf(r.out, ", %s(+)", count(added, "insertion"))
	}
	if gone > 0 || added == 0 {
		fmt.Fprintf(r.out, ", %s(-)", count(gone, "deletion"))
	}
	r.out.WriteByte('\n')
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// summary writes what was made, removed, renamed, and given another mode.
func (r *repo) summary(list []*text) {
	for _, t := range list {
		switch {
		case t.kind == 'A':
			fmt.Fprintf(r.out, " create mode %06o %s\n", t.b.mode, quote(t.new))
		case t.kind == 'D':
			fmt.Fprintf(r.out, " delete mode %06o %s\n", t.a.mode, quote(t.old))
		case t.kind == 'R':
			fmt.Fprintf(r.out, " rename %s (%d%%)\n", renamed(t.change), t.score)
		}
		if t.kind == 'R' && t.a.mode != t.b.mode {
			fmt.Fprintf(r.out, " mode change %06o => %06o\n", t.a.mode, t.b.mode)
		} else if (t.kind == 'M' || t.kind == 'T') && t.a.mode != t.b.mode {
			fmt.Fprintf(r.out, " mode change %06o => %06o %s\n", t.a.mode, t.b.mode, quote(t.new))
		}
	}
}

// renamed writes a rename short: "src/{a.go => b.go}".
func renamed(c change) string {
	if c.kind != 'R' {
		return quote(c.new)
	}
	a, b := c.old, c.new
	head := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			head = i + 1
		}
	}
	tail := 0
	for i := 1; i <= len(a)-head && i <= len(b)-head && a[len(a)-i] == b[len(b)-i]; i++ {
		if a[len(a)-i] == '/' {
			tail = i
		}
	}
	if head == 0 && tail == 0 {
		return quote(a) + " => " + quote(b)
	}
	return a[:head] + "{" + a[head:len(a)-tail] + " => " + b[head:len(b)-tail] + "}" + a[len(a)-tail:]
}
