package expr

import "slices"

// Privileged evaluates a string of the places that may name variables of the environment: flue.yaml, commands, tools and
// sandboxes. It also returns the variables that the string names, each once.
func Privileged(source string, lookup func(name string) (string, bool)) (text string, names []string, err error) {
	t, err := Parse(source)
	if err != nil {
		return "", nil, err
	}
	env := map[string]any{}
	for _, name := range t.Names() {
		if len(name.Path) < 2 || name.Path[0] != "env" {
			continue
		}
		if !slices.Contains(names, name.Path[1]) {
			names = append(names, name.Path[1])
		}
		if value, ok := lookup(name.Path[1]); ok {
			env[name.Path[1]] = value
		}
	}
	text, err = t.Text(map[string]any{"env": env})
	return text, names, err
}
