package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/schema"
	"gopkg.in/yaml.v3"
)

// maxProblems is how many mistakes of one sort are listed of one file.
const maxProblems = 100

// check compares a document with the schema of its kind and reports at the places of the user's file.
func (d *Document) check() []Problem {
	value := d.Value()
	var problems []Problem
	violations := schema.For(d.Kind).ValidateAll(value)
	for i, v := range violations {
		if explained(v, violations) {
			continue
		}
		problem := d.violationProblem(v)
		problems = append(problems, problem)
		if len(problems) == maxProblems && i+1 < len(violations) {
			problem.Text, problem.Fix = fmt.Sprintf("and %d more mistakes in this file", len(violations)-i-1), ""
			return append(problems, problem)
		}
	}
	return problems
}

// explained says whether a missing key is only missing because it is misspelt, which is another violation.
func explained(v schema.Violation, all []schema.Violation) bool {
	wanted := v.Allowed
	switch {
	case v.Keyword == "required":
		wanted = []string{v.Name}
	case v.Keyword != "oneOf":
		return false
	}
	return slices.ContainsFunc(all, func(other schema.Violation) bool {
		return other.Keyword == "additionalProperties" && other.Path == v.Path+"/"+schema.Escape(other.Name) &&
			slices.Contains(wanted, Suggest(other.Name, other.Allowed))
	})
}

// violationProblem is the one way from a violation of a schema to a place in a file.
func (d *Document) violationProblem(v schema.Violation) Problem {
	p := Problem{Rule: "bad-value", Text: pathLabel(v.Path) + v.Message}
	atKey := false
	switch v.Keyword {
	case "additionalProperties":
		p.Rule, p.Text, atKey = "unknown-key", v.Message, true
		if p.Hint, p.Fix = didYouMean(v.Name, v.Allowed); p.Hint == "" {
			p.Hint = "the keys here are " + strings.Join(v.Allowed, ", ")
		}
	case "required":
		p.Rule, p.Text, atKey = "missing-key", v.Message, v.Path != ""
	case "oneOf":
		p.Rule, p.Text = "two-kinds", d.subject(v.Path)+v.Message
		v.Path = d.secondOf(v.Path, v.Allowed)
		atKey = true
	case "type", "const":
		p.Rule = "wrong-type"
		p.Text = strings.NewReplacer("object", "mapping", "array", "list").Replace(p.Text)
		p.Hint, p.Fix = quoteHint(d.Node(v.Path), v.Message)
	case "enum":
		value, _ := schema.Lookup(d.Value(), v.Path)
		if text, ok := value.(string); ok {
			p.Hint, p.Fix = didYouMean(text, v.Allowed)
		}
	case "not":
		atKey = true
	case "propertyNames":
		p.Text, atKey = v.Message, true
	}
	if n := d.Node(v.Path); n != nil && n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0 {
		atKey = true // nothing is written there
	}
	p.Pos, p.End = d.Span(v.Path)
	if atKey {
		p.Pos, p.End = d.KeySpan(v.Path)
	}
	return p
}

// quoteHint helps with words that YAML takes for something else than the author did.
func quoteHint(n *yaml.Node, message string) (hint, fix string) {
	if n == nil || n.Kind != yaml.ScalarNode || n.Style != 0 || n.Value == "" {
		return "", ""
	}
	wanted, _, _ := strings.Cut(message, ", but")
	switch boolean, isWord := map[string]string{"yes": "true", "on": "true", "no": "false", "off": "false"}[strings.ToLower(n.Value)]; {
	case isWord && (strings.Contains(wanted, "boolean") || strings.Contains(wanted, "true")):
		return fmt.Sprintf("YAML takes %s for text: write %s", n.Value, boolean), boolean
	case strings.Contains(wanted, "string") && n.ShortTag() != "!!str":
		return "put quotes around it", strconv.Quote(n.Value)
	}
	return "", ""
}

// subject is what a sentence about the mapping at a pointer begins with.
func (d *Document) subject(pointer string) string {
	if pointer == "" {
		return "the " + d.Kind + " "
	}
	return pathLabel(pointer)
}

// secondOf is the pointer of the second of the keys that are there, or the mapping's own if there are not two.
func (d *Document) secondOf(pointer string, keys []string) string {
	var present []string
	for _, key := range keys {
		if d.Has(pointer + "/" + key) {
			present = append(present, pointer+"/"+key)
		}
	}
	if len(present) < 2 {
		return pointer
	}
	return present[1]
}

// pathLabel names the end of a pointer for a message: "timeout: " or "model[0]: ".
func pathLabel(pointer string) string {
	parts := pointerParts(pointer)
	label := ""
	for i := len(parts) - 1; i >= 0; i-- {
		if _, err := strconv.Atoi(parts[i]); err != nil {
			return schema.Unescape(parts[i]) + label + ": "
		}
		label = "[" + parts[i] + "]" + label
	}
	return ""
}
