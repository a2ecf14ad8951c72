package lint

import (
	"bytes"
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
var secretField = regexp.MustCompile(`(?i)(?:/(?:api_key|secret_key)|/tokens/[0-9]+/value` +
	`|/(?:env|headers)/(?:[\w-]*(?:token|secret|password|api[_-]?key)|authorization))$`)

func checkLiteralSecret(p *Pass) {
	const hint = "replace the secret, and write ${{ env.NAME }} in a file that may name one"
	for _, d := range p.Project.Documents {
		for _, key := range keysIn(d.Source) {
			p.Add(spec.Problem{Pos: d.Pos(key.start), End: d.Pos(key.end), Text: key.what, Hint: hint})
		}
	}
	privilegedStrings(p.Project, func(d *spec.Document, pointer, text string) {
		long := len(strings.TrimSpace(text)) >= 8
		if long && secretField.MatchString(pointer) && !strings.Contains(text, "${{") && keysIn([]byte(text)) == nil {
			p.Report(d, pointer, "a secret stands here, in a field that is for one", hint)
		}
	})
}

// key is a secret that its form gives away.
type key struct {
	start, end int // bytes
	what       string
}

// keysIn finds the keys in a text, and not words that begin as they do, such as npm_config_registry.
func keysIn(text []byte) []key {
	if !mayHoldSecret(text) {
		return nil
	}
	var keys []key
	for _, match := range secretShapes.FindAllSubmatchIndex(text, -1) {
		if match[4] >= 0 {
			keys = append(keys, key{match[0], match[1], "a private key stands here"})
			continue
		}
		rest := text[match[3]:match[1]]
		if len(rest) >= 16 && bytes.ContainsAny(rest, "0123456789") {
			keys = append(keys, key{match[0], match[1], fmt.Sprintf("a secret stands here: it begins with %s", text[match[2]:match[3]])})
		}
	}
	return keys
}
