package regex

import (
	"strings"
)

// plain returns the text of a tree that is nothing but characters.
func plain(n *node, bytes bool) (string, bool) {
	switch n.kind {
	case char:
		return runeText(n.r, bytes), true
	case sequence:
		var b strings.Builder
		for _, s := range n.sub {
			if s.kind != char {
				return "", false
			}
			b.WriteString(runeText(s.r, bytes))
		}
		return b.String(), true
	}
	return "", false
}

// alternatives are the texts of which a tree matches any; nil if it is not like that.
func alternatives(n *node, bytes bool) (texts []string) {
	if n.kind != alternation {
		return nil
	}
	for _, s := range n.sub {
		if s.kind == alternation {
			below := alternatives(s, bytes)
			if below == nil {
				return nil
			}
			texts = append(texts, below...)
			continue
		}
		text, ok := plain(s, bytes)
		if !ok {
			return nil
		}
		texts = append(texts, text)
	}
	return texts
}

// required returns the longest text that is in everything the tree matches.
func required(n *node, bytes bool) string {
	switch n.kind {
	case char:
		return runeText(n.r, bytes)
	case group:
		return required(n.sub[0], bytes)
	case repeat:
		if n.min > 0 {
			return required(n.sub[0], bytes)
		}
	case sequence:
		best, run := "", ""
		for _, s := range n.sub {
			if s.kind == char {
				run += runeText(s.r, bytes)
			} else {
				run = ""
				if inner := required(s, bytes); len(inner) > len(best) {
					best = inner
				}
			}
			if len(run) > len(best) {
				best = run
			}
		}
		return best
	}
	return ""
}

func runeText(r rune, bytes bool) string {
	if bytes {
		return string([]byte{byte(r)})
	}
	return string(r)
}
