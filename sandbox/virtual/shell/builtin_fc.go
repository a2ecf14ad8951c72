package shell

import (
	"strconv"
	"strings"
)

// builtinFc lists commands of the history, or runs them again.
func builtinFc(s *shell, args []string) int {
	h := &s.hist
	if n := len(h.lines); s.opts&optHistory != 0 && n > 0 { // fc itself does not count
		without := *h
		without.lines = h.lines[:n-1]
		h = &without
	}
	rest := args[1:]
	var list, bare, reverse, again bool
	editor := ""
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' && !isDigit(rest[0][1]) {
		a := rest[0]
		if rest = rest[1:]; a == "--" {
			break
		}
		for i, c := range a[1:] {
			switch c {
			case 'l':
				list = true
			case 'n':
				bare = true
			case 'r':
				reverse = true
			case 's':
				again = true
			case 'e':
				if editor = a[i+2:]; editor == "" {
					if len(rest) == 0 {
						s.warnf("fc: -e: option requires an argument")
						return s.misused("fc")
					}
					editor, rest = rest[0], rest[1:]
				}
			default:
				return s.badOption("fc", "-"+string(c))
			}
			if c == 'e' {
				break
			}
		}
	}
	if again || editor == "-" {
		return s.runAgain(rest)
	}
	if !list || len(h.lines) == 0 {
		return 0
	}
	from, to := max(0, len(h.lines)-16), len(h.lines)-1
	if len(rest) > 0 {
		ok := false
		if from, ok = s.historyPlace(rest[0]); !ok {
			s.warnf("fc: history specification out of range")
			return 1
		}
		if len(rest) > 1 {
			if to, ok = s.historyPlace(rest[1]); !ok {
				s.warnf("fc: history specification out of range")
				return 1
			}
		}
	}
	if from > to {
		from, to, reverse = to, from, !reverse
	}
	for i := range to - from + 1 {
		at := from + i
		if reverse {
			at = to - i
		}
		number := ""
		if !bare {
			number = strconv.Itoa(h.first + at + 1)
		}
		s.text(number + "\t " + h.lines[at].text + "\n")
	}
	return 0
}

// historyPlace finds a command by its number, or by how it begins.
func (s *shell) historyPlace(spec string) (int, bool) {
	h := &s.hist
	if n, err := strconv.Atoi(spec); err == nil {
		switch i, ok := h.place(n); {
		case ok && n != 0:
			return i, true
		case n <= 0 && -n > len(h.lines):
			return 0, true
		default:
			return len(h.lines) - 1, len(h.lines) > 0
		}
	}
	for i := len(h.lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(h.lines[i].text, spec) {
			return i, true
		}
	}
	return 0, false
}

// runAgain is fc -s [old=new …] [command].
func (s *shell) runAgain(rest []string) int {
	h := &s.hist
	var pairs []string
	for len(rest) > 0 {
		old, with, isPair := strings.Cut(rest[0], "=")
		if !isPair {
			break
		}
		pairs, rest = append(pairs, old, with), rest[1:]
	}
	place, ok := len(h.lines)-1, len(h.lines) > 0
	if len(rest) > 0 {
		place, ok = s.historyPlace(rest[0])
	}
	if !ok {
		s.warnf("fc: no command found")
		return 1
	}
	text := h.lines[place].text
	for i := 0; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	s.errln(text)
	s.hold(len(text) + 40)
	h.lines = append(h.lines[:len(h.lines):len(h.lines)], historyLine{text, s.Now()})
	h.fresh++
	return s.runText(text, "fc")
}
