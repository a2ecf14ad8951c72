package schema

import (
	"net/url"
	"strconv"
	"strings"
)

// Lookup finds what a JSON pointer points to in a JSON value.
func Lookup(value any, pointer string) (any, bool) {
	if pointer == "" {
		return value, true
	}
	for part := range strings.SplitSeq(pointer[1:], "/") {
		switch here := value.(type) {
		case map[string]any:
			next, ok := here[Unescape(part)]
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(here) {
				return nil, false
			}
			value = here[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// Escape makes a key a part of a JSON pointer, Unescape takes it back.
func Escape(key string) string { return escaper.Replace(key) }

// Unescape is the key that a part of a JSON pointer stands for.
func Unescape(part string) string { return unescaper.Replace(part) }

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

func unescapeURL(pointer string) string {
	if plain, err := url.PathUnescape(pointer); err == nil {
		return plain
	}
	return pointer
}

func lastPart(pointer string) string { return Unescape(pointer[strings.LastIndex(pointer, "/")+1:]) }
