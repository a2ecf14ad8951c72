package store_test

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/store"
)

func TestValidSession(t *testing.T) {
	long := strings.Repeat("a", 128)
	for id, want := range map[string]bool{
		"a": true, "7": true, "issue-12": true, "a.b_c:d@e-f": true, "Z9": true, long: true,
		"": false, "-a": false, ".": false, "..": false, "_a": false, "a/b": false, "a b": false, "a\n": false,
		"é": false, "aé": false, "a\x00": false, long + "a": false,
	} {
		if got := store.ValidSession(id); got != want {
			t.Errorf("ValidSession(%q) = %v, want %v", id, got, want)
		}
	}
}

func TestNewID(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	zeros, ones := make([]byte, 10), bytes.Repeat([]byte{0xff}, 10)
	early := store.NewID("run", at, bytes.NewReader(ones))
	late := store.NewID("run", at.Add(time.Millisecond), bytes.NewReader(zeros))
	if early >= late {
		t.Errorf("%s does not sort before %s", early, late)
	}
	seen := map[string]bool{}
	for range 1000 {
		id := store.NewID(store.SessionPrefix, at, rand.Reader)
		if !store.ValidSession(id) || seen[id] {
			t.Fatalf("%s: not valid, or not new", id)
		}
		seen[id] = true
	}
}

func TestSignals(t *testing.T) {
	var s store.Signals
	a, b := store.Key{Agent: "x", Session: "a"}, store.Key{Agent: "x", Session: "b"}
	s.Wake(a) // nobody listens
	news, leave := s.Subscribe(a)
	s.Wake(b)
	select {
	case <-news:
		t.Fatal("woken by another session")
	default:
	}
	s.Wake(a)
	s.Wake(a)
	<-news
	select {
	case <-news:
		t.Fatal("two wakes before one wait are one signal")
	default:
	}
	leave()
	s.Wake(a)
	select {
	case <-news:
		t.Fatal("woken after leaving")
	default:
	}
}
