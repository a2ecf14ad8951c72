package lint

import (
	"fmt"
	"time"
	_ "time/tzdata" // zones are the same everywhere, also in an image that has none: 450 KB

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
			if _, err := time.LoadLocation(c.Timezone); err != nil || c.Timezone == "Local" {
				p.Report(a.Doc, pointer+"/timezone", fmt.Sprintf("there is no time zone %q", c.Timezone),
					"write one of the IANA database, such as Europe/Berlin, or UTC")
			}
		})
	},
}
