package markdown

import (
	"bytes"
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// writer collects blocks, with an empty line between two of them.
type writer struct {
	ctx     context.Context
	inv     *shell.Invocation
	domain  *url.URL // nil: links stay as they are
	out     bytes.Buffer
	stopped bool
}

// hidden elements show nothing.
var hidden = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Head: true, atom.Title: true, atom.Noscript: true, atom.Template: true,
	atom.Iframe: true, atom.Object: true, atom.Svg: true, atom.Select: true, atom.Textarea: true, atom.Meta: true, atom.Link: true}

// blockElement begin and end a block.
var blockElement = map[atom.Atom]bool{atom.P: true, atom.Div: true, atom.Section: true, atom.Article: true, atom.Main: true, atom.Header: true,
	atom.Footer: true, atom.Nav: true, atom.Aside: true, atom.Address: true, atom.Figure: true, atom.Figcaption: true, atom.Form: true,
	atom.Fieldset: true, atom.Details: true, atom.Summary: true, atom.Dl: true, atom.Dt: true, atom.Dd: true, atom.H1: true, atom.H2: true,
	atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Ul: true, atom.Ol: true, atom.Li: true, atom.Pre: true, atom.Blockquote: true,
	atom.Hr: true, atom.Table: true, atom.Tr: true, atom.Td: true, atom.Th: true, atom.Body: true, atom.Html: true, atom.Caption: true}

// spend spends work, and says whether to go on.
func (w *writer) spend(n int) bool {
	w.stopped = w.stopped || w.inv.Budget.Work(n) != nil || w.ctx.Err() != nil
	return !w.stopped
}

// block adds lines, after an empty one.
func (w *writer) block(text string) {
	if text = strings.Trim(text, "\n"); text == "" || !w.spend(len(text)) {
		return
	}
	if w.out.Len() > 0 {
		w.out.WriteString("\n\n")
	}
	w.out.WriteString(text)
}

func (w *writer) result() []byte {
	if w.out.Len() > 0 {
		w.out.WriteByte('\n')
	}
	return w.out.Bytes()
}

// inside is the blocks of n's children, apart.
func (w *writer) inside(n *html.Node) string {
	inner := &writer{ctx: w.ctx, inv: w.inv, domain: w.domain}
	inner.children(n)
	w.stopped = w.stopped || inner.stopped
	return inner.out.String()
}

// children writes what is in n: its blocks, and between them the paragraphs that inline elements make up.
func (w *writer) children(n *html.Node) {
	var loose []*html.Node
	flush := func() {
		if len(loose) > 0 {
			w.paragraph(loose)
			loose = nil
		}
	}
	for c := n.FirstChild; c != nil && w.spend(1); c = c.NextSibling {
		if c.Type == html.ElementNode && (blockElement[c.DataAtom] || holdsBlock(c)) {
			flush()
			w.element(c)
		} else if c.Type == html.TextNode || c.Type == html.ElementNode && !hidden[c.DataAtom] {
			loose = append(loose, c)
		}
	}
	flush()
}

// holdsBlock says whether an inline element has a block as its child, as <a><div>…</div></a> has.
func holdsBlock(n *html.Node) bool {
	if hidden[n.DataAtom] || n.DataAtom == atom.A {
		return false
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && blockElement[c.DataAtom] {
			return true
		}
	}
	return false
}

// lineStart is what at the begin of a line would be Markdown of another kind.
var lineStart = regexp.MustCompile(`(?m)^(#{1,6}(?: |$)|[-+](?: |$)|>|(\d+)([.)])(?: |$)|-{3,}$|={3,}$|~~~)`)

