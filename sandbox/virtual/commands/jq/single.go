package jq

import "github.com/itchyny/gojq"

// Much of a program has exactly one value for each input: constants, keys, arithmetic, comparisons, and objects of them.
// Compile marks it, and the machine evaluates it directly, without functions that wait for more values.

// singles is what was found in a program.
type singles struct {
	queries map[*gojq.Query]bool
	numbers map[*gojq.Term]any
	objects map[*gojq.Object]*keys // of objects with constant keys
}

func newSingles() singles {
	return singles{map[*gojq.Query]bool{}, map[*gojq.Term]any{}, map[*gojq.Object]*keys{}}
}

// mark judges q, whose parts have been judged.
func (s singles) mark(q *gojq.Query) {
	switch {
	case len(q.FuncDefs) > 0 || len(q.Patterns) > 0:
	case q.Term != nil:
		if s.term(q.Term) {
			s.queries[q] = true
		}
	case q.Op == gojq.OpPipe || q.Op >= gojq.OpAdd && q.Op <= gojq.OpOr:
		if s.queries[q.Left] && s.queries[q.Right] {
			s.queries[q] = true
		}
	}
}

func (s singles) term(t *gojq.Term) bool {
	for _, x := range t.SuffixList {
		if x.Optional || x.Iter || !constantKey(x.Index) {
			return false
		}
	}
	switch t.Type {
	case gojq.TermTypeIdentity, gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse:
		return true
	case gojq.TermTypeNumber:
		s.numbers[t], _ = parseNumber(t.Number)
		return true
	case gojq.TermTypeString:
		return t.Str.Queries == nil
	case gojq.TermTypeIndex:
		return constantKey(t.Index)
	case gojq.TermTypeFunc:
		return t.Func.Name[0] == '$' && len(t.Func.Args) == 0
	case gojq.TermTypeQuery:
		return s.queries[t.Query]
	case gojq.TermTypeObject:
		return s.object(t.Object)
	}
	return false
}

func constantKey(x *gojq.Index) bool { return x.Name != "" || x.Str != nil && x.Str.Queries == nil }

func (s singles) object(o *gojq.Object) bool {
	k, seen := &keys{}, map[string]bool{}
	for _, kv := range o.KeyVals {
		if kv.Key == "" || kv.Key[0] == '$' || seen[kv.Key] || kv.Val != nil && !s.queries[kv.Val] {
			return false
		}
		seen[kv.Key] = true
		k.names = append(k.names, kv.Key)
	}
	s.objects[o] = k
	return true
}

// single evaluates a query that is marked on in.
func (m *machine) single(q *gojq.Query, env *scope, in any) (any, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer func() { m.depth-- }()
	if q.Term != nil {
		return m.singleTerm(q.Term, env, in)
	}
	switch q.Op {
	case gojq.OpPipe:
		v, err := m.single(q.Left, env, in)
		if err != nil {
			return nil, err
		}
		return m.single(q.Right, env, v)
	case gojq.OpAnd, gojq.OpOr:
		l, err := m.single(q.Left, env, in)
		if err != nil || truthy(l) == (q.Op == gojq.OpOr) {
			return truthy(l), err
		}
		r, err := m.single(q.Right, env, in)
		return truthy(r), err
	}
	r, err := m.single(q.Right, env, in)
	if err != nil {
		return nil, err
	}
	l, err := m.single(q.Left, env, in)
	if err != nil {
		return nil, err
	}
	return m.binary(q.Op, l, r)
}

func (m *machine) singleTerm(t *gojq.Term, env *scope, in any) (v any, err error) {
	switch t.Type {
	case gojq.TermTypeIdentity:
		v = in
	case gojq.TermTypeTrue:
		v = true
	case gojq.TermTypeFalse:
		v = false
	case gojq.TermTypeNumber:
		v = m.prog.singles.numbers[t]
	case gojq.TermTypeString:
		v = t.Str.Str
	case gojq.TermTypeIndex:
		v, err = getKey(in, t.Index)
	case gojq.TermTypeFunc:
		v, err = m.variable(t.Func.Name, env)
	case gojq.TermTypeQuery:
		v, err = m.single(t.Query, env, in)
	case gojq.TermTypeObject:
		v, err = m.singleObject(t.Object, env, in)
	}
	for i := 0; i < len(t.SuffixList) && err == nil; i++ {
		v, err = getKey(v, t.SuffixList[i].Index)
	}
	return v, err
}

func getKey(v any, x *gojq.Index) (any, error) {
	name := x.Name
	if name == "" {
		name = x.Str.Str
	}
	if o, ok := v.(*Object); ok {
		item, _ := o.Get(name)
		return item, nil
	}
	return getIndex(v, name)
}

func (m *machine) singleObject(o *gojq.Object, env *scope, in any) (any, error) {
	k := m.prog.singles.objects[o]
	vals := make([]any, len(o.KeyVals))
	for i, kv := range o.KeyVals {
		var err error
		if kv.Val == nil {
			vals[i], err = getIndex(in, kv.Key)
		} else {
			vals[i], err = m.single(kv.Val, env, in)
		}
		if err != nil {
			return nil, err
		}
	}
	return &Object{k, vals}, nil
}
