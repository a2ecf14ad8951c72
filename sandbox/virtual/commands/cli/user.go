package cli

import "strconv"

// The user of the sandbox, who owns all that is in it, and whose group has the same number and name.
const (
	AgentID   = 1000
	AgentName = "agent"
)

// UserName is the name of a user or a group, or its number.
func UserName(id int) string {
	switch id {
	case 0:
		return "root"
	case AgentID:
		return AgentName
	}
	return strconv.Itoa(id)
}

// UserID is the number of a user or a group, which a number stands for too; false: there is none of the name.
func UserID(name string) (int, bool) {
	switch name {
	case "root":
		return 0, true
	case AgentName:
		return AgentID, true
	}
	n, err := strconv.Atoi(name)
	return n, err == nil && n >= 0
}
