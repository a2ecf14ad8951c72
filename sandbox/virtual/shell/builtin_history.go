package shell

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// history is the list of commands that history and fc show. Entries are never changed in place: forks share them.
type history struct {
	lines []historyLine
	first int // number of the first one, less 1
	fresh int // those at the end that history -a has not written
}

type historyLine struct {
	text string
	at   time.Time
}

// addHistory adds a command as HISTCONTROL, HISTIGNORE and HISTSIZE say.
func (s *shell) addHistory(text string) {
	text = strings.TrimRight(text, "\n")
	h := &s.hist
	for control := range strings.SplitSeq(s.get("HISTCONTROL"), ":") {
		switch {
		case (control == "ignorespace" || control == "ignoreboth") && strings.HasPrefix(text, " "):
			return
		case (control == "ignoredups" || control == "ignoreboth") && len(h.lines) > 0 && h.lines[len(h.lines)-1].text == text:
			return
		case control == "erasedups":
			for i := len(h.lines) - 1; i >= 0; i-- {
				if h.lines[i].text == text {
					h.remove(i)
				}
			}
		}
	}
	if ignore := s.get("HISTIGNORE"); ignore != "" {
		for pattern := range strings.SplitSeq(ignore, ":") {
			if s.match(pattern, text) {
				return
			}
		}
	}
	if strings.TrimSpace(text) == "" {
		return
	}
	s.hold(len(text) + 40)
	h.lines = append(h.lines[:len(h.lines):len(h.lines)], historyLine{text, s.Now()})
	h.fresh++
	if limit, isNumber := number(s.get("HISTSIZE")); isNumber && limit >= 0 && len(h.lines) > limit {
		h.first += len(h.lines) - limit
		h.lines = h.lines[len(h.lines)-limit:]
	}
}

func (h *history) remove(i int) {
	h.lines = append(h.lines[:i:i], h.lines[i+1:]...)
	h.fresh = min(h.fresh, len(h.lines))
}

// place is the index of the command that a number means: negative ones count from the end.
func (h *history) place(n int) (int, bool) {
	if n < 0 {
		n += len(h.lines)
	} else {
		n -= h.first + 1
	}
	return n, n >= 0 && n < len(h.lines)
}

func builtinHistory(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "acd:npsrw")
	if !ok {
		return 2
	}
	h := &s.hist
	mode, place := "", ""
	for _, o := range opts {
		letter, value, isPlace := strings.Cut(o, "=")
		switch {
		case isPlace:
			place = value
		case letter == "c":
			*h = history{}
		case strings.Contains("anrw", letter):
			if mode != "" && mode != letter {
				s.warnf("history: cannot use more than one of -anrw")
				return 1
			}
			mode = letter
		}
	}
	switch {
	case has(opts, "s"):
		if len(rest) > 0 {
			s.hold(len(rest[0]) + 40)
			h.lines = append(h.lines[:len(h.lines):len(h.lines)], historyLine{strings.Join(rest, " "), s.Now()})
			h.fresh++
		}
		return 0
	case has(opts, "p"):
		for _, a := range rest {
			s.text(h.expand(a) + "\n")
		}
		return 0
	case place != "":
		return s.deleteHistory(place)
	case mode != "":
		return s.historyFile(mode, rest)
	case has(opts, "c"):
		return 0
	}
	from := 0
	if len(rest) > 1 {
		s.warnf("history: too many arguments")
		return 2
	}
	if len(rest) > 0 {
		n, isNumber := number(rest[0])
		if !isNumber {
			s.warnf("history: %s: numeric argument required", rest[0])
			return 1
		}
		from = max(0, len(h.lines)-max(n, -n))
	}
	format := s.get("HISTTIMEFORMAT")
	for i, l := range h.lines[from:] {
		when := ""
		if format != "" {
			when = datetime.Format(l.at.In(s.zone()), format)
		}
		s.text(fmt.Sprintf("%5d  %s%s\n", h.first+from+i+1, when, l.text))
	}
	return 0
}

// expand is the part of history expansion that history -p may need: a word that is a whole event.
func (h *history) expand(word string) string {
	event, isEvent := strings.CutPrefix(word, "!")
	if !isEvent || event == "" || len(h.lines) == 0 {
		return word
	}
	if event == "!" {
		return h.lines[len(h.lines)-1].text
	}
	if n, err := strconv.Atoi(event); err == nil {
		if i, ok := h.place(n); ok {
			return h.lines[i].text
		}
		return word
	}
	for i := len(h.lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(h.lines[i].text, event) {
			return h.lines[i].text
		}
	}
	return word
}

// deleteHistory is history -d N and -d FROM-TO.
func (s *shell) deleteHistory(place string) int {
	h := &s.hist
	out := func(what string) int {
		s.warnf("history: %s: history position out of range", what)
		return 1
	}
	from, to := place, place
	if i := strings.LastIndex(place, "-"); i > 0 {
		if from, to = place[:i], place[i+1:]; strings.HasSuffix(from, "-") {
			from, to = from[:len(from)-1], "-"+to
		}
	}
	n, isNumber := number(from)
	a, ok := h.place(n)
	if !isNumber || !ok {
		return out(from)
	}
	n, isNumber = number(to)
	b, ok := h.place(n)
	if !isNumber || !ok || b < a {
		return out(to)
	}
	for range b - a + 1 {
		h.remove(a)
	}
	return 0
}

// historyFile reads or writes a file of commands, HISTFILE unless one is named.
func (s *shell) historyFile(mode string, rest []string) int {
	h := &s.hist
	name := s.get("HISTFILE")
	if len(rest) > 0 {
		name = rest[0]
	}
	if name == "" {
		return 0
	}
	if mode == "r" || mode == "n" {
		st, err := s.openStream(name, vfs.Read)
		if err != nil {
			s.warnf("history: %s: cannot read: %v", name, err)
			return 1
		}
		text, err := s.readAll(&handle{st: st, by: s.proc})
		st.close()
		if err != nil {
			return 1
		}
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if mode == "n" {
			lines = lines[min(s.histRead, len(lines)):]
		}
		s.histRead += len(lines)
		for _, line := range lines {
			if line != "" {
				s.hold(len(line) + 40)
				h.lines = append(h.lines[:len(h.lines):len(h.lines)], historyLine{line, s.Now()})
			}
		}
		return 0
	}
	list, flag := h.lines, vfs.Write|vfs.Create|vfs.Truncate
	if mode == "a" {
		if list, flag = h.lines[len(h.lines)-h.fresh:], vfs.Write|vfs.Create|vfs.Append; len(list) == 0 {
			return 0
		}
	}
	st, err := s.openStream(name, flag)
	if err != nil {
		s.warnf("history: %s: cannot create: %v", name, err)
		return 1
	}
	defer st.close()
	for _, l := range list {
		if _, err := st.write([]byte(l.text+"\n"), s.proc); err != nil {
			return 1
		}
	}
	h.fresh = 0
	return 0
}
