package main

import (
	"iter"

	"gopkg.in/yaml.v3"
)

// get is the value at a path of keys; nil if there is none.
func get(n *yaml.Node, path ...string) *yaml.Node {
	for _, want := range path {
		var found *yaml.Node
		for key, value := range pairs(n) {
			if key == want {
				found = value
			}
		}
		n = found
	}
	return n
}

// text is the text at a key; empty if there is none.
func text(n *yaml.Node, key string) string {
	if value := get(n, key); value != nil {
		return value.Value
	}
	return ""
}

// pairs are the entries of a mapping, in their order.
func pairs(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// items are the entries of a list.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// strs are the texts of a list.
func strs(n *yaml.Node) []string {
	var texts []string
	for _, item := range items(n) {
		texts = append(texts, item.Value)
	}
	return texts
}
