package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
)

// buildFiles are what stands beside an executable. In them NAME is the executable's, WORKER the same as Cloudflare has
// names, IMAGE what its container is made from, and VARIABLES a list of what the project reads of the environment.
//
//go:embed build.Dockerfile build.compose.yaml build.service build.wrangler.jsonc build.worker.js build.package.json
var buildFiles embed.FS

// targetFiles are the files of each target: what they are made from, and what they are called.
var targetFiles = map[string][][2]string{
	"binary":     nil,
	"docker":     {{"build.Dockerfile", "Dockerfile"}, {"build.compose.yaml", "compose.yaml"}},
	"systemd":    {{"build.service", "NAME.service"}},
	"cloudflare": {{"build.Dockerfile", "Dockerfile"}, {"build.wrangler.jsonc", "wrangler.jsonc"}, {"build.worker.js", "worker.js"}, {"build.package.json", "package.json"}},
}

// writeTarget writes the files that run an executable somewhere, and tells their paths.
func (c *buildCmd) writeTarget(s streams, p *project, out, name string) error {
	image := "./Dockerfile"
	if c.Image != "" {
		image = c.Image
	}
	variables, err := json.Marshal(variablesOf(p.Project))
	if err != nil {
		return err
	}
	fill := strings.NewReplacer("NAME", name, "WORKER", workerName(name), "IMAGE", image, "VARIABLES", strings.ReplaceAll(string(variables), `","`, `", "`))
	for _, file := range targetFiles[c.Target] {
		text, err := buildFiles.ReadFile(file[0])
		if err != nil {
			return err
		}
		path := filepath.Join(out, fill.Replace(file[1]))
		if err := os.WriteFile(path, []byte(fill.Replace(string(text))), 0o644); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		if _, err := fmt.Fprintln(s.out, path); err != nil {
			return err
		}
	}
	if len(p.Settings.Server.Tokens) == 0 && (c.Target == "docker" || c.Target == "cloudflare") {
		fmt.Fprintln(s.err, "flue: flue.yaml has no server.tokens, without which a server in a container lets nobody in; run and list work there all the same")
	}
	return nil
}

var notWorker = regexp.MustCompile(`[^a-z0-9]+`)

// workerName is a name as Cloudflare has them: small letters, digits and hyphens.
func workerName(name string) string {
	return strings.Trim(notWorker.ReplaceAllString(strings.ToLower(name), "-"), "-")
}

// variablesOf are the variables of the environment that a project reads: those that its privileged files name, the
// secrets of its webhooks, and the keys of the providers whose models it names. In order.
func variablesOf(p *spec.Project) []string {
	names := []string{}
	nothing := func(string) (string, bool) { return "", false }
	for _, d := range p.Documents {
		switch d.Kind {
		case "settings", "command", "tool", "sandbox":
			eachScalar(d.Root, func(text string) {
				_, found, _ := expr.Privileged(text, nothing) // which is not set here
				names = append(names, found...)
			})
		}
	}
	models := slices.Clone(p.Settings.Model)
	for _, role := range p.Roles {
		models = append(models, role.Model...)
	}
	for _, a := range p.Agents {
		models = append(models, a.Model...)
		for _, step := range a.Steps {
			models = append(models, step.Model...)
		}
		if hook := a.Triggers.Webhook; hook != nil && hook.Verified() {
			names = append(names, hook.Filled().Verify.SecretEnv)
		}
	}
	keys := map[string]string{}
	for _, e := range model.Endpoints() {
		keys[e.Name] = e.KeyEnv
	}
	for name, own := range p.Settings.Providers {
		keys[name] = own.KeyEnv
	}
	for _, id := range models {
		provider, _, _ := strings.Cut(id, "/")
		names = append(names, keys[provider])
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

func eachScalar(n *yaml.Node, visit func(text string)) {
	if n == nil {
		return
	}
	if n.Kind == yaml.ScalarNode {
		visit(n.Value)
	}
	for _, child := range n.Content {
		eachScalar(child, visit)
	}
}
