package lint

import (
	"time"

	"github.com/flue-run/flue/spec"
)

var neverFires = &Rule{
	Name:     "never-fires",
	Severity: spec.Error,
	Group:    Triggers,
	Doc:      `A schedule can be read, but names a day that no year has, such as the 30th of February.`,
	Bad: `prompt: Report what is new.
limits: {turns: 10}
triggers: {cron: [{schedule: "0 9 30 2 *"}]}
`,
	Good: `prompt: Report what is new.
limits: {turns: 10}
triggers: {cron: [{schedule: "0 9 28 2 *"}]}
`,
	Check: func(p *Pass) {
		eachCron(p.Project, func(a *spec.Agent, pointer string, c spec.Cron) {
			schedule, err := spec.ParseSchedule(c.Schedule, "")
			if err == nil && schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() { // 2024 has a 29th of February
				p.Report(a.Doc, pointer+"/schedule", "no year has such a day", "check the day of the month and the month")
			}
		})
	},
}
