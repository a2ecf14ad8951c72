package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxHistory is how many lines are kept.
const maxHistory = 1000

// history is the lines that were typed, in a file if there is one.
type history struct {
	lines   []string // the oldest first
	file    string   // "" keeps none
	dropped func() bool
}

// openHistory reads the lines of earlier times. dropped says that the line which ends now is not to be kept.
func openHistory(env func(string) string, dropped func() bool) *history {
	h := &history{file: historyFile(env), dropped: dropped}
	if data, err := os.ReadFile(h.file); err == nil { // a history that cannot be read is an empty one
		h.lines = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	}
	if over := len(h.lines) - maxHistory; over > 0 {
		h.lines = h.lines[over:]
		if h.file != "" {
			_ = os.WriteFile(h.file, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600) // likewise
		}
	}
	return h
}

// historyFile is where lines are kept, or "".
func historyFile(env func(string) string) string {
	if file, ok := os.LookupEnv("FLUE_HISTFILE"); ok {
		return file
	}
	state := env("XDG_STATE_HOME")
	if state == "" {
		home := env("HOME")
		if home == "" {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "flue", "sh_history")
}

// Add keeps a line, unless it is empty, the last one again, begins with a space or was given up.
func (h *history) Add(line string) {
	if strings.TrimSpace(line) == "" || line[0] == ' ' || h.dropped() || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	if h.file == "" {
		return
	}
	if err := os.MkdirAll(filepath.Dir(h.file), 0o700); err != nil {
		h.file = "" // the prompt goes on without
		return
	}
	f, err := os.OpenFile(h.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, line)
		f.Close()
	}
	if err != nil {
		h.file = ""
	}
}

// Len is how many lines there are.
func (h *history) Len() int { return len(h.lines) }

// At is a line, the latest being 0.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }
