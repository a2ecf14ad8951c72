package patch

import (
	"fmt"
	"strings"
)

// applied is what became of a file.
type applied struct {
	text    string
	failed  []*hunk
	ignored bool // they were not tried: the patch was applied before
	inexact bool // a hunk fitted only elsewhere or with fuzz
}

// apply applies the hunks of d to a text: each where its lines stand, nearest to where it should be; if they do not
// stand anywhere, up to fuzz lines of its context may differ.
func (p *patcher) apply(d *fileDiff, text string) (r applied) {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if p.applied(d, lines) {
		if p.forward {
			p.say("Reversed (or previously applied) patch detected!  Skipping patch.")
			return applied{text: text, failed: d.hunks, ignored: true}
		}
		p.say("Reversed (or previously applied) patch detected!  Assume -R? [n] \nApply anyway? [n] \nSkipping patch.")
		return applied{text: text, failed: d.hunks, ignored: true}
	}
	offset, from := 0, 0
	var out []string
	for k, h := range d.hunks {
		start := h.oldStart - 1
		if h.oldCount == 0 {
			start = h.oldStart
		}
		at, fuzz, ok := p.find(lines, h, start+offset, from)
		if !ok {
			p.say("Hunk #%d FAILED at %d.", k+1, h.newStart)
			r.failed = append(r.failed, h)
			continue
		}
		if moved := at - start; moved != 0 || fuzz > 0 {
			r.inexact = true
			note := ""
			if fuzz > 0 {
				note = fmt.Sprintf(" with fuzz %d", fuzz)
			}
			if moved != 0 {
				note += fmt.Sprintf(" (offset %d line%s)", moved, plural(abs(moved)))
			}
			p.say("Hunk #%d succeeded at %d%s.", k+1, at+1+len(out)-from, note)
			offset = moved
		}
		out = append(out, lines[from:at]...)
		from = at
		for _, l := range h.lines {
			switch l.kind {
			case ' ': // the file's own line, which fuzz may have let differ
				out = append(out, lines[from])
				from++
			case '-':
				from++
			default:
				out = append(out, l.text)
			}
		}
	}
	r.text = strings.Join(append(out, lines[from:]...), "")
	return r
}

func abs(n int) int { return max(n, -n) }

// applied says whether the patch was applied before: its first hunk does not fit, but its reverse does.
func (p *patcher) applied(d *fileDiff, lines []string) bool {
	h := d.hunks[0]
	old, added := h.side('-'), h.side('+')
	fits := func(want []string, at int) bool {
		for i, w := range want {
			if at+i < 0 || at+i >= len(lines) || lines[at+i] != w {
				return false
			}
		}
		return true
	}
	if h.oldCount == 0 {
		return h.oldStart == 0 && len(lines) > 0 && len(added) == len(lines) && fits(added, 0)
	}
	_, _, ok := p.find(lines, h, h.oldStart-1, 0)
	return !ok && len(old) > 0 && len(added) > 0 && fits(added, h.newStart-1)
}

// find looks for the old lines of a hunk from a place on, nearest first.
func (p *patcher) find(lines []string, h *hunk, want, least int) (at, fuzz int, ok bool) {
	old := h.side('-')
	lead, trail := h.contexts()
	for fuzz = 0; fuzz <= min(p.fuzz, max(lead, trail)); fuzz++ {
		skipLead, skipTrail := max(fuzz-max(max(lead, trail)-lead, 0), 0), max(fuzz-max(max(lead, trail)-trail, 0), 0)
		fits := func(at int) bool {
			if at < least || at+len(old) > len(lines) {
				return false
			}
			for i := skipLead; i < len(old)-skipTrail; i++ {
				if lines[at+i] != old[i] {
					return false
				}
			}
			return true
		}
		for away := 0; away <= len(lines); away++ {
			if p.inv.Budget.Work(1) != nil {
				return 0, 0, false
			}
			if fits(want + away) {
				return want + away, fuzz, true
			}
			if fits(want - away) {
				return want - away, fuzz, true
			}
		}
	}
	return 0, 0, false
}

// contexts counts the context lines at the begin and at the end of a hunk.
func (h *hunk) contexts() (lead, trail int) {
	for lead < len(h.lines) && h.lines[lead].kind == ' ' {
		lead++
	}
	for trail < len(h.lines) && h.lines[len(h.lines)-1-trail].kind == ' ' {
		trail++
	}
	return lead, trail
}
