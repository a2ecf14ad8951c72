package spec

// Capabilities are what a type of sandbox can do besides running scripts on files of its own.
type Capabilities struct {
	Commands bool // scripts reach the commands that they are granted
	Mounts   bool // folders and buckets can be shown in it
	URLs     bool // its network can be a list of URLs
	Bridge   bool // its network can be all that there is
	Kept     bool // its files are in the store, with the session: those of every turn
}

// Capabilities are those of the sandbox's type.
func (s *Sandbox) Capabilities() Capabilities {
	switch s.Type {
	case "local":
		return Capabilities{Commands: true, Mounts: true, URLs: true}
	case "container":
		return Capabilities{Commands: true, Mounts: true, Bridge: true}
	case "daytona":
		return Capabilities{Bridge: true}
	}
	return Capabilities{Commands: true, Mounts: true, URLs: true, Kept: true}
}
