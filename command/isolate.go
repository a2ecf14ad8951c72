package command

import "fmt"

// Layer is how this host confines the programs of commands.
type Layer struct {
	Name    string   // bubblewrap, landlock or none
	Covers  []string // what a program is kept from
	Leaves  []string // what it is not
	Without string   // why there is no better layer
	// Landlock is the version of the kernel's, which is used where there is no bubblewrap; 0: it has none.
	Landlock int
}

func (l Layer) String() string {
	if l.Name == "none" {
		return fmt.Sprintf("none (%s)", l.Without)
	}
	return l.Name
}
