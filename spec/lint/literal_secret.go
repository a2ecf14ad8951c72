package lint

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/flue-run/flue/spec"
)

var literalSecret = &Rule{
	Name:     literalSecretName,
	Severity: spec.Error,
	Group:    Secrets,
	Doc: `A secret stands in a file: a word that begins as the keys of a well-known service do, or a text in a field that is for a
secret. Whoever reads the repository has it, and in an agent or a skill the model reads it, too. Replace it, since it is
known now, and name a variable of the environment instead. flue lint does not print what it found.`,
	Bad: `-- .flue/sandboxes/remote.yaml --
type: daytona
api_key: sixteen-letters-and-9
`,
	Good: `-- .flue/sandboxes/remote.yaml --
type: daytona
api_key: ${{ env.DAYTONA_API_KEY }}
`,
	Check: checkLiteralSecret,
}

// literalSecretName is here because what shows lines needs it.
const literalSecretName = "literal-secret"

// secretField matches pointers of fields that hold secrets, as far as their names tell.
var secretField = regexp.MustCompile(`(?i)(/(api_key|secret_key)|/tokens/[0-9]+/value|/(env|headers)/([\w-]*(token|secret|password|api[_-]?key)|authorization))$`)

func checkLiteralSecret(p *Pass) {
	found := map[spec.Pos]bool{}
	report := func(start, end spec.Pos, text string) {
		if !found[start] {
			found[start] = true
			p.Add(spec.Problem{Pos: start, End: end, Text: text, Hint: "replace the secret, and write ${{ env.NAME }} in a file that may name one"})
		}
	}
	for _, d := range p.Project.Documents {
		if !mayHoldSecret(d.Source) {
			continue
		}
		for _, match := range secretShapes.FindAllSubmatchIndex(d.Source, -1) {
			group := 2
			if match[group] < 0 {
				group = 4
			}
			if prefix := string(d.Source[match[group]:match[group+1]]); isSecret(string(d.Source[match[0]:match[1]]), prefix) {
				report(d.Pos(match[0]), d.Pos(match[1]), fmt.Sprintf("a secret stands here: it begins with %s", prefix))
			}
		}
	}
	privilegedStrings(p.Project, func(d *spec.Document, pointer, text string) {
		if field := secretField.FindString(pointer); field != "" && len(strings.TrimSpace(text)) >= 8 && !strings.Contains(text, "${{") {
			start, end := d.Span(pointer)
			if first := secretShapes.FindStringIndex(text); first == nil {
				report(start, end, "a secret stands here, in a field that is for one")
			}
		}
	})
}

// isSecret tells keys from words that begin as they do, such as npm_config_registry.
func isSecret(word, prefix string) bool {
	rest := strings.TrimPrefix(word, prefix)
	return strings.HasPrefix(prefix, "-----") || len(rest) >= 16 && strings.ContainsAny(rest, "0123456789")
}
