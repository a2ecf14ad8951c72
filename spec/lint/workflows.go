package lint

import (
	"io/fs"
	"path"
	"regexp"
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

var flueAction = regexp.MustCompile(`^flue-run/flue@|^\./?$`)

func (s workflowStep) isFlue() bool { return flueAction.MatchString(s.uses) }

// runsFlue says whether a job has a step with the action.
func (j job) runsFlue() bool {
	for _, step := range j.steps {
		if step.isFlue() {
			return true
		}
	}
	return false
}

// workflows are the workflows of the project that use the action.
func (p *Pass) workflows() []workflow {
	if !isFolder(p.Project) {
		return nil
	}
	files, err := fs.Glob(p.Project.FS, ".github/workflows/*.y*ml")
	if err != nil {
		return nil
	}
	var all []workflow
	for _, file := range files {
		if ext := path.Ext(file); ext != ".yml" && ext != ".yaml" {
			continue
		}
		if d := p.open(file); d != nil {
			w := readWorkflow(d)
			for _, j := range w.jobs {
				if j.runsFlue() {
					all = append(all, w)
					break
				}
			}
		}
	}
	return all
}

// isFolder tells a project from a single agent's file.
func isFolder(p *spec.Project) bool {
	for _, d := range p.Documents {
		if strings.HasPrefix(d.File, ".flue/") {
			return true
		}
	}
	return false
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
