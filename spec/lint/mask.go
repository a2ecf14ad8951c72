package lint

import (
	"regexp"
	"strings"
)

// secretShapes are the prefixes by which well-known services mark their keys.
var secretShapes = regexp.MustCompile(`\b(?:gh[pousr]_|github_pat_|glpat-|sk-|sk_live_|sk_test_|rk_live_|xox[abeprs]-|AKIA|ASIA|AIza|hf_|npm_|dop_v1_|whsec_|dtn_)[A-Za-z0-9_-]{12,}` +
	`|-----BEGIN [A-Z ]*PRIVATE KEY-----`)

// mask puts stars in the place of secrets, as many as they have bytes so that columns stay right.
func mask(text string) string {
	return secretShapes.ReplaceAllStringFunc(text, func(secret string) string { return strings.Repeat("*", len(secret)) })
}
