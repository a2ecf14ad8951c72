package spec

import (
	"bytes"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/flue-run/flue/schema"
	"gopkg.in/yaml.v3"
)

// Document is one file of the project, with the position of everything in it.
type Document struct {
	File   string // path from the project's folder, with slashes
	Kind   string // agent, role, skill, command, tool, sandbox, settings, model, or schema
	Source []byte
	Root   *yaml.Node // of a Markdown file, its frontmatter; nil if there is none or it cannot be read
	Body   string     // of a Markdown file: what follows the frontmatter, without blank lines around it

	mu    sync.Mutex                      // of the two that follow: one schema file may serve many agents at once
	value any                             // what Value gives, once it was asked for
	keys  map[*yaml.Node]map[string]entry // of mappings that were looked into, so that a lookup costs nothing

	yamlStart int    // where the YAML begins in Source
	bodyStart int    // where Body begins in Source
	bodyKey   string // what the body is: prompt, instructions or body
	broken    bool   // it has a mistake that leaves nothing to check
	lines     []int  // where each line of Source begins
	yamlLines []int  // where each line begins as YAML counts them, which breaks lines at more characters
}

// newDocument reads source as what its file's name says it is: Markdown with frontmatter, or YAML.
func newDocument(file, kind string, source []byte) (*Document, []Problem) {
	d := &Document{File: file, Kind: kind, Source: source, lines: lineStarts(source)}
	if problem := d.unreadable(); problem != nil {
		d.broken = true
		return d, []Problem{*problem}
	}
	text := source
	if bytes.HasPrefix(text, bom) {
		d.yamlStart = len(bom)
		text = text[len(bom):]
	}
	if strings.HasSuffix(file, ".md") {
		var closed bool
		text, closed = d.splitMarkdown(text)
		if !closed {
			d.broken = true
			return d, []Problem{d.problem("yaml-syntax", 0, 3, "the frontmatter is not closed", "end it with a line ---")}
		}
	}
	d.yamlLines = yamlLineStarts(text, d.yamlStart)
	root, mistakes := parseYAML(text)
	d.Root = root
	d.broken = root == nil && len(mistakes) > 0
	if d.Body != "" {
		d.bodyKey = d.bodyMeaning()
	}
	var problems []Problem
	for _, mistake := range mistakes {
		problems = append(problems, d.syntaxProblem(mistake))
	}
	return d, problems
}

var bom = []byte("\xef\xbb\xbf")

// splitMarkdown sets the body and gives the frontmatter, and whether it is closed.
func (d *Document) splitMarkdown(text []byte) (frontmatter []byte, closed bool) {
	start := d.yamlStart
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	if string(bytes.TrimRight(first, " \t\r")) != "---" {
		d.setBody(start)
		return nil, true
	}
	d.yamlStart = start + len(text) - len(rest)
	for at := d.yamlStart; at < len(d.Source); {
		line, after, _ := bytes.Cut(d.Source[at:], []byte("\n"))
		if string(bytes.TrimRight(line, " \t\r")) == "---" {
			d.setBody(len(d.Source) - len(after))
			return d.Source[d.yamlStart:at], true
		}
		at = len(d.Source) - len(after)
	}
	return nil, false
}

func (d *Document) setBody(start int) {
	body := d.Source[start:]
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	indent := bytes.LastIndexByte(body[:len(body)-len(trimmed)], '\n') + 1
	d.bodyStart = start + indent
	body = bytes.TrimRight(body[indent:], " \t\r\n")
	d.Body = strings.ReplaceAll(string(body), "\r\n", "\n")
}

// bodyMeaning is the key that the body stands for.
func (d *Document) bodyMeaning() string {
	switch {
	case d.Kind != "agent":
		return "body"
	case d.Node("/prompt") != nil || d.Node("/skill") != nil || d.Node("/steps") != nil:
		return "instructions"
	}
	return "prompt"
}

// decode checks a document and reads it into target (if not nil), as far as it is right. One that is no YAML has its problem already.
func (d *Document) decode(target any) []Problem {
	if d.broken {
		return nil
	}
	problems := d.check()
	if d.bodyKey == "instructions" && d.Node("/instructions") != nil {
		start, end := d.KeySpan("/instructions")
		problems = append(problems, Problem{Pos: start, End: end, Rule: "duplicate-key",
			Text: "the instructions are there twice: here and below the frontmatter", Hint: "keep one of them"})
	}
	if d.Root == nil || target == nil {
		return problems
	}
	if err := d.Root.Decode(target); err != nil && len(problems) == 0 {
		start, end := d.NodeSpan(d.Root)
		problems = append(problems, Problem{Pos: start, End: end, Rule: "wrong-type", Text: err.Error()})
	}
	return problems
}

