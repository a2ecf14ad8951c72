package spec

import (
	"fmt"
	"slices"
	"strings"
)

// otherWords are keys of other formats, and what they are called here.
var otherWords = map[string][]string{
	"instruction":   {"instructions"},
	"system":        {"instructions"},
	"system_prompt": {"instructions"},
	"max_turns":     {"limits.turns"},
	"max_tokens":    {"limits.tokens"},
	"allowed_tools": {"tools"},
	"allowed-tools": {"tools"},
	"parameters":    {"payload"},
	"inputs":        {"payload", "parameters"},
	"input":         {"payload", "parameters"},
	"response":      {"result"},
	"output_schema": {"result"},
	"cmd":           {"shell", "exec"},
	"run":           {"shell", "exec"},
	"command":       {"exec"},
	"when":          {"if"},
	"foreach":       {"for_each"},
	"on":            {"triggers"},
}

// Suggest is the word of allowed that word was most likely meant to be: at most a third of it differs, or it is what
// another format calls it. Empty if there is none.
func Suggest(word string, allowed []string) string {
	for _, other := range otherWords[strings.ToLower(word)] {
		first, _, _ := strings.Cut(other, ".")
		if slices.Contains(allowed, first) {
			return other
		}
	}
	best, bestDistance := "", len(word)/3+1
	for _, candidate := range allowed {
		if d := distance(strings.ToLower(word), strings.ToLower(candidate), bestDistance); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// didYouMean is the hint for a word that is not in allowed, and what to write instead if that is sure.
func didYouMean(word string, allowed []string) (hint, fix string) {
	best := Suggest(word, allowed)
	if best == "" {
		return "", ""
	}
	if _, translated := otherWords[strings.ToLower(word)]; !translated { // what it holds may be written in another way, too
		fix = best
	}
	return fmt.Sprintf("did you mean %q?", best), fix
}

// DidYouMean is the hint for a word that is not in allowed; empty if nothing there is near.
func DidYouMean(word string, allowed []string) string {
	hint, _ := didYouMean(word, allowed)
	return hint
}

// distance is the number of insertions, deletions, replacements and swaps of neighbours that make b of a (optimal string
// alignment); limit or more is given as limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return min(row[len(b)], limit)
}
