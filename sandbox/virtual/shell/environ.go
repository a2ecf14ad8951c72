package shell

import (
	"iter"
	"sort"
	"strings"
)

// shellEnv is the exported variables of a shell.
type shellEnv struct{ s *shell }

func (e shellEnv) Get(name string) (string, bool) {
	for sc := e.s.scope; sc != nil; sc = sc.outer {
		if v, ok := sc.find(name); ok {
			if v.attr&exported == 0 || v.isArray() {
				return "", false
			}
			return v.str, v.set
		}
	}
	return "", false
}

func (e shellEnv) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		vars := mapEnv{}
		e.s.visible(func(name string, v *variable) {
			if v.attr&exported != 0 && v.set && !v.isArray() {
				vars[name] = v.str
			}
		})
		for name, fn := range e.s.funcs {
			if fn.exported {
				vars["BASH_FUNC_"+name+"%%"] = fn.bodyText()
			}
		}
		vars.All()(yield)
	}
}

// mapEnv is an environment that a command made up.
type mapEnv map[string]string

func (m mapEnv) Get(name string) (string, bool) {
	v, ok := m[name]
	return v, ok
}

func (m mapEnv) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		names := make([]string, 0, len(m))
		for name := range m {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}

// overlay is the environment of a nested program.
func overlay(base Environ, n Nested) Environ {
	if len(n.Env) == 0 && !n.ClearEnv && len(n.Unset) == 0 {
		return base
	}
	m := mapEnv{}
	if !n.ClearEnv {
		for name, v := range base.All() {
			m[name] = v
		}
	}
	for _, name := range n.Unset {
		delete(m, name)
	}
	for _, kv := range n.Env {
		if name, v, ok := strings.Cut(kv, "="); ok {
			m[name] = v
		}
	}
	return m
}
