package lint

import (
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

// workflow is a file of .github/workflows that runs flue's action, or the action that the project itself is.
type workflow struct {
	*spec.Document
	jobs []job
}

type job struct {
	name, pointer string
	steps         []workflowStep
}

// workflowStep is a step of a job.
type workflowStep struct {
	pointer, id, uses string
}

var (
	flueAction     = regexp.MustCompile(`^flue-run/flue@|^\./?$`)
	mentionsAction = regexp.MustCompile(`uses["']?\s*:\s*["']?(?:flue-run/flue@|\./?(?:["',}\s]|$))`)
)

func (s workflowStep) isFlue() bool { return flueAction.MatchString(s.uses) }

// runsFlue says whether a job has a step with the action.
func (j job) runsFlue() bool {
	return slices.ContainsFunc(j.steps, workflowStep.isFlue)
}

// readWorkflows are the workflows of the project that use the action.
func (s *shared) readWorkflows() []workflow {
	if !isFolder(s.project) {
		return nil
	}
	files, _ := fs.Glob(s.project.FS, ".github/workflows/*.y*ml") // the pattern is right
	var all []workflow
	for _, file := range files {
		// A repository may have many, of which one is flue's; only that is parsed.
		if source, err := fs.ReadFile(s.project.FS, file); err != nil || !mentionsAction.Match(source) {
			continue
		}
		if d := s.open(file); d != nil {
			if w := readWorkflow(d); slices.ContainsFunc(w.jobs, job.runsFlue) {
				all = append(all, w)
			}
		}
	}
	return all
}

// isFolder tells a project from a single agent's file.
func isFolder(p *spec.Project) bool {
	return slices.ContainsFunc(p.Documents, func(d *spec.Document) bool { return strings.HasPrefix(d.File, ".flue/") })
}

func readWorkflow(d *spec.Document) workflow {
	w := workflow{Document: d}
	jobs, _ := schema.Lookup(d.Value(), "/jobs")
	named, _ := jobs.(map[string]any)
	sorted(named, func(name string, value any) {
		j := job{name: name, pointer: join("/jobs", name)}
		fields, _ := value.(map[string]any)
		steps, _ := fields["steps"].([]any)
		for i, item := range steps {
			step, _ := item.(map[string]any)
			id, _ := step["id"].(string)
			uses, _ := step["uses"].(string)
			j.steps = append(j.steps, workflowStep{join(j.pointer, "steps", strconv.Itoa(i)), id, uses})
		}
		w.jobs = append(w.jobs, j)
	})
	return w
}
