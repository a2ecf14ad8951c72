package markdown

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// inline is the text of n's children on one line: blanks are joined, and "\n" is a line break.
func (w *writer) inline(n *html.Node) string {
	var b strings.Builder
	w.inlineTo(&b, n)
	return tidy(b.String())
}

var blanks = regexp.MustCompile(`[ \t\r\n\f]+`)

// tidy joins blanks, around line breaks too, which are written as \v until here.
func tidy(s string) string {
	s = blanks.ReplaceAllString(s, " ")
	lines := strings.Split(s, "\v")
	for i := range lines {
		lines[i] = strings.Trim(lines[i], " ")
	}
	return strings.Trim(strings.Join(lines, "  \n"), " \n")
}

func (w *writer) inlineTo(b *strings.Builder, n *html.Node) {
	for c := n.FirstChild; c != nil && w.spend(len(c.Data)+1); c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(escape(c.Data))
			continue
		}
		if c.Type != html.ElementNode {
			continue
		}
		switch c.DataAtom {
		case atom.Br:
			b.WriteByte('\v')
		case atom.B, atom.Strong:
			w.marked(b, c, "**")
		case atom.I, atom.Em, atom.Cite, atom.Dfn, atom.Var:
			w.marked(b, c, "*")
		case atom.Del, atom.S, atom.Strike:
			w.marked(b, c, "~~")
		case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
			b.WriteString(codeSpan(blanks.ReplaceAllString(w.plain(c), " ")))
		case atom.A:
			w.link(b, c)
		case atom.Img:
			if src := w.absolute(attribute(c, "src")); src != "" {
				b.WriteString("![" + escape(attribute(c, "alt")) + "](" + src + title(c) + ")")
			}
		case atom.Input:
			if attribute(c, "type") == "checkbox" {
				_, checked := has(c, "checked")
				b.WriteString(map[bool]string{true: "[x] ", false: "[ ] "}[checked])
			}
		default:
			if hidden[c.DataAtom] {
				continue
			}
			if blockElement[c.DataAtom] {
				b.WriteByte(' ')
			}
			w.inlineTo(b, c)
			if blockElement[c.DataAtom] {
				b.WriteByte(' ')
			}
		}
	}
}

// marked puts marks around text; blanks at its ends go outside of them.
func (w *writer) marked(b *strings.Builder, n *html.Node, mark string) {
	var inner strings.Builder
	w.inlineTo(&inner, n)
	text := inner.String()
	core := strings.Trim(text, " \t\r\n\f\v")
	if core == "" {
		b.WriteString(text)
		return
	}
	at := strings.Index(text, core)
	b.WriteString(text[:at] + mark + core + mark + text[at+len(core):])
}

func (w *writer) link(b *strings.Builder, n *html.Node) {
	text := w.inline(n)
	to := w.absolute(attribute(n, "href"))
	switch {
	case to == "" || strings.HasPrefix(strings.ToLower(to), "javascript:"):
		b.WriteString(text)
	case text == "":
	case text == escape(to) && strings.Contains(to, "://"):
		b.WriteString("<" + to + ">")
	default:
		b.WriteString("[" + strings.ReplaceAll(text, "  \n", " ") + "](" + to + title(n) + ")")
	}
}

// absolute is a link's target, made absolute if there is a domain, as Markdown takes it.
func (w *writer) absolute(target string) string {
	target = strings.TrimSpace(target)
	if w.domain != nil && target != "" {
		if u, err := url.Parse(target); err == nil {
			target = w.domain.ResolveReference(u).String()
		}
	}
	return strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29", "\n", "", "\t", "%09", "<", "%3C", ">", "%3E").Replace(target)
}

func title(n *html.Node) string {
	t := strings.Join(strings.Fields(attribute(n, "title")), " ")
	if t == "" {
		return ""
	}
	return ` "` + strings.ReplaceAll(t, `"`, `\"`) + `"`
}

// codeSpan puts enough backquotes around code.
func codeSpan(code string) string {
	if strings.TrimSpace(code) == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(code, '`')+1)
	if strings.HasPrefix(code, "`") || strings.HasSuffix(code, "`") {
		code = " " + code + " "
	}
	return fence + code + fence
}

func longestRun(s string, c byte) (longest int) {
	run := 0
	for i := 0; i < len(s); i++ {
		if run++; s[i] != c {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

var escaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "<", `\<`, "\v", " ")

// escape keeps text from being taken as Markdown.
func escape(text string) string { return escaper.Replace(text) }

func attribute(n *html.Node, name string) string {
	value, _ := has(n, name)
	return value
}

func has(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}