// unreadable is what keeps a file from being text at all.
func (d *Document) unreadable() *Problem {
	at, text, hint := -1, "", ""
	switch {
	case len(d.Source) > maxFile:
		at, text, hint = 0, fmt.Sprintf("the file is larger than %d KiB", maxFile>>10), "keep data in files that the agent reads"
	case bytes.HasPrefix(d.Source, []byte("\xff\xfe")), bytes.HasPrefix(d.Source, []byte("\xfe\xff")):
		at, text, hint = 0, "the file is UTF-16", "save it as UTF-8"
	case !utf8.Valid(d.Source):
		for i, r := range string(d.Source) {
			if _, size := utf8.DecodeRune(d.Source[i:]); r == utf8.RuneError && size == 1 {
				at, text, hint = i, "this byte is not UTF-8", "save the file as UTF-8"
				break
			}
		}
	default:
		at = bytes.IndexFunc(d.Source, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f })
		text = "a control character"
	}
	if at < 0 {
		return nil
	}
	problem := d.problem("encoding", at, at+1, text, hint)
	return &problem
}

func (d *Document) problem(rule string, start, end int, text, hint string) Problem {
	return Problem{Pos: d.Pos(start), End: d.Pos(end), Rule: rule, Text: text, Hint: hint}
}

func (d *Document) syntaxProblem(e *syntaxError) Problem {
	start := d.yamlStart + e.offset
	end := start + 1
	if e.node != nil {
		start, end = d.span(e.node)
	}
	rule := e.rule
	if rule == "" {
		rule = "yaml-syntax"
	}
	return d.problem(rule, start, end, e.text, e.hint)
}

// Value is the document as a JSON value, not to be changed: a Markdown file's body is in it below the key that it stands
// for.
func (d *Document) Value() any {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.value == nil {
		d.value = d.buildValue()
	}
	return d.value
}

func (d *Document) buildValue() any {
	var value any = map[string]any{}
	if d.Root != nil {
		value = jsonValue(d.Root)
	}
	if object, ok := value.(map[string]any); ok && d.bodyKey != "" && d.bodyKey != "body" {
		object[d.bodyKey] = d.Body
	}
	return value
}

// At is the place of the value that a JSON pointer points to, or of what is nearest above it.
func (d *Document) At(pointer string) Pos { start, _ := d.Span(pointer); return start }

// KeyAt is the place of the key of that value; of a list's item, of the item.
func (d *Document) KeyAt(pointer string) Pos { start, _ := d.KeySpan(pointer); return start }

// Span is where the value begins and, if it is a scalar, ends; of others, where its first word ends.
func (d *Document) Span(pointer string) (start, end Pos) {
	if d.isBody(pointer) {
		line, _, _ := strings.Cut(d.Body, "\n")
		return d.Pos(d.bodyStart), d.Pos(d.bodyStart + len(line))
	}
	_, value := d.find(pointer)
	return d.NodeSpan(value)
}

// KeySpan is Span for the key of the value.
func (d *Document) KeySpan(pointer string) (start, end Pos) {
	if d.isBody(pointer) {
		return d.Span(pointer)
	}
	key, value := d.find(pointer)
	if key != nil {
		value = key
	}
	return d.NodeSpan(value)
}

// In is the place of a byte of the text that a JSON pointer points to, wherever quotes, escapes, folding or indentation
// put it in the file.
func (d *Document) In(pointer string, offset int) Pos {
	if d.isBody(pointer) {
		return d.Pos(d.inBody(offset))
	}
	key, value := d.find(pointer)
	if value != nil {
		value = follow(value)
	}
	if value == nil || value.Kind != yaml.ScalarNode {
		if key != nil {
			value = key
		}
		start, _ := d.NodeSpan(value)
		return start
	}
	return d.Pos(d.scalarOffset(value, offset))
}

// Has says whether the document has a value at a JSON pointer.
func (d *Document) Has(pointer string) bool { return d.isBody(pointer) || d.Node(pointer) != nil }

// Node is the YAML node at a JSON pointer, with aliases followed; nil if there is none.
func (d *Document) Node(pointer string) *yaml.Node {
	here := d.Root
	for _, part := range pointerParts(pointer) {
		if here == nil {
			return nil
		}
		_, here = d.child(here, part)
	}
	if here == nil {
		return nil
	}
	return follow(here)
}

func (d *Document) isBody(pointer string) bool {
	return d.bodyKey != "" && pointer == "/"+d.bodyKey
}

