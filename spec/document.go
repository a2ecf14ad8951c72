package spec

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

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

// ParseDocument reads source as what its file's name says it is: Markdown with frontmatter, or YAML.
func ParseDocument(file, kind string, source []byte) (*Document, []Problem) {
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
