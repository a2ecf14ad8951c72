package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/model"
)

// modelsIntro is what stands before the tables.
//
//go:embed models.md
var modelsIntro string

// modelsPage describes the providers and models that are built in.
func modelsPage(string) (string, error) {
	var b strings.Builder
	b.WriteString(generated("package model") + modelsIntro)
	b.WriteString("\n## Providers\n\n| provider | api | address | key |\n|---|---|---|---|\n")
	for _, e := range model.Endpoints() {
		address, key := code(e.BaseURL), code(e.KeyEnv)
		if e.BaseURL == "" {
			address = "`base_url` in flue.yaml"
		}
		if e.BaseURLEnv != "" {
			address += ", or " + code(e.BaseURLEnv)
		}
		if e.KeyEnv2 != "" {
			key += " or " + code(e.KeyEnv2)
		}
		if e.KeyEnv == "" {
			key = "none"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", e.Name, e.API, address, key)
	}
	b.WriteString("\n## Models\n\nTokens, and US dollars per million tokens, as the providers published them on the day in the last column.\n\n" +
		"| model | window | longest answer | thinking | $ input | $ cached | $ output | as of |\n|---|---|---|---|---|---|---|---|\n")
	for _, id := range model.Known() {
		i, _ := model.Lookup(id)
		levels := make([]string, len(i.Thinking))
		for n, level := range i.Thinking {
			levels[n] = string(level)
		}
		p := model.Price{}
		if i.Price != nil {
			p = *i.Price
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n", id, number(float64(i.ContextWindow)), number(float64(i.MaxOutput)),
			strings.Join(levels, ", "), number(p.Input), number(p.CacheRead), number(p.Output), i.AsOf)
	}
	return b.String(), nil
}

func code(text string) string { return "`" + text + "`" }

// number is n with commas between its thousands, or nothing where it is not known.
func number(n float64) string {
	if n == 0 {
		return ""
	}
	text := fmt.Sprint(n)
	if n >= 1000 {
		digits := fmt.Sprintf("%.0f", n)
		var groups []string
		for ; len(digits) > 3; digits = digits[:len(digits)-3] {
			groups = append(groups, digits[len(digits)-3:])
		}
		groups = append(groups, digits)
		slices.Reverse(groups)
		text = strings.Join(groups, ",")
	}
	return text
}
