package lint

import (
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

var containerEngine = &Rule{
	Name:     "container-engine",
	Severity: spec.Error,
	Group:    Names,
	Doc: `A container is asked for what its engine does not have, or no engine: bubblewrap has the host's programs or those of rootfs,
docker and podman have images; none mounts for writing, or keeps the bounds of flue's own shell.`,
	Bad: `prompt: Run the tests.
sandbox: {type: container, engine: bubblewrap, image: "golang:1.26"}
`,
	Good: `prompt: Run the tests.
sandbox: {type: container, image: "golang:1.26"}
`,
	Check: func(p *Pass) {
		eachSandbox(p.Project, func(d *spec.Document, pointer string, s *spec.Sandbox) {
			if s.Type != "container" {
				return
			}
			for _, wrong := range misplaced(s) {
				if d.Node(pointer+wrong.field) != nil {
					p.ReportKey(d, pointer+wrong.field, wrong.text, wrong.hint)
				}
			}
		})
	},
}

// misplacement is a field that has no place in a container.
type misplacement struct{ field, text, hint string }

// misplaced are the fields that a container must not have; they may be absent.
func misplaced(s *spec.Sandbox) (all []misplacement) {
	switch s.Engine {
	case "bubblewrap":
		for _, field := range []string{"/image", "/dockerfile", "/user", "/read_only"} {
			all = append(all, misplacement{field, "bubblewrap has no " + field[1:], "it shows the host's /usr, or an unpacked rootfs; for an image take docker or podman"})
		}
	case "docker", "podman":
		all = append(all, misplacement{"/rootfs", s.Engine + " has no rootfs", "name an image or a dockerfile"})
	}
	if s.Image != "" && s.Dockerfile != "" {
		all = append(all, misplacement{"/dockerfile", "the container has an image and a dockerfile", "keep one of them"})
	}
	for _, limit := range []string{"memory", "files", "script", "file_count", "commands", "work", "jobs", "depth", "descriptors", "nesting"} {
		all = append(all, misplacement{"/limits/" + limit, "a container does not keep limits." + limit, "it keeps timeout and output; cpus, memory and pids stand beside limits"})
	}
	for i, m := range s.Mounts {
		at := "/mounts/" + strconv.Itoa(i)
		if m.Mode == "rw" || m.Mode == "overlay" {
			all = append(all, misplacement{at + "/mode", "a container can only read what is mounted", "copy it into the workspace with the first step"})
		}
		if strings.HasPrefix(m.Source, "s3://") {
			all = append(all, misplacement{at + "/source", "a container cannot mount a bucket", "use a virtual sandbox, or fetch what is needed"})
		}
		for _, own := range []string{"/workspace", "/home", "/tmp", "/run", "/proc", "/dev", "/etc"} {
			if strings.HasPrefix(m.Path+"/", own+"/") {
				all = append(all, misplacement{at + "/path", own + " is the container's own", "mount it elsewhere, such as at /mnt"})
			}
		}
	}
	return all
}
