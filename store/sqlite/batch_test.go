package sqlite

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/store"
)

func TestBatch(t *testing.T) {
	large := json.RawMessage(make([]byte, maxInline+1))
	entries := []store.Entry{
		{Run: "run", Type: "text", Time: time.Unix(1, 2).UTC(), Data: json.RawMessage(`{"a": 1}`)},
		{},
		{Run: "run", Data: large},
		{Type: "edge", Time: time.Unix(-5, 0).UTC(), Data: large[:maxInline]},
	}
	kept := 0
	data := encode(entries, func(data []byte) string { kept += len(data); return "hash" })
	got, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]stored, len(entries))
	for i, e := range entries {
		want[i].Entry = e
	}
	want[2].Data, want[2].blob = nil, "hash"
	if kept != len(large) || !reflect.DeepEqual(got, want) {
		t.Errorf("%d bytes kept elsewhere; got\n%v, want\n%v", kept, got, want)
	}
	whole := 0
	for n := range len(data) {
		if got, err := decode(data[:n]); err == nil {
			if whole++; !slices.EqualFunc(got, want[:len(got)], func(a, b stored) bool { return reflect.DeepEqual(a, b) }) {
				t.Errorf("the first %d bytes are %v", n, got)
			}
		}
	}
	if whole != len(entries) { // nothing, and what ends behind an entry
		t.Errorf("%d parts of a batch can be read", whole)
	}
}

func plain(list []stored) (entries []store.Entry) {
	for _, e := range list {
		entries = append(entries, e.Entry)
	}
	return entries
}

// FuzzBatch reads what nobody has written: it is refused, or is a batch.
func FuzzBatch(f *testing.F) {
	f.Add(encode([]store.Entry{{Run: "r", Type: "t", Data: json.RawMessage(`1`)}, {}}, nil))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := decode(data)
		if err != nil {
			return
		}
		again, err := decode(encode(plain(entries), func([]byte) string { t.Skip("larger than an append makes it"); return "" }))
		if err != nil || len(again) != len(entries) {
			t.Errorf("%d entries, then %d, %v", len(entries), len(again), err)
		}
	})
}

// TestUnfinishedReadsAnIndex asks SQLite how it goes about the query.
func TestUnfinishedReadsAnIndex(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.readers.Query("explain query plan "+selectRun+unfinished, 0, "[]")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := collect(rows, func(scan func(...any) error) (step string, err error) {
		var skip int
		err = scan(&skip, &skip, &skip, &step)
		return step, err
	})
	if err != nil || !strings.Contains(strings.Join(plan, "\n"), "run_queue") {
		t.Fatal(plan, err)
	}
	for _, step := range plan {
		if strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "run_queue") && !strings.Contains(step, "json_each") {
			t.Errorf("it reads a whole table: %s, in %q", step, plan)
		}
	}
}
