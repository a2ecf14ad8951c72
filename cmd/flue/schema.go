package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/schema"
)

type schemaCmd struct {
	Kind string `arg:"" optional:"" help:"agent, role, skill, command, tool, sandbox, settings or model; none lists them."`
}

func (c *schemaCmd) Run(s streams) error {
	if c.Kind == "" {
		_, err := fmt.Fprintln(s.out, strings.Join(schema.Kinds(), "\n"))
		return err
	}
	if !slices.Contains(schema.Kinds(), c.Kind) {
		return usage(fmt.Errorf("there is no kind of file %q; the kinds are: %s", c.Kind, strings.Join(schema.Kinds(), ", ")))
	}
	document := schema.For(c.Kind)
	var b bytes.Buffer
	if err := json.Indent(&b, document.JSON(), "", "  "); err != nil {
		return fmt.Errorf("format the schema: %w", err)
	}
	_, err := fmt.Fprintln(s.out, b.String())
	return err
}
