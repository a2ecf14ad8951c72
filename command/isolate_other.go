//go:build !linux

package command

// Isolation says how this host confines the programs of commands.
func Isolation() Layer {
	return Layer{Name: "none", Without: "flue confines programs on Linux only", Leaves: []string{"files", "network", "other processes"}}
}
