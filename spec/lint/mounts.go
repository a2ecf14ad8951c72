package lint

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

// hostMounts are the mounts of the project's sandboxes whose source is a path, and no URL or expression.
func hostMounts(p *spec.Project) []mount {
	var all []mount
	add := func(d *spec.Document, pointer string, s *spec.Sandbox) {
		for i, m := range s.Mounts {
			if m.Source != "" && !strings.Contains(m.Source, "://") && !strings.Contains(m.Source, "${{") {
				all = append(all, mount{d, join(pointer, "mounts", strconv.Itoa(i), "source"), m.Source})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Sandboxes)) {
		add(p.Sandboxes[name].Doc, "", p.Sandboxes[name])
	}
	for _, name := range slices.Sorted(maps.Keys(p.Agents)) {
		if a := p.Agents[name]; a.Sandbox != nil && a.Sandbox.Inline != nil {
			add(a.Doc, "/sandbox", a.Sandbox.Inline)
		}
	}
	return all
}

// mount is a mention of a folder.
type mount mention

// folder is the path in the project that m names, and whether it is in there at all.
func (m mount) folder() (name string, inside bool) {
	name = path.Clean(m.name)
	return name, fs.ValidPath(name)
}
