package storetest

import (
	"bytes"
	"strings"

	"github.com/flue-run/flue/store"
)

func values(w *world) {
	_, err := w.Value(w.ctx, "nobody")
	w.wantError(store.ErrNotFound, err)
	for key, value := range map[string][]byte{"": []byte("no name"), "a/b c": {0, 0xff}, strings.Repeat("long", 100): nil} {
		w.must(w.SetValue(w.ctx, key, []byte("earlier")))
		own := bytes.Clone(value)
		w.must(w.SetValue(w.ctx, key, own))
		clear(own) // the caller's again
		got, err := w.Value(w.ctx, key)
		w.must(err)
		if got == nil || !bytes.Equal(got, value) {
			w.Errorf("value %q is %q, want %q", key, got, value)
		}
	}
}
