package diff

import (
	"math"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// matcher finds a short edit script: Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), in linear space by
// its middle snake. Of two files that have little in common it is not the shortest one, unless -d asks for it.
type matcher struct {
	d                 *differ
	a, b              sequence
	forward, backward []int
	enough            int // steps after which the farthest point will do for the middle
}

// sequence is what is compared of a file: the lines that the other one has, too.
type sequence struct {
	classes []int
	lines   []int // where in the file they are
	changed []bool
}

// maxSteps is how many steps a search for the middle takes; more, where the files are so large that these are few.
const maxSteps = 4096

// match says which lines of two files are not the other's.
func (d *differ) match(a, b []line) (changedA, changedB []bool, err error) {
	from := 0
	for from < len(a) && from < len(b) && a[from].class == b[from].class {
		from++
	}
	toA, toB := len(a), len(b)
	for toA > from && toB > from && a[toA-1].class == b[toB-1].class {
		toA--
		toB--
	}
	m := &matcher{d: d, a: common(a, b, from, toA, toB), b: common(b, a, from, toB, toA)}
	m.enough = max(maxSteps, int(math.Sqrt(float64(len(a)+len(b)))))
	if d.minimal {
		m.enough = math.MaxInt
	}
	if err := m.compare(0, len(m.a.classes), 0, len(m.b.classes)); err != nil {
		return nil, nil, err
	}
	shift(m.a.changed, a, m.b.changed)
	shift(m.b.changed, b, m.a.changed)
	return m.a.changed, m.b.changed, nil
}

// common are the lines of a file, from one to another, of which the other file has an equal one there. The rest has changed.
func common(own, other []line, from, to, toOther int) sequence {
	known := map[int]bool{}
	for _, l := range other[from:toOther] {
		known[l.class] = true
	}
	s := sequence{changed: make([]bool, len(own))}
	for i := from; i < to; i++ {
		if !known[own[i].class] {
			s.changed[i] = true
			continue
		}
		s.classes, s.lines = append(s.classes, own[i].class), append(s.lines, i)
	}
	return s
}

// change notes that lines have changed.
func (s *sequence) change(from, to int) {
	for _, line := range s.lines[from:to] {
		s.changed[line] = true
	}
}

func (m *matcher) compare(aLow, aHigh, bLow, bHigh int) error {
	for aLow < aHigh && bLow < bHigh && m.a.classes[aLow] == m.b.classes[bLow] {
		aLow++
		bLow++
	}
	for aLow < aHigh && bLow < bHigh && m.a.classes[aHigh-1] == m.b.classes[bHigh-1] {
		aHigh--
		bHigh--
	}
	if aLow == aHigh || bLow == bHigh {
		m.a.change(aLow, aHigh)
		m.b.change(bLow, bHigh)
		return nil
	}
	x, y, err := m.middle(aLow, aHigh, bLow, bHigh)
	if err != nil {
		return err
	}
	if err := m.compare(aLow, x, bLow, y); err != nil {
		return err
	}
	return m.compare(x, aHigh, y, bHigh)
}

// middle finds a point on a shortest path; one of its sides is smaller than the whole.
func (m *matcher) middle(aLow, aHigh, bLow, bHigh int) (x, y int, err error) {
	n, k := aHigh-aLow, bHigh-bLow
	size := n + k + 3
	if len(m.forward) < 2*size {
		m.forward, m.backward = make([]int, 2*size), make([]int, 2*size)
	}
	f, b := m.forward[:2*size], m.backward[:2*size]
	delta := n - k
	f[size+1], b[size+1] = 0, 0
	for step := 0; ; step++ {
		if m.d.inv.Budget.Work(step+1) != nil || m.d.ctx.Err() != nil {
			return 0, 0, cli.ErrStop
		}
		if step >= m.enough {
			x, y = farthest(f[size-step+1:size+step], n, k)
			if backX, backY := farthest(b[size-step+1:size+step], n, k); backX+backY > x+y {
				x, y = n-backX, k-backY
			}
			return aLow + x, bLow + y, nil
		}
		for diag := -step; diag <= step; diag += 2 {
			i := 0
			if diag == -step || diag != step && f[size+diag-1] < f[size+diag+1] {
				i = f[size+diag+1]
			} else {
				i = f[size+diag-1] + 1
			}
			j := i - diag
			startI, startJ := i, j
			for i < n && j < k && i >= 0 && j >= 0 && m.a.classes[aLow+i] == m.b.classes[bLow+j] {
				i++
				j++
			}
			f[size+diag] = i
			if back := delta - diag; delta&1 != 0 && back >= -(step-1) && back <= step-1 && i+b[size+back] >= n {
				return split(aLow, bLow, startI, startJ, i, j, n, k)
			}
		}
		for diag := -step; diag <= step; diag += 2 {
			i := 0
			if diag == -step || diag != step && b[size+diag-1] < b[size+diag+1] {
				i = b[size+diag+1]
			} else {
				i = b[size+diag-1] + 1
			}
			j := i - diag
			startI, startJ := i, j
			for i < n && j < k && i >= 0 && j >= 0 && m.a.classes[aHigh-1-i] == m.b.classes[bHigh-1-j] {
				i++
				j++
			}
			b[size+diag] = i
			if front := delta - diag; delta&1 == 0 && front >= -step && front <= step && i+f[size+front] >= n {
				return split(aLow, bLow, n-i, k-j, n-startI, k-startJ, n, k)
			}
		}
	}
}

// farthest is the point of all that were reached from a corner, by diagonal, that is the farthest from it. The diagonal in
// the middle is 0; every other one is of the last step.
func farthest(reached []int, n, k int) (x, y int) {
	for at := 0; at < len(reached); at += 2 {
		diag := at - len(reached)/2
		i := min(reached[at], n, k+diag)
		if j := i - diag; i >= 0 && j >= 0 && i+j > x+y {
			x, y = i, j
		}
	}
	return x, y
}

// split chooses the end of the snake that makes both halves smaller than the whole.
func split(aLow, bLow, startI, startJ, endI, endJ, n, k int) (x, y int, err error) {
	if startI+startJ > 0 && startI+startJ < n+k && startI >= 0 && startJ >= 0 && startI <= n && startJ <= k {
		return aLow + startI, bLow + startJ, nil
	}
	return aLow + endI, bLow + endJ, nil
}

// shift moves runs of changed lines as far down as equal lines let them, as people expect it: an inserted function
// then ends with its own brace.
func shift(changed []bool, lines []line, other []bool) {
	for i, j := 0, 0; i < len(changed); {
		if !changed[i] {
			for j < len(other) && other[j] {
				j++
			}
			i++
			j++
			continue
		}
		start := i
		for i < len(changed) && changed[i] {
			i++
		}
		for j < len(other) && other[j] {
			j++ // what stands beside the run
		}
		end := i
		for end < len(changed) && lines[start].class == lines[end].class && (j >= len(other) || !other[j]) {
			changed[start], changed[end] = false, true
			start++
			end++
			j++
			for end < len(changed) && changed[end] {
				end++
			}
			if j < len(other) && other[j] {
				break
			}
		}
		i = end
	}
}
