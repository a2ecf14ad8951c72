package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/flue-run/flue/schema"
	"gopkg.in/yaml.v3"
)

// kinds are the sections of files.md: for each kind of document its heading and an example.
var kinds = map[string]struct{ heading, example string }{
	"agent":    {"Agents", "examples/hello-world/.flue/agents/hello-world.yaml"},
	"step":     {"Steps", "internal/docgen/example/.flue/agents/triage.yaml"},
	"role":     {"Roles", "examples/greeter/.flue/roles/host.md"},
	"skill":    {"Skills", "examples/greeter/.flue/skills/greeting/SKILL.md"},
	"command":  {"Commands", "internal/docgen/example/.flue/commands/gh.yaml"},
	"tool":     {"Tools", "internal/docgen/example/.flue/tools/close-issue.yaml"},
	"sandbox":  {"Sandboxes", "internal/docgen/example/.flue/sandboxes/articles.yaml"},
	"settings": {"Settings", "internal/docgen/example/.flue/flue.yaml"},
	"model":    {"Scripted models", "examples/support/.flue/models/support.yaml"},
}

// filesPage is the reference of every kind of file, from the JSON Schemas.
func filesPage(root string) (string, error) {
	var b strings.Builder
	b.WriteString(generated("schema/*.json"))
	b.WriteString("# The files of a project\n\nEvery file that flue reads, key by key. A key that is not listed here is an error (in a skill, a warning); " +
		"`flue schema KIND` prints the\nJSON Schema for an editor.\n\n")
	for _, kind := range append(schema.Kinds(), "step") {
		if kinds[kind].heading == "" {
			return "", fmt.Errorf("the kind %q has no section", kind)
		}
	}
	var shared *yaml.Node
	for _, kind := range schema.Kinds() {
		doc, err := documentOf(kind)
		if err != nil {
			return "", err
		}
		_, place, _ := strings.Cut(get(doc, "title").Value, ": ")
		if err := section(&b, root, kind, place, tables{root: doc, out: &b}, doc); err != nil {
			return "", err
		}
		if kind == "agent" {
			if err := section(&b, root, "step", "an entry of an agent's `steps`", tables{root: doc, out: &b}, get(doc, "$defs", "step")); err != nil {
				return "", err
			}
			shared = get(doc, "$defs", "common.json", "$defs")
		}
	}
	b.WriteString("## Parts that several files share\n\n")
	b.WriteString(valueTypes)
	for _, part := range sharedParts {
		b.WriteString("### " + part.name + "\n\n")
		object := get(shared, part.name)
		if part.list {
			object = get(object, "items")
		}
		tables{root: shared, out: &b}.object("", object)
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// sharedParts are the mappings of common.json, which have a table of their own.
var sharedParts = []struct {
	name string
	list bool
}{{"limits", false}, {"checks", true}}

const valueTypes = `| type | is |
|---|---|
| name | lower-case letters and digits, in words joined by -, at most 64 characters |
| duration | a number with its unit, such as 90s, 15m or 2h |
| size | a number with its unit: B, KiB, MiB or GiB |
| model id | provider/model-id, such as anthropic/claude-sonnet-4-6 |
| JSON Schema | a mapping (draft 2020-12), or the path of a .json or .yaml file of the project |

`

func documentOf(kind string) (*yaml.Node, error) {
	var doc yaml.Node // YAML keeps the order of the keys, and JSON is YAML
	if err := yaml.Unmarshal(schema.For(kind).JSON(), &doc); err != nil {
		return nil, fmt.Errorf("read the schema of %s: %w", kind, err)
	}
	return doc.Content[0], nil
}

// section is a kind's heading, example and tables.
func section(b *strings.Builder, root, kind, place string, t tables, object *yaml.Node) error {
	shown := kinds[kind]
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(shown.example)))
	if err != nil {
		return err
	}
	at := strings.Index(shown.example, ".flue/")
	info := "yaml"
	if strings.HasSuffix(shown.example, ".md") {
		info = "markdown"
	}
	fmt.Fprintf(b, "## %s\n\n", shown.heading)
	if place != shown.example[at:] {
		fmt.Fprintf(b, "%s.\n\n", upperFirst(codePaths(place)))
	}
	fmt.Fprintf(b, "`%s`\n\n", shown.example[at:])
	b.WriteString(block(info, string(text)))
	t.object("", object)
	return nil
}

// codePaths sets the words of a title that are paths as code.
func codePaths(title string) string {
	words := strings.Fields(title)
	for i, word := range words {
		if path := strings.TrimSuffix(word, ","); strings.HasPrefix(path, ".flue/") {
			words[i] = "`" + path + "`" + word[len(path):]
		}
	}
	return strings.Join(words, " ")
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
