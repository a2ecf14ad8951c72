package cli

import (
	"math"
	"strings"
)

// Size reads a count with one of GNU's suffixes: b is 512, kB 1000, K and KiB 1024, and so on to E. What does not fit
// becomes the largest number.
func Size(s string) (n int64, ok bool) {
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		if d := int64(s[digits] - '0'); n > (math.MaxInt64-d)/10 {
			n = math.MaxInt64
		} else {
			n = n*10 + d
		}
		digits++
	}
	suffix := s[digits:]
	if digits == 0 && suffix != "" {
		n = 1
	}
	if digits == 0 && (suffix == "" || strings.IndexByte("bkKMGTPEZY", suffix[0]) < 0) {
		return 0, false
	}
	if suffix == "" {
		return n, true
	}
	unit := int64(1024)
	switch rest := suffix[1:]; {
	case suffix == "b":
		return multiply(n, 512), true
	case suffix == "w":
		return multiply(n, 2), true
	case suffix == "c":
		return n, true
	case rest == "B":
		unit = 1000
	case rest != "" && rest != "iB":
		return 0, false
	}
	power := strings.IndexByte("KMGTPEZYRQ", strings.ToUpper(suffix[:1])[0])
	if power < 0 || suffix[0] >= 'a' && suffix[0] != 'k' && suffix[0] != 'm' && suffix[0] != 'g' {
		return 0, false
	}
	for range power + 1 {
		n = multiply(n, unit)
	}
	return n, true
}

func multiply(n, by int64) int64 {
	if n > math.MaxInt64/by {
		return math.MaxInt64
	}
	return n * by
}
