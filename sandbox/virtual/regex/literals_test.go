package regex_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// TestLiterals compares the automaton of many texts with what is tried at every place.
func TestLiterals(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := 6
	text := func(from, to int) string {
		var b strings.Builder
		for range from + random.IntN(to-from+1) {
			b.WriteString([]string{"a", "b", "A", "_", " ", "é"}[random.IntN(letters)])
		}
		return b.String()
	}
	for range 20000 {
		flags := []regex.Flags{0, regex.Words, regex.Lines, regex.IgnoreCase, regex.Words | regex.IgnoreCase, regex.Lines | regex.IgnoreCase}[random.IntN(6)]
		if letters = 6; flags&regex.IgnoreCase != 0 {
			letters = 5 // other cases of letters beyond ASCII are the expression's to know
		}
		patterns := []string{text(1, 4), text(1, 4)}
		for range random.IntN(6) {
			patterns = append(patterns, text(1, 5))
		}
		line := text(0, 12)
		re, err := regex.CompileAny(patterns, regex.Literal, flags)
		if err != nil {
			t.Fatal(err)
		}
		want := anyAt(patterns, line, flags)
		if got := re.Find([]byte(line), 0); !slices.Equal(got, want) || re.Match([]byte(line)) != (want != nil) || re.MatchString(line) != (want != nil) {
			t.Fatalf("%q in %q with flags %b: %v, want %v", patterns, line, flags, got, want)
		}
	}
}

// anyAt is the longest of the first places of texts in a line.
func anyAt(texts []string, line string, flags regex.Flags) []int {
	for start := range line {
		end := -1
		for _, text := range texts {
			stop := start + len(text)
			switch {
			case stop > len(line):
			case line[start:stop] != text && !(flags&regex.IgnoreCase != 0 && strings.EqualFold(line[start:stop], text)):
			case flags&regex.Lines != 0 && (start > 0 || stop < len(line)):
			case flags&regex.Words != 0 && (wordEnds(line[:start]) || wordBegins(line[stop:])):
			default:
				end = max(end, stop)
			}
		}
		if end >= 0 {
			return []int{start, end}
		}
	}
	return nil
}

func wordEnds(s string) bool { return s != "" && !strings.HasSuffix(s, " ") }

func wordBegins(s string) bool { return s != "" && !strings.HasPrefix(s, " ") }

// TestManyLiterals: what takes too much memory is refused, and not tried.
func TestManyLiterals(t *testing.T) {
	many := make([]string, 500_000)
	for i := range many {
		many[i] = strings.Repeat("x", i%7) + "y"
	}
	if _, err := regex.CompileAny(many, regex.Literal, 0); err != nil {
		t.Error(err)
	}
	if _, err := regex.CompileAny(append(many, strings.Repeat("z", 4<<20)), regex.Literal, 0); err == nil || err.Error() != "Regular expression too big" {
		t.Error(err)
	}
}

func BenchmarkLiterals(b *testing.B) {
	words, line := make([]string, 1000), []byte(strings.Repeat("the quick brown fox ", 50))
	for i := range words {
		words[i] = strings.Repeat("lorem", 1+i%3) + strings.Repeat("i", i/3%19) + strings.Repeat("u", i/57)
	}
	re, err := regex.CompileAny(words, regex.Literal, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if re.Match(line) {
			b.Fatal("it is not there")
		}
	}
}
