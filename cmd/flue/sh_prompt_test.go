package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestKeys: Ctrl-C reaches the line editor as the end of a line that is given up, and a script gets no more than a line
// of what was typed ahead.
func TestKeys(t *testing.T) {
	p := &prompter{keys: newKeys(strings.NewReader("a\x03one\rtwo\n\x04three"))}
	b := make([]byte, 256)
	read := func(r io.Reader) string {
		t.Helper()
		n, err := r.Read(b)
		if err != nil {
			return err.Error()
		}
		return string(b[:n])
	}
	if got := read(p); got != "a" || p.stopped.Load() {
		t.Errorf("a letter is %q, stopped %v", got, p.stopped.Load())
	}
	if got := read(p); got != "\x05^C\r" || !p.stopped.Load() {
		t.Errorf("Ctrl-C is %q, stopped %v", got, p.stopped.Load())
	}
	script := keysDuring{p.keys, t.Context()}
	for _, want := range []string{"one\n", "two\n", "EOF", "three"} {
		if got := read(script); got != want {
			t.Errorf("a script reads %q, want %q", got, want)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the script has ended")
	cancel(cause)
	r, w := io.Pipe()
	defer w.Close()
	waiting := newKeys(r)
	if _, err := (keysDuring{waiting, ctx}).Read(b); err != cause {
		t.Errorf("a read after the end: %v", err)
	}
	go w.Write([]byte("kept"))
	if got := read(keysDuring{waiting, t.Context()}); got != "kept" {
		t.Errorf("the next script reads %q", got)
	}
}

// TestLastWord finds what Tab completes, and where it begins.
func TestLastWord(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "ls": "ls", "ls ": "", "ls a": "a", `ls a\ b`: "a b", `ls "a b`: "a b", "ls 'a b' c": "c", "x=/us": "/us", "a|gre": "gre",
		"cat <f": "f", "echo $(l": "l", "echo 日本": "日本", "ls ~/a": "~/a",
	} {
		if _, got := lastWord(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"": true, "ls ": false, "a | ": true, "if ": true, "x; then ": true, "for ": false, "$(": true} {
		if got := atCommand(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
