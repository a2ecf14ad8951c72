package grep

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestLiteral compares the search with that of the library, on texts of few different bytes.
func TestLiteral(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = "e qx"[random.IntN(4)]
		}
		return b
	}
	for range 20_000 {
		b, part := text(random.IntN(300)), text(1+random.IntN(6))
		if got, want := newLiteral(part).index(b), bytes.Index(b, part); got != want {
			t.Fatalf("%q in %q is at %d, not %d", part, b, want, got)
		}
	}
}
