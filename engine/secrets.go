package engine

import (
	"maps"
	"slices"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/spec"
)

// secretsOf are the secrets of cfg, with those of the project's tools.
func secretsOf(cfg Config) map[string]string {
	all := ToolSecrets(cfg.Project, cfg.Env)
	maps.Copy(all, cfg.Secrets)
	return all
}

// ToolSecrets are the variables of the environment that tools and MCP servers of a project name, as far as they are set.
func ToolSecrets(project *spec.Project, env func(name string) (string, bool)) map[string]string {
	var templates []string
	for _, t := range project.Tools {
		if t.HTTP != nil {
			templates = append(templates, httpTemplates(t.HTTP)...)
		}
	}
	for _, server := range project.Settings.MCP {
		templates = append(templates, mcpTemplates(server)...)
	}
	return namedVariables(templates, env)
}

func mcpTemplates(server spec.MCP) []string {
	list := append(slices.Clone(server.Command), server.URL)
	list = slices.AppendSeq(list, maps.Values(server.Env))
	return slices.AppendSeq(list, maps.Values(server.Headers))
}

// namedVariables are the variables of the environment that templates name, but for those that are not set.
func namedVariables(templates []string, lookup func(string) (string, bool)) map[string]string {
	found := map[string]string{}
	for _, source := range templates {
		template, err := expr.Parse(source)
		if err != nil || lookup == nil {
			continue // what cannot be read is an error where it is used
		}
		for _, name := range template.Names() {
			if len(name.Path) < 2 || name.Path[0] != "env" {
				continue
			}
			if value, ok := lookup(name.Path[1]); ok {
				found[name.Path[1]] = value
			}
		}
	}
	return found
}
