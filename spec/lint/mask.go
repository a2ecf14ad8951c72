package lint

import (
	"regexp"
	"strings"

	"github.com/flue-run/flue/spec"
)

// secretShapes are the prefixes by which well-known services mark their keys.
var secretShapes = regexp.MustCompile(`\b(gh[pousr]_|github_pat_|glpat-|sk-|sk_live_|sk_test_|rk_live_|xox[abeprs]-|AKIA|ASIA|AIza|hf_|npm_|dop_v1_|whsec_|dtn_)[A-Za-z0-9_-]{12,}` +
	`|(-----BEGIN [A-Z ]*PRIVATE KEY-----)`)

// mask puts stars in the place of secrets, as many as they have bytes so that columns stay right.
func mask(text string) string {
	return secretShapes.ReplaceAllStringFunc(text, func(secret string) string { return strings.Repeat("*", len(secret)) })
}

// maskLine is mask for a line of a file, which may hold what literal-secret found, too.
func maskLine(line, file string, number int, problems []spec.Problem) string {
	for _, p := range problems {
		if p.Rule != literalSecretName || p.Pos.File != file || p.Pos.Line != number {
			continue
		}
		start, end := p.Pos.Col-1, len(line)
		if p.End.Line == number {
			end = min(p.End.Col-1, len(line))
		}
		if start < end {
			line = line[:start] + strings.Repeat("*", end-start) + line[end:]
		}
	}
	return mask(line)
}
