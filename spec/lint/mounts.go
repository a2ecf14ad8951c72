package lint

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

// hostMounts are the mounts of the project's sandboxes whose source is a path, and no URL or expression.
func hostMounts(p *spec.Project) []mount {
	var all []mount
	eachSandbox(p, func(d *spec.Document, pointer string, s *spec.Sandbox) {
		for i, m := range s.Mounts {
			if m.Source != "" && !strings.Contains(m.Source, "://") && !strings.Contains(m.Source, "${{") {
				all = append(all, mount{d, join(pointer, "mounts", strconv.Itoa(i), "source"), m.Source})
			}
		}
	})
	return all
}

// mount is a mention of a folder.
type mount mention

// folder is the path in the project that m names, and whether it is in there at all.
func (m mount) folder() (name string, inside bool) {
	name = path.Clean(m.name)
	return name, fs.ValidPath(name)
}

// eachSandbox visits the project's sandboxes, each with its document and its place in there.
func eachSandbox(p *spec.Project, visit func(d *spec.Document, pointer string, s *spec.Sandbox)) {
	sorted(p.Sandboxes, func(_ string, s *spec.Sandbox) { visit(s.Doc, "", s) })
	sorted(p.Agents, func(_ string, a *spec.Agent) {
		if a.Sandbox != nil && a.Sandbox.Inline != nil {
			visit(a.Doc, "/sandbox", a.Sandbox.Inline)
		}
	})
}
