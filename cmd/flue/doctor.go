package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flue-run/flue/command"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
)

type doctorCmd struct {
	Dir    string `placeholder:"DIR" help:"A folder of the project (default: the project here, if there is one)."`
	Store  string `placeholder:"PATH" help:"The store: a SQLite file, or memory (default: the project's)."`
	Server string `placeholder:"URL" help:"Look at nothing but a server of flue, and whether it lives: for health checks of containers."`
	Format string `enum:"text,json" default:"text" help:"text or json."`
	JSON   bool   `help:"The same as --format json."`
}

func (c *doctorCmd) Help() string {
	return `Shows what flue finds on this machine: how the programs of commands are confined and what that does not cover, the engines
that containers can run on, keys of models (their names only), the store, the clock, free space. It changes nothing, and asks
nobody but the engines of this machine.

Exit status: 0 nothing stands in the way of a run, 1 something does.`
}

// finding is one thing that flue doctor looked at.
type finding struct {
	Check   string   `json:"check"`
	Status  health   `json:"status"`
	Text    string   `json:"text"`
	Details []string `json:"details,omitempty"`
}

// health is what a finding means for a run.
type health string

const (
	healthy health = "ok"
	mind    health = "note" // it stands in the way of some runs, or of none
	broken  health = "fail" // it stands in the way of every run
)

func (c *doctorCmd) Run(ctx context.Context, s streams) error {
	if c.JSON {
		c.Format = "json"
	}
	if c.Server != "" {
		return c.report(s, []finding{lives(ctx, c.Server)})
	}
	env, err := variables("")
	if err != nil {
		return err
	}
	p, found := findProject(c.Dir)
	defer p.Close()
	if c.Store == "" && p.dir == "" {
		c.Store = "memory" // without a project there is no store to look at
	}
	w := &wiring{project: p, env: env}
	findings := []finding{
		{Check: "flue", Status: healthy, Text: fmt.Sprintf("%s %s/%s %s", version, runtime.GOOS, runtime.GOARCH, runtime.Version())},
		found, isolation(command.Isolation())}
	findings = append(findings, w.engines(ctx)...)
	findings = append(findings, w.keys(), w.programs(), w.storeHealth(ctx, c.Store), clock(time.Now(), w.written(c.Store)), w.space(c.Store))
	return c.report(s, slices.DeleteFunc(findings, func(f finding) bool { return f.Text == "" }))
}

// report writes what was found, and says by the exit status whether something stands in the way.
func (c *doctorCmd) report(s streams, findings []finding) error {
	if err := writeFindings(s, c.Format, findings); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	if slices.ContainsFunc(findings, func(f finding) bool { return f.Status == broken }) {
		return told(exitFailed)
	}
	return nil
}

func writeFindings(s streams, format string, findings []finding) error {
	if format == "json" {
		return writeJSON(s.out, findings, "  ")
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Status, f.Check, f.Text)
		for _, detail := range f.Details {
			fmt.Fprintf(w, "\t\t%s\n", detail)
		}
	}
	return w.Flush()
}

// findProject opens the project of a folder. Without one, p is an empty one.
func findProject(dir string) (p *project, f finding) {
	f = finding{Check: "project", Status: healthy}
	p, err := openProject(dir)
	if err != nil {
		f.Status, f.Text = mind, err.Error()
		if dir != "" {
			f.Status = broken
		}
		return &project{Project: &spec.Project{}}, f
	}
	f.Text = fmt.Sprintf("%s, %s", cmp.Or(p.built, p.dir), count(len(p.Agents), "agent"))
	wrong := 0
	for _, problem := range p.problems {
		if problem.Severity == spec.Error {
			wrong++
		}
	}
	if wrong > 0 {
		f.Status = broken
		f.Details = []string{count(wrong, "error") + "; flue lint shows what is wrong"}
	}
	return p, f
}

// isolation says what programs of commands cannot reach, and what they can.
func isolation(l command.Layer) finding {
	f := finding{Check: "isolation", Status: healthy, Text: l.String()}
	if len(l.Covers) == 0 {
		f.Status = mind
	}
	if l.Without != "" && len(l.Covers) > 0 {
		f.Text += " (" + l.Without + ")"
	}
	landlock := "no landlock in this kernel"
	if l.Landlock > 0 {
		landlock = fmt.Sprintf("landlock %d in this kernel", l.Landlock)
	}
	f.Details = append(f.Details, landlock)
	if len(l.Covers) > 0 {
		f.Details = append(f.Details, "keeps the program of a command from "+strings.Join(l.Covers, "; "))
	}
	if len(l.Leaves) > 0 {
		f.Details = append(f.Details, "does not cover "+strings.Join(l.Leaves, "; "))
	}
	return f
}

// keys says for which providers there is a key, by the names of their variables.
func (w *wiring) keys() finding {
	variable := map[string]string{}
	for _, e := range model.Endpoints() {
		variable[e.Name] = w.keyEnv(e)
	}
	for name, own := range w.project.Settings.Providers {
		variable[name] = cmp.Or(own.KeyEnv, variable[name])
		if len(own.KeyCmd) > 0 {
			variable[name] = ""
		}
	}
	f := finding{Check: "keys", Status: healthy}
	var have, lack []string
	for _, provider := range slices.Sorted(maps.Keys(variable)) {
		if name := variable[provider]; name == "" {
			continue // it needs none, or a program tells it
		} else if value, _ := w.env(name); value != "" {
			have = append(have, name)
		} else {
			lack = append(lack, name)
		}
	}
	f.Text = strings.Join(slices.Compact(have), ", ")
	if len(have) == 0 {
		f.Status, f.Text = mind, "none is set; local and scripted models need none"
	}
	if len(lack) > 0 {
		f.Details = []string{"not set: " + strings.Join(slices.Compact(lack), ", ")}
	}
	return f
}

// programs says where the programs of the project's commands are.
func (w *wiring) programs() finding {
	f := finding{Check: "commands", Status: healthy}
	lack := 0
	for _, name := range slices.Sorted(maps.Keys(w.project.Commands)) {
		c := w.project.Commands[name]
		if c.Exec == "" {
			continue // a hook of its own
		}
		path, err := exec.LookPath(c.Exec)
		if err != nil {
			lack++
			path = "not found: " + c.Exec
		}
		if c.Isolation == "none" {
			path += ", not confined (isolation: none)"
		}
		f.Details = append(f.Details, name+": "+path)
	}
	if n := len(f.Details); n > 0 {
		f.Text = fmt.Sprintf("%d of %s found", n-lack, count(n, "program"))
	}
	if lack > 0 {
		f.Status = mind
	}
	return f
}
