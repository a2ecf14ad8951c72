package lint

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

var badCron = &Rule{
	Name:     "bad-cron",
	Severity: spec.Error,
	Group:    Triggers,
	Doc: `A schedule is not five fields: minute, hour, day of the month, month, day of the week. A field is *, a number, a range 1-5, a
list 1,3 or a step */15; months and days of the week may have names. Days count from 0, Sunday, to 6.`,
	Bad: `prompt: Report what is new.
limits: {turns: 10}
triggers: {cron: [{schedule: "0 25 * * *"}]}
`,
	Good: `prompt: Report what is new.
limits: {turns: 10}
triggers: {cron: [{schedule: "0 9 * * 1-5"}]}
`,
	Check: func(p *Pass) {
		eachCron(p.Project, func(a *spec.Agent, pointer string, c spec.Cron) {
			pointer += "/schedule"
			fields := strings.Fields(c.Schedule)
			switch {
			case strings.HasPrefix(c.Schedule, "TZ=") || strings.HasPrefix(c.Schedule, "CRON_TZ="):
				p.Report(a.Doc, pointer, "a schedule has no time zone in it", "write it as timezone: beside the schedule")
			case strings.HasPrefix(c.Schedule, "@"):
				p.Report(a.Doc, pointer, fmt.Sprintf("a schedule has five fields, and %s is a word", c.Schedule),
					`write it out, such as "0 0 * * *" for every day`)
			case len(fields) != len(cronFields):
				p.Report(a.Doc, pointer, fmt.Sprintf("a schedule has five fields, but this one has %d", len(fields)),
					`they are minute, hour, day of month, month, day of week: "0 9 * * 1-5"`)
			default:
				for i, field := range fields {
					at := fieldStart(c.Schedule, i)
					if text := badField(i, field); text != "" {
						p.ReportIn(a.Doc, pointer, at, at+len(field), fmt.Sprintf("%s: %s", cronFields[i], text), "")
					}
				}
			}
		})
	},
}

var cronFields = []string{"minute", "hour", "day of month", "month", "day of week"}

// badField says what is wrong with one field of a schedule.
func badField(i int, field string) string {
	all := []string{"*", "*", "*", "*", "*"}
	all[i] = field
	_, err := spec.ParseSchedule(strings.Join(all, " "), "")
	if err == nil {
		return ""
	}
	text, _, _ := strings.Cut(err.Error(), ": "+field)
	if strings.Contains(text, "parse int") {
		return fmt.Sprintf("%q is no number or name that can stand here", field)
	}
	return text
}

// fieldStart is the byte at which a field of a schedule begins.
func fieldStart(schedule string, i int) int {
	at := 0
	for n, field := range strings.Fields(schedule) {
		at += strings.Index(schedule[at:], field)
		if n == i {
			break
		}
		at += len(field)
	}
	return at
}

// eachCron visits the times at which agents start, each with its place in the agent's document.
func eachCron(p *spec.Project, visit func(a *spec.Agent, pointer string, c spec.Cron)) {
	sorted(p.Agents, func(_ string, a *spec.Agent) {
		for i, c := range a.Triggers.Cron {
			if c.Schedule != "" {
				visit(a, join("/triggers/cron", strconv.Itoa(i)), c)
			}
		}
	})
}
