package jq

// worldFilters are the builtins that ask the world, or tell it something.
func worldFilters() map[string]filter {
	return map[string]filter{
		"input/0": func(m *machine, _ []*code, _ *scope, in value, out yield) error {
			v, ok, err := m.world.Input()
			if err != nil {
				return err
			}
			if !ok {
				return fail("No more inputs")
			}
			return out(in.just(v))
		},
		"inputs/0": func(m *machine, _ []*code, _ *scope, in value, out yield) error {
			for {
				v, ok, err := m.world.Input()
				if err != nil || !ok {
					return err
				}
				if err := out(in.just(v)); err != nil {
					return err
				}
			}
		},
		"debug/0": func(m *machine, _ []*code, _ *scope, in value, out yield) error {
			m.world.Stderr(toJSON(NewArray([]any{"DEBUG:", in.v})) + "\n")
			return out(in)
		},
		"debug/1": func(m *machine, args []*code, env *scope, in value, out yield) error {
			err := m.values(args[0], env, in, func(v any) error {
				m.world.Stderr(toJSON(NewArray([]any{"DEBUG:", v})) + "\n")
				return nil
			})
			if err != nil {
				return err
			}
			return out(in)
		},
		"stderr/0": func(m *machine, _ []*code, _ *scope, in value, out yield) error {
			m.world.Stderr(toString(in.v))
			return out(in)
		},
		"input_filename/0": func(m *machine, _ []*code, _ *scope, in value, out yield) error {
			file, _ := m.world.Position()
			return out(in.just(file))
		},
		"input_line_number/0": func(m *machine, _ []*code, _ *scope, in value, out yield) error {
			_, line := m.world.Position()
			return out(in.just(float64(line)))
		},
		"halt/0": func(*machine, []*code, *scope, value, yield) error { return &Halt{Silent: true} },
		"halt_error/0": func(_ *machine, _ []*code, _ *scope, in value, _ yield) error {
			return &Halt{Status: 5, Value: in.v}
		},
		"halt_error/1": func(m *machine, args []*code, env *scope, in value, _ yield) error {
			return m.values(args[0], env, in, func(v any) error {
				status, ok := number(v)
				if !ok {
					return fail("halt_error/1: number required")
				}
				return &Halt{Status: int(status), Value: in.v}
			})
		},
	}
}
