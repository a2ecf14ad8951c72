package lint

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

// secretPrefixes are how well-known services begin their keys.
var secretPrefixes = []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk-", "sk_live_", "sk_test_", "rk_live_",
	"xoxa-", "xoxb-", "xoxe-", "xoxp-", "xoxr-", "xoxs-", "AKIA", "ASIA", "AIza", "hf_", "npm_", "dop_v1_", "whsec_", "dtn_"}

const privateKey = "PRIVATE KEY-----"

// secretShapes matches keys by their prefix, which is the first group, and the beginning of private keys, which is the second.
var secretShapes = regexp.MustCompile(`\b(` + strings.Join(secretPrefixes, "|") + `)[A-Za-z0-9_-]{12,}` +
	`|(-----BEGIN [A-Z ]*` + privateKey + `)`)

// mayHoldSecret is false where secretShapes need not be asked: a search for so many words at once is slow.
func mayHoldSecret(text []byte) bool {
	return bytes.Contains(text, []byte(privateKey)) ||
		slices.ContainsFunc(secretPrefixes, func(prefix string) bool { return bytes.Contains(text, []byte(prefix)) })
}

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
