package spec

import (
	"gopkg.in/yaml.v3"
)

// SandboxRef is a built-in sandbox or the name of one, or a sandbox written in place.
type SandboxRef struct {
	Name   string
	Inline *Sandbox
}

// Sandbox is one sandboxes/<name>.yaml, or the inline mapping of an agent.
type Sandbox struct {
	Doc  *Document `yaml:"-"`
	Name string    `yaml:"-"` // "" inline

	Description string            `yaml:"description"`
	Type        string            `yaml:"type"` // virtual, local, container, daytona
	Cwd         string            `yaml:"cwd"`
	Mounts      []Mount           `yaml:"mounts"`
	Env         map[string]string `yaml:"env"`
	Network     *Network          `yaml:"network"`
	Limits      SandboxLimits     `yaml:"limits"`

	Engine     string   `yaml:"engine"` // auto, docker, podman, bubblewrap; default auto
	Image      string   `yaml:"image"`
	Dockerfile string   `yaml:"dockerfile"` // a file of the project, in place of Image
	Rootfs     string   `yaml:"rootfs"`     // a folder, in place of the host's /usr
	Setup      []string `yaml:"setup"`
	CPUs       float64  `yaml:"cpus"`
	Memory     Size     `yaml:"memory"`
	PIDs       int64    `yaml:"pids"`
	User       string   `yaml:"user"`
	ReadOnly   bool     `yaml:"read_only"`
	Keep       string   `yaml:"keep"` // run, session; default run
	Isolation  string   `yaml:"isolation"`

	APIKey     string   `yaml:"api_key"`
	APIURL     string   `yaml:"api_url"`
	Target     string   `yaml:"target"`
	Snapshot   string   `yaml:"snapshot"`
	Disk       Size     `yaml:"disk"`
	Cleanup    string   `yaml:"cleanup"` // true, false, stop; default true, with Keep session stop
	AutoStop   Duration `yaml:"auto_stop"`
	AutoDelete Duration `yaml:"auto_delete"`

	Endpoint  string `yaml:"endpoint"`
	Region    string `yaml:"region"`
	AccessKey string `yaml:"access_key"`
	SecretKey string `yaml:"secret_key"`
	PathStyle *bool  `yaml:"path_style"`
}

// Network is what a sandbox may reach.
type Network struct {
	Bridge bool     `yaml:"-"`     // of a container: everything
	Allow  []string `yaml:"allow"` // URL prefixes
}

// UnmarshalYAML takes "none", "bridge" or a mapping.
func (n *Network) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		n.Bridge = node.Value == "bridge"
		return nil
	}
	type plain Network
	return node.Decode((*plain)(n))
}

// Mount puts a folder or bucket into a sandbox.
type Mount struct {
	Path   string `yaml:"path"`
	Source string `yaml:"source"`
	Mode   string `yaml:"mode"` // ro, overlay, rw; default ro
}

// SandboxLimits bound each script of a sandbox and its files. A zero field is not set.
type SandboxLimits struct {
	Timeout Duration `yaml:"timeout"`
	Memory  Size     `yaml:"memory"`
	Files   Size     `yaml:"files"`
	Output  Size     `yaml:"output"`
	Script  Size     `yaml:"script"`

	FileCount   int64 `yaml:"file_count"`
	Commands    int64 `yaml:"commands"`
	Work        int64 `yaml:"work"`
	Jobs        int64 `yaml:"jobs"`
	Depth       int64 `yaml:"depth"`
	Descriptors int64 `yaml:"descriptors"`
	Nesting     int64 `yaml:"nesting"`
}

// UnmarshalYAML takes a name or a mapping.
func (r *SandboxRef) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		r.Name = n.Value
		return nil
	}
	r.Inline = &Sandbox{}
	return n.Decode(r.Inline)
}

func (l *loader) loadSandbox(file, name string) {
	s := &Sandbox{Name: name}
	if s.Doc = l.open(file, "sandbox", s); s.Doc != nil {
		l.define(func(p *Project) { p.Sandboxes[name] = s })
	}
}
