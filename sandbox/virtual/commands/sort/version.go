package sort

import "bytes"

// compareVersions orders text with numbers in it, as GNU's filevercmp: the empty text first, then "." and "..", then
// hidden files, then by alternating non-digits and numbers; suffixes like ".tar.gz" decide last.
func compareVersions(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	for _, special := range []string{"", ".", ".."} {
		switch {
		case string(a) == special:
			return -1
		case string(b) == special:
			return 1
		}
	}
	hiddenA, hiddenB := a[0] == '.', b[0] == '.'
	if hiddenA != hiddenB {
		if hiddenA {
			return -1
		}
		return 1
	}
	if hiddenA {
		a, b = a[1:], b[1:]
	}
	bareA, bareB := withoutSuffix(a), withoutSuffix(b)
	if c := compareParts(bareA, bareB); c != 0 || len(bareA) == len(a) && len(bareB) == len(b) {
		return c
	}
	return compareParts(a, b)
}

// withoutSuffix takes off what matches (\.[A-Za-z~][A-Za-z0-9~]*)* at the end.
func withoutSuffix(text []byte) []byte {
	end := len(text)
	for i := len(text) - 1; i >= 0; i-- {
		c := text[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '~'
		switch {
		case c == '.':
			if i+1 >= len(text) || text[i+1] >= '0' && text[i+1] <= '9' || text[i+1] == '.' {
				return text[:end]
			}
			end = i
		case !letter && (c < '0' || c > '9'):
			return text[:end]
		}
	}
	return text[:end]
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// weight orders non-digits: "~" before the end, the end before letters, letters before all others.
func weight(text []byte, i int) int {
	switch {
	case i >= len(text):
		return -1
	case digit(text[i]):
		return 0
	case text[i] == '~':
		return -2
	case text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z':
		return int(text[i])
	}
	return int(text[i]) + 256
}

func compareParts(a, b []byte) int {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		for i < len(a) && !digit(a[i]) || j < len(b) && !digit(b[j]) {
			if c := weight(a, i) - weight(b, j); c != 0 {
				return c
			}
			i++
			j++
		}
		for i < len(a) && a[i] == '0' {
			i++
		}
		for j < len(b) && b[j] == '0' {
			j++
		}
		first := 0
		for i < len(a) && j < len(b) && digit(a[i]) && digit(b[j]) {
			if first == 0 {
				first = int(a[i]) - int(b[j])
			}
			i++
			j++
		}
		if i < len(a) && digit(a[i]) {
			return 1
		}
		if j < len(b) && digit(b[j]) {
			return -1
		}
		if first != 0 {
			return first
		}
	}
	return 0
}

// CompareVersions is the order of sort -V and ls -v.
func CompareVersions(a, b string) int { return compareVersions([]byte(a), []byte(b)) }
