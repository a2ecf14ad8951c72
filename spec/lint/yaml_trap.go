package lint

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/flue-run/flue/spec"
	"gopkg.in/yaml.v3"
)

var yamlTrap = &Rule{
	Name:     "yaml-trap",
	Severity: spec.Warning,
	Group:    Files,
	Doc: `A word or number without quotes that readers of YAML disagree about: yes, no, on and off are booleans to some, 08 and
1_000 are numbers to some and text to others, 12:30 is 750 to some. Quotes settle it.`,
	Bad: `description: no
prompt: Say hello.
`,
	Good: `description: "no"
prompt: Say hello.
`,
	Check: checkYAMLTrap,
}

var (
	trapWord   = regexp.MustCompile(`^(?i:yes|no|on|off)$`)
	trapNumber = regexp.MustCompile(`^[-+]?(0[0-9_]+|[0-9]+_[0-9_]*|[0-9]+(:[0-5]?[0-9])+)$`)
)

func checkYAMLTrap(p *Pass) {
	reported := map[spec.Pos]bool{}
	for _, problem := range p.Loaded {
		reported[problem.Pos] = true
	}
	for _, d := range p.Project.Documents {
		if d.Root != nil {
			trapsIn(p, d, d.Root, "", reported)
		}
	}
}

// trapsIn looks at what n holds. key is the key whose value n is: thinking takes off as a word.
func trapsIn(p *Pass, d *spec.Document, n *yaml.Node, key string, reported map[spec.Pos]bool) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode {
			if key = n.Content[i-i%2].Value; i%2 == 0 {
				key = ""
			}
		}
		if child.Kind != yaml.ScalarNode {
			trapsIn(p, d, child, key, reported)
			continue
		}
		isWord := trapWord.MatchString(child.Value) && key != "thinking"
		if child.Style != 0 || !isWord && !trapNumber.MatchString(child.Value) {
			continue
		}
		start, end := d.NodeSpan(child)
		if !reported[start] {
			p.Add(spec.Problem{Pos: start, End: end, Fix: strconv.Quote(child.Value), Hint: "put quotes around it",
				Text: fmt.Sprintf("readers of YAML disagree about what %s is", child.Value)})
		}
	}
}
