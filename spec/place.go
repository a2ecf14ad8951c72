package spec

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/flue-run/flue/schema"
	"gopkg.in/yaml.v3"
)

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
