package commands

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// exprFunction is a word that takes the operands behind it.
type exprFunction struct {
	arguments int
	apply     func(arguments []string) (string, error)
}

var exprFunctions = map[string]exprFunction{
	"length": {1, func(a []string) (string, error) { return strconv.Itoa(utf8.RuneCountInString(a[0])), nil }},
	"match":  {2, func(a []string) (string, error) { return exprMatch(a[0], a[1]) }},
	"index":  {2, func(a []string) (string, error) { return exprIndex(a[0], a[1]), nil }},
	"substr": {3, func(a []string) (string, error) { return exprSubstring(a[0], a[1], a[2]), nil }},
}

// exprMatch matches from the start: the first group, or the number of characters.
func exprMatch(s, pattern string) (string, error) {
	re, err := regex.Compile(pattern, regex.BRE, 0)
	if err != nil {
		return "", err
	}
	// Only a match at the start counts. The pattern is not anchored with ^, which would bind to its first branch alone.
	loc := re.Find([]byte(s), 0)
	if loc != nil && loc[0] != 0 {
		loc = nil
	}
	if loc == nil {
		if re.Groups() > 0 {
			return "", nil
		}
		return "0", nil
	}
	if re.Groups() > 0 {
		if loc[2] < 0 {
			return "", nil
		}
		return s[loc[2]:loc[3]], nil
	}
	return fmt.Sprint(utf8.RuneCountInString(s[:loc[1]])), nil
}

// exprIndex is the place of the first character that is in set, from 1; 0 if there is none.
func exprIndex(s, set string) string {
	i := strings.IndexAny(s, set)
	if i < 0 {
		return "0"
	}
	return strconv.Itoa(utf8.RuneCountInString(s[:i]) + 1)
}

// exprSubstring is at most length characters from the place from, which counts from 1.
func exprSubstring(s, from, length string) string {
	at, ok1 := exprInt(from)
	n, ok2 := exprInt(length)
	if !ok1 || !ok2 || at.Sign() <= 0 || n.Sign() <= 0 || !at.IsInt64() {
		return ""
	}
	runes := []rune(s)
	if at.Int64() > int64(len(runes)) {
		return ""
	}
	runes = runes[at.Int64()-1:]
	if n.IsInt64() && n.Int64() < int64(len(runes)) {
		runes = runes[:n.Int64()]
	}
	return string(runes)
}
