package commands

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/flue-run/flue/sandbox/virtual/commands/jq"
)

// maxAliases bounds how deep nodes and aliases may go.
const maxAliases = 1000

func (y *yqRun) value(n *yaml.Node, depth int) (any, error) {
	if err := y.inv.Budget.Work(10); err != nil {
		return nil, err
	}
	if depth > maxAliases {
		return nil, fmt.Errorf("nested too deeply")
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return y.value(n.Content[0], depth+1)
	case yaml.AliasNode:
		return y.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		items := make([]any, len(n.Content))
		for i, c := range n.Content {
			v, err := y.value(c, depth+1)
			if err != nil {
				return nil, err
			}
			items[i] = v
		}
		return jq.NewArray(items), nil
	case yaml.MappingNode:
		o := jq.NewObject()
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := y.value(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			if merged, ok := v.(*jq.Object); ok && n.Content[i].Tag == "!!merge" {
				for _, name := range merged.Names() {
					if _, there := o.Get(name); !there {
						item, _ := merged.Get(name)
						o = o.With(name, item)
					}
				}
				continue
			}
			o = o.With(n.Content[i].Value, v)
		}
		return o, nil
	}
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		var b bool
		err := n.Decode(&b)
		return b, err
	case "!!int", "!!float":
		if v, err := jq.ParseValue(n.Value); err == nil {
			return v, nil
		}
		var f float64
		err := n.Decode(&f)
		return f, err
	}
	return n.Value, nil
}

// node is v for the YAML encoder, with the keys in their order.
func (y *yqRun) node(v any) *yaml.Node {
	switch v := v.(type) {
	case *jq.Object:
		n := &yaml.Node{Kind: yaml.MappingNode}
		names := append([]string{}, v.Names()...)
		if y.enc.SortKeys {
			slices.Sort(names)
		}
		for _, name := range names {
			item, _ := v.Get(name)
			n.Content = append(n.Content, y.node(name), y.node(item))
		}
		return n
	case *jq.Array:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range v.Items() {
			n.Content = append(n.Content, y.node(item))
		}
		return n
	case string:
		n := &yaml.Node{}
		n.SetString(v)
		return n
	}
	tag := map[bool]string{true: "!!bool"}[v == true || v == false]
	if v == nil {
		tag = "!!null"
	}
	text := string((&jq.Encoder{}).Encode(v))
	if tag == "" {
		if tag = "!!int"; strings.Trim(text, "-0123456789") != "" {
			tag = "!!float"
		}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}
}
