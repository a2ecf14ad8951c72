package schema

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// bundle makes one document of root and the others that it refers to: they go below $defs, and every $ref is rewritten
// to where its target is now. prefix is the pointer at which the caller puts the result; "" for the root of a document.
func bundle(trees map[string]*node, root, prefix string) *node {
	b := &bundler{trees: trees, root: root, prefix: prefix, names: map[string]string{}}
	out := b.copy(trees[root], root)
	if len(b.order) == 0 {
		return out
	}
	defs := out.get("$defs")
	if defs == nil {
		defs = &node{isObject: true}
		out.set("$defs", defs)
	}
	for i := 0; i < len(b.order); i++ { // copying one may append more
		at := b.order[i]
		definition := b.copy(trees[at], at)
		definition.remove("$schema")
		defs.members = append(defs.members, member{b.names[at], definition})
	}
	return out
}

type bundler struct {
	trees        map[string]*node
	root, prefix string
	names        map[string]string // of documents below $defs, by URL
	order        []string
}

// values are the keywords whose content is data, where "$ref" means nothing.
var values = []string{"const", "enum", "default", "examples"}

func (b *bundler) copy(n *node, at string) *node {
	out := &node{scalar: n.scalar, isObject: n.isObject, isArray: n.isArray}
	for _, item := range n.items {
		out.items = append(out.items, b.copy(item, at))
	}
	for _, m := range n.members {
		value := m.value
		ref, isText := value.scalar.(string)
		switch {
		case m.key == "$ref" && isText:
			value = &node{scalar: b.rewrite(ref, at)}
		case !slices.Contains(values, m.key):
			value = b.copy(value, at)
		}
		out.members = append(out.members, member{m.key, value})
	}
	return out
}

func (b *bundler) rewrite(ref, at string) string {
	from, err := url.Parse(at)
	if err != nil {
		return ref
	}
	target, err := from.Parse(ref)
	if err != nil {
		return ref
	}
	fragment := target.EscapedFragment()
	target.Fragment, target.RawFragment = "", ""
	to := target.String()
	if b.trees[to] == nil || fragment != "" && !strings.HasPrefix(fragment, "/") {
		return ref // of a meta-schema, or by $anchor: good wherever it stands
	}
	if to == b.root {
		return "#" + b.prefix + fragment
	}
	if b.names[to] == "" {
		b.names[to] = strings.ReplaceAll(strings.TrimPrefix(to, base), "/", ".")
		b.order = append(b.order, to)
	}
	return "#" + b.prefix + "/$defs/" + b.names[to] + fragment
}

// outside finds a $ref whose path leads out of the project's folder; resolving URLs would quietly stop at its edge.
func outside(n *node, at string) string {
	for _, item := range n.items {
		if ref := outside(item, at); ref != "" {
			return ref
		}
	}
	for _, m := range n.members {
		ref, isText := m.value.scalar.(string)
		switch {
		case m.key == "$ref" && isText:
			file, _, _ := strings.Cut(ref, "#")
			if strings.HasPrefix(path.Join(path.Dir(at), file), "..") && !strings.Contains(file, ":") {
				return ref
			}
		case !slices.Contains(values, m.key):
			if ref := outside(m.value, at); ref != "" {
				return ref
			}
		}
	}
	return ""
}
