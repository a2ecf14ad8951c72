package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flue-run/flue/spec"
)

type listCmd struct {
	Dir    string `placeholder:"DIR" help:"A folder of the project (default: the project here)."`
	Format string `enum:"text,json" default:"text" help:"text or json."`
}

// listed is a line of the list.
type listed struct {
	Kind        string `json:"kind"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Triggers    string `json:"triggers,omitempty"`
	Builtin     bool   `json:"builtin,omitempty"`
}

func (c *listCmd) Run(s streams) error {
	p, err := openProject(c.Dir)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.refuse(s); err != nil {
		return err
	}
	items := list(p.Project, time.Now())
	if c.Format == "json" {
		return writeJSON(s.out, items, "  ")
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	kind := ""
	for _, item := range items {
		if item.Kind != kind {
			if kind != "" {
				fmt.Fprintln(w)
			}
			kind = item.Kind
			fmt.Fprintln(w, strings.ToUpper(kind[:1])+kind[1:]+"s")
		}
		note := item.Description
		if item.Triggers != "" {
			note += " [" + item.Triggers + "]"
		}
		if item.Builtin {
			note += " (comes with flue)"
		}
		fmt.Fprintf(w, "  %s\t%s\n", item.Name, note)
	}
	return w.Flush()
}

// list is all that a project defines, by kind and name.
func list(p *spec.Project, now time.Time) []listed {
	items := []listed{}
	add := func(kind, name, description string) *listed {
		items = append(items, listed{Kind: kind, Name: name, Description: description})
		return &items[len(items)-1]
	}
	for _, name := range slices.Sorted(maps.Keys(p.Agents)) {
		add("agent", name, p.Agents[name].Description).Triggers = triggers(p.Agents[name].Triggers, now)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Roles)) {
		add("role", name, p.Roles[name].Description).Builtin = p.Roles[name].Builtin
	}
	for _, name := range slices.Sorted(maps.Keys(p.Skills)) {
		add("skill", name, p.Skills[name].Description).Builtin = p.Skills[name].Builtin
	}
	for _, name := range slices.Sorted(maps.Keys(p.Commands)) {
		add("command", name, p.Commands[name].Description)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Tools)) {
		add("tool", name, p.Tools[name].Description)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Sandboxes)) {
		add("sandbox", name, p.Sandboxes[name].Type)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Models)) {
		add("model", "scripted/"+name, "scripted")
	}
	return items
}

// triggers says how an agent may be started besides the command line.
func triggers(t spec.Triggers, now time.Time) string {
	var kinds []string
	if t.Webhook != nil {
		kinds = append(kinds, "webhook")
	}
	for _, cron := range t.Cron {
		kind := "cron " + cron.Schedule
		if next := cron.Next(now); !next.IsZero() {
			kind += ", next " + next.Format("2006-01-02 15:04 MST")
		}
		kinds = append(kinds, kind)
	}
	return strings.Join(kinds, "; ")
}
