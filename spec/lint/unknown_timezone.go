package lint

import (
	"github.com/flue-run/flue/spec"
)

var unknownTimezone = &Rule{
	Name:     "unknown-timezone",
	Severity: spec.Error,
	Group:    Triggers,
	Doc:      `A schedule's time zone is not in the IANA database. Zones are called by a place, such as Europe/Berlin or America/New_York.`,
	Bad: `prompt: Report what is new.
limits: {turns: 10}
triggers: {cron: [{schedule: "0 9 * * 1-5", timezone: Europe/Bern}]}
`,
	Good: `prompt: Report what is new.
limits: {turns: 10}
triggers: {cron: [{schedule: "0 9 * * 1-5", timezone: Europe/Zurich}]}
`,
	Check: func(p *Pass) {
		eachCron(p.Project, func(a *spec.Agent, pointer string, c spec.Cron) {
			if _, err := spec.ParseZone(c.Timezone); err != nil {
				p.Report(a.Doc, pointer+"/timezone", err.Error(),
					"write one of the IANA database, such as Europe/Berlin, or UTC")
			}
		})
	},
}