func (d *Document) inBody(offset int) int {
	offset = min(max(offset, 0), len(d.Body))
	at := d.bodyStart
	for range strings.Count(d.Body[:offset], "\n") {
		next := bytes.IndexByte(d.Source[at:], '\n') + 1
		at += next
	}
	return at + offset - (strings.LastIndexByte(d.Body[:offset], '\n') + 1)
}

// find goes down a pointer as far as the document does.
func (d *Document) find(pointer string) (key, value *yaml.Node) {
	value = d.Root
	for _, part := range pointerParts(pointer) {
		if value == nil {
			break
		}
		nextKey, next := d.child(value, part)
		if next == nil {
			break
		}
		key, value = nextKey, next
	}
	return key, value
}

func pointerParts(pointer string) []string {
	if pointer == "" {
		return nil
	}
	return strings.Split(pointer[1:], "/")
}

// child is what a part of a pointer leads to, and its key if n is a mapping.
func (d *Document) child(n *yaml.Node, part string) (key, value *yaml.Node) {
	n = follow(n)
	switch n.Kind {
	case yaml.MappingNode:
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.keys[n] == nil {
			if d.keys == nil {
				d.keys = map[*yaml.Node]map[string]entry{}
			}
			d.keys[n] = map[string]entry{}
			for _, e := range entries(n) {
				d.keys[n][e.key.Value] = e
			}
		}
		e := d.keys[n][schema.Unescape(part)]
		return e.key, e.value
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(n.Content) {
			return nil, n.Content[i]
		}
	}
	return nil, nil
}

// NodeSpan is Span for a node of the document.
func (d *Document) NodeSpan(n *yaml.Node) (start, end Pos) {
	if n == nil {
		return d.Pos(d.yamlStart), d.Pos(d.yamlStart)
	}
	from, to := d.span(n)
	return d.Pos(from), d.Pos(to)
}

// span is the bytes of a scalar's first line, or of the first word of anything else.
func (d *Document) span(n *yaml.Node) (start, end int) {
	start = d.nodeStart(n)
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 {
		return d.span(n.Content[0])
	}
	line := d.Source[start:d.lineEnd(start)]
	if n.Kind == yaml.ScalarNode {
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			return start, start + len(bytes.TrimRight(line, " \t\r"))
		}
		to := d.scalarEnd(n)
		return start, min(to, start+len(bytes.TrimRight(line, " \t\r")))
	}
	if n.Kind == yaml.AliasNode {
		return start, start + 1 + len(n.Value)
	}
	return start, start + min(1, len(line))
}

// nodeStart is where a node's own text begins, after an anchor, a tag, and comments after these.
func (d *Document) nodeStart(n *yaml.Node) int {
	at := d.yamlOffset(n.Line, n.Column)
	for at < len(d.Source) && (d.Source[at] == '&' || d.Source[at] == '!') {
		rest := d.Source[at:]
		word := 1 + len(n.Anchor)
		if d.Source[at] == '!' {
			if word = bytes.IndexAny(rest, " \t\r\n"); word < 0 {
				return len(d.Source)
			}
		}
		rest = bytes.TrimLeft(rest[word:], " \t\r\n")
		for bytes.HasPrefix(rest, []byte("#")) {
			_, rest, _ = bytes.Cut(rest, []byte("\n"))
			rest = bytes.TrimLeft(rest, " \t\r\n")
		}
		at = len(d.Source) - len(rest)
	}
	return at
}

// yamlOffset is the byte at a line and column as the library counts: characters, from 1.
func (d *Document) yamlOffset(line, column int) int {
	if line < 1 || line > len(d.yamlLines) {
		return d.yamlStart
	}
	at := d.yamlLines[line-1]
	return at + byteOffset(d.Source[at:], column-1)
}

func (d *Document) lineEnd(offset int) int {
	if i := bytes.IndexByte(d.Source[offset:], '\n'); i >= 0 {
		return offset + i
	}
	return len(d.Source)
}

// Pos is the place of a byte of Source.
func (d *Document) Pos(offset int) Pos {
	offset = min(max(offset, d.lines[0]), len(d.Source))
	line := sort.SearchInts(d.lines, offset+1)
	return Pos{File: d.File, Line: line, Col: offset - d.lines[line-1] + 1}
}

func lineStarts(source []byte) []int {
	starts := []int{0}
	if bytes.HasPrefix(source, bom) {
		starts[0] = len(bom) // editors count columns without it
	}
	for i, c := range source {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// yamlLineStarts breaks lines where YAML 1.1 does: also at a bare CR, NEL, LS and PS.
func yamlLineStarts(text []byte, base int) []int {
	starts := []int{base}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		if r == '\r' && i < len(text) && text[i] == '\n' {
			continue
		}
		if r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029' {
			starts = append(starts, base+i)
		}
	}
	return starts
}
