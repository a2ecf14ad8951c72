package container

import (
	"maps"
	"slices"
	"strings"
)

// environ is the environment of a script, sorted by name.
func environ(path string, own map[string]string, s script) []string {
	env := map[string]string{"PATH": path, "HOME": "/home/agent", "USER": "agent", "LOGNAME": "agent", "SHELL": "/bin/bash",
		"LANG": "C.UTF-8", "TERM": "dumb", "TMPDIR": "/tmp"}
	maps.Copy(env, own)
	maps.Copy(env, s.env)
	if len(s.grants) > 0 {
		env["PATH"] = helperPath + ":" + env["PATH"]
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if name != "" && !strings.ContainsAny(name, "=\x00") && !strings.Contains(env[name], "\x00") { // nothing else can be one
			list = append(list, name+"="+env[name])
		}
	}
	return list
}