// paragraph is nodes in a row.
func (w *writer) paragraph(nodes []*html.Node) {
	var b strings.Builder
	for _, n := range nodes {
		w.inlineTo(&b, &html.Node{FirstChild: &html.Node{Type: n.Type, Data: n.Data, DataAtom: n.DataAtom, Attr: n.Attr, FirstChild: n.FirstChild}})
	}
	text := tidy(b.String())
	w.block(lineStart.ReplaceAllStringFunc(text, func(s string) string {
		if s[0] >= '0' && s[0] <= '9' {
			i := strings.IndexAny(s, ".)")
			return s[:i] + `\` + s[i:]
		}
		if strings.HasPrefix(s, "~~~") {
			return s
		}
		return `\` + s
	}))
}

func (w *writer) element(n *html.Node) {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		if text := strings.ReplaceAll(w.inline(n), "  \n", " "); text != "" {
			w.block(strings.Repeat("#", int(n.Data[1]-'0')) + " " + text)
		}
	case atom.Hr:
		w.block("* * *")
	case atom.Pre:
		w.code(n)
	case atom.Blockquote:
		w.block(indent(w.inside(n), "> ", "> "))
	case atom.Ul, atom.Ol:
		w.list(n)
	case atom.Dt:
		if text := w.inline(n); text != "" {
			w.block("**" + text + "**")
		}
	case atom.Table:
		w.table(n)
	default:
		if !hidden[n.DataAtom] {
			w.children(n)
		}
	}
}

// indent puts first before the first line and rest before the others, but for empty ones.
func indent(text, first, rest string) string {
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		mark := rest
		if i == 0 {
			mark = first
		}
		lines[i] = strings.TrimRight(mark+line, " ")
		if line != "" {
			lines[i] = mark + line
		}
	}
	return strings.Join(lines, "\n")
}

func (w *writer) list(n *html.Node) {
	number := 1
	if start, err := strconv.Atoi(attribute(n, "start")); err == nil {
		number = start
	}
	var items []string
	loose := false
	for c := n.FirstChild; c != nil && w.spend(1); c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		mark := "- "
		if n.DataAtom == atom.Ol {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		text := ""
		if c.DataAtom == atom.Li {
			text = w.inside(c)
		} else {
			text = w.inside(&html.Node{FirstChild: &html.Node{Type: c.Type, Data: c.Data, DataAtom: c.DataAtom, Attr: c.Attr, FirstChild: c.FirstChild}})
		}
		for p := c.FirstChild; p != nil; p = p.NextSibling {
			loose = loose || p.DataAtom == atom.P
		}
		if !loose {
			text = strings.Replace(text, "\n\n- ", "\n- ", 1)
		}
		if text == "" {
			items = append(items, strings.TrimRight(mark, " "))
			continue
		}
		items = append(items, indent(text, mark, strings.Repeat(" ", len(mark))))
	}
	w.block(strings.Join(items, map[bool]string{true: "\n\n", false: "\n"}[loose]))
}

// code is a fenced block, with the language that its class says.
func (w *writer) code(n *html.Node) {
	text := strings.TrimSuffix(strings.TrimPrefix(w.plain(n), "\n"), "\n")
	class := attribute(n, "class")
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Code {
			class += " " + attribute(c, "class")
		}
	}
	language := ""
	for _, word := range strings.Fields(class) {
		for _, prefix := range []string{"language-", "lang-", "highlight-source-"} {
			if rest, ok := strings.CutPrefix(word, prefix); ok {
				language = rest
			}
		}
	}
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	w.block(fence + language + "\n" + text + "\n" + fence)
}

// plain is the text in n as it stands.
func (w *writer) plain(n *html.Node) string {
	var b strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil && w.spend(len(c.Data)+1); c = c.NextSibling {
			switch {
			case c.Type == html.TextNode:
				b.WriteString(c.Data)
			case c.DataAtom == atom.Br:
				b.WriteByte('\n')
			default:
				walk(c)
			}
		}
	}
	walk(n)
	return b.String()
}

// table is a table with its first row as the header.
func (w *writer) table(n *html.Node) {
	var rows [][]string
	columns := 0
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil && w.spend(1); c = c.NextSibling {
			switch c.DataAtom {
			case atom.Tr:
				var row []string
				for cell := c.FirstChild; cell != nil; cell = cell.NextSibling {
					if cell.DataAtom == atom.Td || cell.DataAtom == atom.Th {
						text := strings.ReplaceAll(strings.ReplaceAll(w.inline(cell), "  \n", "<br>"), "|", `\|`)
						row = append(row, text)
					}
				}
				rows, columns = append(rows, row), max(columns, len(row))
			case atom.Thead, atom.Tbody, atom.Tfoot:
				walk(c)
			case atom.Caption:
				w.block(w.inline(c))
			}
		}
	}
	walk(n)
	if columns == 0 || columns > 1000 {
		return
	}
	var b strings.Builder
	for i, row := range rows {
		if !w.spend(columns) {
			return
		}
		for j := range columns {
			cell := ""
			if j < len(row) {
				cell = row[j]
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
		if i == 0 {
			b.WriteString(strings.Repeat("| --- ", columns) + "|\n")
		}
	}
	w.block(b.String())
}
