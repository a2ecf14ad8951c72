package jq

// code is a query as functions. They keep nothing between calls: all that changes is in the machine and in the scope.
type code struct {
	// each calls out with every value that the query has for in, until out returns an error.
	each generator
	// one is the value of a query that has exactly one for each input, or an error; nil for other queries. It knows no paths.
	// Whoever calls it spends weight, which is how many functions it may call.
	one    single
	weight int
	// constant says that one has the same value, known, for each input.
	constant bool
	known    any
	// argument says that it is an argument of the function that it is in, back places up.
	argument bool
	back     int
}

type generator func(m *machine, env *scope, in value, out yield) error

type single func(m *machine, env *scope, in any) (any, error)

type yield func(value) error

// value is a value with the path it was reached by, while paths are wanted.
type value struct {
	v    any
	path *path
}

// just is a value that is no path.
func (in value) just(v any) value {
	if in.path == nil {
		return value{v: v}
	}
	return value{v, &path{off: true}}
}

// scope is what a name stands for, and the names before it. The compiler knows how far up each one is.
type scope struct {
	up    *scope
	value any    // of a variable; of a label, a *mark
	body  *code  // of an argument of a function that is a filter,
	env   *scope // which is evaluated in env
}

func (s *scope) back(n int) *scope {
	for ; n > 0; n-- {
		s = s.up
	}
	return s
}

// maxWeight is how heavy a query may be to be evaluated without a look at the budget.
const maxWeight = 1000

// constant is the code of a value.
func constant(v any) *code {
	c := computed(1, func(*machine, *scope, any) (any, error) { return v, nil })
	c.constant, c.known = true, v
	return c
}

// computed is code that has one value, which is no path.
func computed(weight int, one single) *code {
	c := &code{one: one, weight: weight}
	c.each = func(m *machine, env *scope, in value, out yield) error {
		mark := m.held
		v, err := m.one(c, env, in.v)
		if err == nil {
			err = out(in.just(v))
		}
		m.free(mark)
		return err
	}
	return c
}

// reached is code that has one value; where paths are wanted, each finds it.
func reached(weight int, one single, each generator) *code {
	c := &code{one: one, weight: weight}
	c.each = func(m *machine, env *scope, in value, out yield) error {
		if in.path != nil {
			return each(m, env, in, out)
		}
		mark := m.held
		v, err := m.one(c, env, in.v)
		if err == nil {
			err = out(value{v: v})
		}
		m.free(mark)
		return err
	}
	return c
}

// many is code that has any number of values.
func many(each generator) *code {
	return &code{each: nested(each)}
}

// nested counts the level that each is.
func nested(each generator) generator {
	return func(m *machine, env *scope, in value, out yield) error {
		if err := m.enter(); err != nil {
			return err
		}
		err := each(m, env, in, out)
		m.depth--
		return err
	}
}

// one evaluates code that has one value. The memory of what was made for it counts until the caller frees it, which has
// marked m.held before.
func (m *machine) one(c *code, env *scope, in any) (any, error) {
	if err := m.work(c.weight); err != nil {
		return nil, err
	}
	return c.one(m, env, in)
}

// values evaluates code without paths.
func (m *machine) values(c *code, env *scope, in value, out func(any) error) error {
	if c.one != nil {
		mark := m.held
		v, err := m.one(c, env, in.v)
		if err == nil {
			err = out(v)
		}
		m.free(mark)
		return err
	}
	return c.each(m, env, value{v: in.v}, func(v value) error { return out(v.v) })
}

// emit yields a value that was made, whose memory counts while it is consumed.
func (m *machine) emit(in value, v any, out yield) error {
	mark := m.held
	err := m.hold(v)
	if err == nil {
		err = out(in.just(v))
	}
	m.free(mark)
	return err
}

// weigh is the weight of a query with parts. It is light when all of them have one value, and it is not too heavy for one.
func weigh(parts ...*code) (weight int, light bool) {
	weight = 1
	for _, c := range parts {
		if c.one == nil {
			return 0, false
		}
		weight += c.weight
	}
	return weight, weight <= maxWeight
}
