package schema

import (
	"bytes"
	"encoding/json"
	"slices"
)

// node is a JSON value that keeps the order of its keys. Exactly one of the fields is set.
type node struct {
	members []member // of an object, with isObject
	items   []*node  // of an array, with isArray
	scalar  any      // string, json.Number, bool, nil

	isObject, isArray bool
}

type member struct {
	key   string
	value *node
}

func parse(raw []byte) (*node, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return parseNext(decoder)
}

func parseNext(decoder *json.Decoder) (*node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	n := &node{}
	switch token {
	case json.Delim('{'):
		n.isObject = true
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			value, err := parseNext(decoder)
			if err != nil {
				return nil, err
			}
			n.members = append(n.members, member{key.(string), value})
		}
		_, err = decoder.Token()
	case json.Delim('['):
		n.isArray = true
		for decoder.More() {
			item, err := parseNext(decoder)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err = decoder.Token()
	default:
		n.scalar = token
	}
	return n, err
}

func (n *node) json() []byte {
	var out bytes.Buffer
	n.write(&out)
	return out.Bytes()
}

func (n *node) write(out *bytes.Buffer) {
	switch {
	case n.isObject:
		out.WriteByte('{')
		for i, m := range n.members {
			if i > 0 {
				out.WriteByte(',')
			}
			writeScalar(out, m.key)
			out.WriteByte(':')
			m.value.write(out)
		}
		out.WriteByte('}')
	case n.isArray:
		out.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				out.WriteByte(',')
			}
			item.write(out)
		}
		out.WriteByte(']')
	default:
		writeScalar(out, n.scalar)
	}
}

// writeScalar writes no \u003c for <: a model reads these texts.
func writeScalar(out *bytes.Buffer, scalar any) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(scalar); err != nil {
		panic(err) // scalars come from a JSON text
	}
	out.Truncate(out.Len() - 1) // the encoder's newline
}

// plain is n as encoding/json would decode it with UseNumber.
func (n *node) plain() any {
	switch {
	case n.isObject:
		object := make(map[string]any, len(n.members))
		for _, m := range n.members {
			object[m.key] = m.value.plain()
		}
		return object
	case n.isArray:
		array := make([]any, len(n.items))
		for i, item := range n.items {
			array[i] = item.plain()
		}
		return array
	}
	return n.scalar
}

func (n *node) get(key string) *node {
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

func (n *node) set(key string, value *node) {
	n.remove(key)
	n.members = append(n.members, member{key, value})
}

func (n *node) remove(key string) {
	n.members = slices.DeleteFunc(n.members, func(m member) bool { return m.key == key })
}
