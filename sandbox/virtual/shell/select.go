package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func (s *shell) selectLoop(name string, items []string, body []*syntax.Stmt) int {
	if len(items) == 0 {
		return 0
	}
	show := true
	for {
		s.step()
		if show {
			s.selectMenu(items)
		}
		prompt, ok := s.value("PS3")
		if !ok {
			prompt = "#? "
		}
		s.errText(prompt)
		line, more := s.readLine(0)
		if !more {
			s.text("\n")
			s.status = 1
			return 1
		}
		s.setVar("REPLY", line)
		show = line == ""
		if show {
			continue
		}
		choice := ""
		if n, err := strconv.Atoi(strings.TrimSpace(line)); err == nil && n >= 1 && n <= len(items) {
			choice = items[n-1]
		}
		if !s.setVar(name, choice) {
			return s.checked(1)
		}
		s.stmts(body)
		if s.loopEnds() {
			return s.status
		}
		if s.get("REPLY") == "" {
			show = true
		}
	}
}

// selectMenu prints a select loop's choices in columns, as bash does on 80 columns.
func (s *shell) selectMenu(items []string) {
	width := 0
	for _, it := range items {
		width = max(width, len(it))
	}
	digits := len(strconv.Itoa(len(items)))
	cell := width + digits + 2
	cols := max(1, 80/(cell+2))
	rows := (len(items) + cols - 1) / cols
	if cols == 1 || rows == 1 {
		rows, cols = len(items), 1
	}
	var b strings.Builder
	for r := range rows {
		for i := r; i < len(items); i += rows {
			num := strconv.Itoa(i + 1)
			b.WriteString(strings.Repeat(" ", digits-len(num)) + num + ") " + items[i])
			if i+rows < len(items) {
				b.WriteString(strings.Repeat(" ", cell-digits-2-len(items[i])+2))
			}
		}
		b.WriteByte('\n')
	}
	s.errText(b.String())
}
