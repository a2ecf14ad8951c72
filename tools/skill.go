package tools

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed skill.md
var skillText string

var skillParameters = compact(`{
  "type": "object",
  "required": ["name"],
  "additionalProperties": false,
  "properties": {"name": {"type": "string", "minLength": 1, "description": "Name of the skill, as in the list of skills."}}
}`)

// Skill makes the tool that opens a skill.
func Skill(env Env) Tool {
	type arguments struct{ Name string }
	t := define("skill", skillText, skillParameters, func(ctx context.Context, a arguments) (Result, error) {
		names := slices.Sorted(slices.Values(env.Skills.Names()))
		if !slices.Contains(names, a.Name) {
			if near := nearest(a.Name, names); near != "" {
				return refuse("there is no skill %q; did you mean %q?", a.Name, near)
			}
			return refuse("there is no skill %q; there are: %s", a.Name, strings.Join(names, ", "))
		}
		text, err := env.Skills.Skill(ctx, a.Name)
		if ctx.Err() != nil {
			return Result{}, fmt.Errorf("opening the skill %s: %w", a.Name, ctx.Err())
		}
		if err != nil {
			return refuse("the skill %s cannot be read: %v", a.Name, err)
		}
		return Result{Text: text}, nil
	})
	t.Idempotent = true
	return t
}
