package awk

import "github.com/flue-run/flue/sandbox/virtual/shell"

// nested is a script with the environment that the program has made of ENVIRON.
func (in *interp) nested(script string) shell.Nested {
	n := shell.Nested{Script: script}
	if in.environment == nil {
		return n
	}
	for name := range in.inv.Env.All() {
		if in.environment.cells[name] == nil {
			n.Unset = append(n.Unset, name)
		}
	}
	for _, name := range in.environment.list() {
		n.Env = append(n.Env, name+"="+in.environment.cells[name].str(in.convfmt))
	}
	return n
}
