package arch

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/spec/lint"
	"github.com/flue-run/flue/tools"
)

// TestLintKnowsWhatIsBuiltIn compares the names that lint lists itself, since it may not import what defines them.
func TestLintKnowsWhatIsBuiltIn(t *testing.T) {
	names := append(tools.Names(), tools.Finish(nil).Name, tools.GiveUp().Name)
	var models []string
	for _, e := range model.Endpoints() {
		models = append(models, e.Name+"/some-model")
	}
	agent := "prompt: Say hello.\ntools: [" + strings.Join(names, ", ") + "]\nmodel: [" + strings.Join(models, ", ") + "]\n"
	project, problems := spec.Load(fstest.MapFS{".flue/agents/all.yaml": {Data: []byte(agent)}})
	for _, p := range lint.Check(project, problems) {
		if p.Severity == spec.Error {
			t.Error(p)
		}
	}
}
