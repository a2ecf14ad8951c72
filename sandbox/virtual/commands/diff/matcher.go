package diff

import (
	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// matcher finds a shortest edit script: Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), in linear
// space by its middle snake.
type matcher struct {
	d                  *differ
	a, b               []line
	changedA, changedB []bool
	forward, backward  []int
}

func (m *matcher) compare(aLow, aHigh, bLow, bHigh int) error {
	for aLow < aHigh && bLow < bHigh && m.a[aLow].class == m.b[bLow].class {
		aLow++
		bLow++
	}
	for aLow < aHigh && bLow < bHigh && m.a[aHigh-1].class == m.b[bHigh-1].class {
		aHigh--
		bHigh--
	}
	switch {
	case aLow == aHigh:
		for ; bLow < bHigh; bLow++ {
			m.changedB[bLow] = true
		}
		return nil
	case bLow == bHigh:
		for ; aLow < aHigh; aLow++ {
			m.changedA[aLow] = true
		}
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
		for diag := -step; diag <= step; diag += 2 {
			i := 0
			if diag == -step || diag != step && f[size+diag-1] < f[size+diag+1] {
				i = f[size+diag+1]
			} else {
				i = f[size+diag-1] + 1
			}
			j := i - diag
			startI, startJ := i, j
			for i < n && j < k && i >= 0 && j >= 0 && m.a[aLow+i].class == m.b[bLow+j].class {
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
			for i < n && j < k && i >= 0 && j >= 0 && m.a[aHigh-1-i].class == m.b[bHigh-1-j].class {
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

// split chooses the end of the snake that makes both halves smaller than the whole.
func split(aLow, bLow, startI, startJ, endI, endJ, n, k int) (x, y int, err error) {
	if startI+startJ > 0 && startI+startJ < n+k && startI >= 0 && startJ >= 0 && startI <= n && startJ <= k {
		return aLow + startI, bLow + startJ, nil
	}
	return aLow + endI, bLow + endJ, nil
}

// shift moves runs of changed lines as far down as equal lines let them, as people expect it: an inserted function
// then ends with its own brace.
func (m *matcher) shift(changed []bool, lines []line, other []bool) {
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
