package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const (
	maxFile     = 1 << 20 // bytes of one document
	maxDepth    = 100     // of nested mappings and lists
	maxKeys     = 10_000  // of one mapping: the library compares each with each
	maxExpanded = 100_000 // nodes of one document once its aliases are followed
)

// syntaxError is a mistake at a byte of a YAML text.
type syntaxError struct {
	rule       string
	offset     int
	node       *yaml.Node // where it is instead, if not nil
	text, hint string
}

// parseYAML reads one YAML document. The node is nil for an empty one. It checks what the library leaves open: tags,
// depth, duplicate keys, and how much aliases unfold to.
func parseYAML(text []byte) (root *yaml.Node, mistakes []*syntaxError) {
	defer func() {
		if r := recover(); r != nil {
			root, mistakes = nil, []*syntaxError{{text: fmt.Sprintf("cannot be read as YAML: %v", r)}}
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, next yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, []*syntaxError{librarySyntaxError(decoder, err, text)}
	}
	switch err := decoder.Decode(&next); {
	case err == nil:
		return nil, []*syntaxError{{node: next.Content[0], text: "a second document begins here", hint: "a file holds one"}}
	case !errors.Is(err, io.EOF):
		return nil, []*syntaxError{librarySyntaxError(decoder, err, text)}
	}
	c := checker{sizes: map[*yaml.Node]int{}}
	root = document.Content[0]
	c.check(root, 1)
	if c.fatal {
		return nil, c.mistakes
	}
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, c.mistakes
	}
	return root, c.mistakes
}

// librarySyntaxError finds the place of an error. The library's text names a line that may be the one before, and no
// column; its parser knows both, in fields that only reflection reads.
func librarySyntaxError(decoder *yaml.Decoder, err error, text []byte) *syntaxError {
	e := &syntaxError{text: strings.TrimPrefix(err.Error(), "yaml: ")}
	parser := reflect.ValueOf(decoder).Elem().FieldByName("parser").Elem().FieldByName("parser")
	mark := parser.FieldByName("problem_mark")
	problem := parser.FieldByName("problem").String()
	e.offset = int(mark.FieldByName("index").Int())
	if problem != "" {
		e.text = problem
		if context := parser.FieldByName("context").String(); context != "" {
			e.text = context + ", " + problem
		}
	}
	e.offset = byteOffset(text, e.offset)
	lineStart := bytes.LastIndexByte(text[:e.offset], '\n') + 1
	line, _, _ := bytes.Cut(text[lineStart:], []byte("\n"))
	switch {
	case bytes.HasPrefix(text[e.offset:], []byte("\t")):
		e.text, e.hint = "a tab cannot indent YAML", "use spaces"
	case bytes.Contains(line, []byte("${{")):
		e.hint = `put quotes around a value that holds ${{ }}: "${{ … }}"`
	case strings.Contains(e.text, "mapping values are not allowed"):
		e.hint = `check the indentation, and put quotes around text that holds ": "`
	}
	return e
}

// byteOffset turns the library's count of characters into one of bytes.
func byteOffset(text []byte, characters int) int {
	offset := 0
	for ; characters > 0 && offset < len(text); characters-- {
		_, size := utf8.DecodeRune(text[offset:])
		offset += size
	}
	return offset
}

// checker walks a document once, before anything else does.
type checker struct {
	mistakes []*syntaxError
	sizes    map[*yaml.Node]int // with aliases followed; 0: not yet known
	fatal    bool
}

func (c *checker) fail(n *yaml.Node, text, hint string) {
	c.mistakes = append(c.mistakes, &syntaxError{node: n, text: text, hint: hint})
	c.fatal = true
}

func (c *checker) check(n *yaml.Node, depth int) int {
	if depth > maxDepth {
		if !c.fatal {
			c.fail(n, fmt.Sprintf("nested more than %d deep", maxDepth), "")
		}
		return 1
	}
	size := 1
	switch n.Kind {
	case yaml.AliasNode:
		size = c.sizes[n.Alias]
		if size == 0 {
			c.fail(n, fmt.Sprintf("*%s is part of itself", n.Value), "")
			return 1
		}
	case yaml.ScalarNode:
		c.scalar(n)
	default:
		for i, child := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 {
				c.key(child)
			}
			size += c.check(child, depth+1)
		}
		c.duplicates(n)
	}
	if size > maxExpanded && !c.fatal {
		c.fail(n, fmt.Sprintf("holds more than %d values, with its aliases followed", maxExpanded), "")
	}
	size = min(size, maxExpanded+1)
	c.sizes[n] = size
	return size
}

// scalar keeps dates text, as they are in JSON, and refuses what JSON cannot say.
func (c *checker) scalar(n *yaml.Node) {
	switch n.ShortTag() {
	case "!!timestamp":
		n.Tag = "!!str"
	case "!!str", "!!int", "!!bool", "!!null", "!!merge":
	case "!!float":
		if _, ok := number(n); !ok {
			c.fail(n, fmt.Sprintf("%s is not a number that JSON has", n.Value), "put quotes around it if it is text")
		}
	default:
		c.fail(n, fmt.Sprintf("the tag %s is not supported", n.Tag), "")
	}
}

// key makes every key text: 1: and true: are the keys "1" and "true".
func (c *checker) key(n *yaml.Node) {
	switch {
	case n.Kind != yaml.ScalarNode:
		c.fail(n, "a key must be text", "")
	case n.ShortTag() != "!!merge":
		n.Tag = "!!str"
	}
}

func (c *checker) duplicates(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		if n.Kind == yaml.SequenceNode {
			c.tag(n, "!!seq")
		}
		return
	}
	c.tag(n, "!!map")
	if len(n.Content)/2 > maxKeys {
		c.fail(n, fmt.Sprintf("a mapping with more than %d keys", maxKeys), "")
		return
	}
	seen := map[string]bool{}
	var kept []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] && key.Kind == yaml.ScalarNode {
			if len(c.mistakes) < maxProblems {
				text := fmt.Sprintf("the key %q is there twice", key.Value)
				c.mistakes = append(c.mistakes, &syntaxError{rule: "duplicate-key", node: key, text: text, hint: "keep one of them"})
			}
			continue
		}
		seen[key.Value] = true
		kept = append(kept, key, n.Content[i+1])
		if key.ShortTag() == "!!merge" {
			c.merge(n.Content[i+1])
		}
	}
	n.Content = kept
}

func (c *checker) tag(n *yaml.Node, want string) {
	if n.ShortTag() != want {
		c.fail(n, fmt.Sprintf("the tag %s is not supported", n.Tag), "")
	}
}

func (c *checker) merge(n *yaml.Node) {
	n = follow(n)
	ok := n.Kind == yaml.MappingNode
	if n.Kind == yaml.SequenceNode {
		ok = true
		for _, item := range n.Content {
			ok = ok && follow(item).Kind == yaml.MappingNode
		}
	}
	if !ok {
		c.fail(n, "<< takes a mapping or a list of mappings", "")
	}
}
