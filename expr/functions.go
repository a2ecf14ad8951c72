package expr

import (
	"fmt"
	"math"
	"strings"

	"github.com/expr-lang/expr/builtin"
)

// function is something an expression may call besides expr-lang's predicates.
type function struct {
	params   []Kind // what each argument may be; the last one counts for all further ones
	min, max int    // number of arguments; max -1 is any number
	result   *Type
	resultOf func(args []*Type) *Type // instead of result, where it depends on the arguments
	call     func(e *evaluation, args []any) (any, error)
}

func (f *function) arity() string {
	switch {
	case f.max < 0:
		return fmt.Sprintf("at least %d argument(s)", f.min)
	case f.min == f.max:
		return fmt.Sprintf("%d argument(s)", f.min)
	}
	return fmt.Sprintf("%d to %d arguments", f.min, f.max)
}

func (f *function) param(i int) Kind { return f.params[min(i, len(f.params)-1)] }

// builtin is f for expr-lang's compiler. The first argument is the *evaluation (see rewrite).
func (f *function) builtin(name string) *builtin.Function {
	return &builtin.Function{Name: name, Func: func(args ...any) (any, error) {
		e, args := args[0].(*evaluation), args[1:]
		for i, a := range args {
			if k := kindOf(a); k&f.param(i) == 0 {
				return nil, fmt.Errorf("%s wants %s, not %s", name, f.param(i), k)
			}
		}
		v, err := f.call(e, args)
		if s, ok := v.(string); ok && err == nil {
			err = e.spend(len(s))
		}
		return v, err
	}}
}

// functions are those that a user may call.
var functions = map[string]*function{
	"len":        {params: []Kind{String | List | Object}, min: 1, max: 1, result: numberType, call: length},
	"lower":      textFunction(strings.ToLower),
	"upper":      textFunction(strings.ToUpper),
	"trim":       textFunction(strings.TrimSpace),
	"trimPrefix": textFunction2(strings.TrimPrefix),
	"trimSuffix": textFunction2(strings.TrimSuffix),
	"replace":    {params: []Kind{String}, min: 3, max: 3, result: stringType, call: replace},
	"split":      {params: []Kind{String}, min: 2, max: 2, result: ListOf(stringType), call: split},
	"join":       {params: []Kind{List, String}, min: 1, max: 2, result: stringType, call: join},
	"indexOf":    {params: []Kind{String}, min: 2, max: 2, result: numberType, call: indexOf},

	"toJSON":   {params: []Kind{anyKind}, min: 1, max: 1, result: stringType, call: toJSON},
	"fromJSON": {params: []Kind{String}, min: 1, max: 1, result: Any, call: fromJSON},
	"string":   {params: []Kind{anyKind}, min: 1, max: 1, result: stringType, call: toString},
	"int":      {params: []Kind{Number | String}, min: 1, max: 1, result: numberType, call: toInt},
	"float":    {params: []Kind{Number | String}, min: 1, max: 1, result: numberType, call: toFloat},
	"type":     {params: []Kind{anyKind}, min: 1, max: 1, result: stringType, call: typeName},

	"abs":   numberFunction(math.Abs),
	"ceil":  numberFunction(math.Ceil),
	"floor": numberFunction(math.Floor),
	"round": numberFunction(math.Round),
	"min":   {params: []Kind{Number | List}, min: 1, max: -1, result: numberType, call: extreme(func(a, b float64) bool { return a < b })},
	"max":   {params: []Kind{Number | List}, min: 1, max: -1, result: numberType, call: extreme(func(a, b float64) bool { return a > b })},

	"first":   {params: []Kind{List}, min: 1, max: 1, resultOf: elementOrNull, call: element(func(n int) int { return 0 })},
	"last":    {params: []Kind{List}, min: 1, max: 1, resultOf: elementOrNull, call: element(func(n int) int { return n - 1 })},
	"get":     {params: []Kind{Object | List | Null, String | Number, anyKind}, min: 2, max: 3, result: Any, call: get},
	"keys":    {params: []Kind{Object}, min: 1, max: 1, result: ListOf(stringType), call: keys},
	"values":  {params: []Kind{Object}, min: 1, max: 1, result: ListOf(Any), call: values},
	"sort":    {params: []Kind{List}, min: 1, max: 1, resultOf: sameType, call: sortList},
	"reverse": {params: []Kind{List}, min: 1, max: 1, resultOf: sameType, call: reverse},
	"uniq":    {params: []Kind{List}, min: 1, max: 1, resultOf: sameType, call: uniq},
	"concat":  {params: []Kind{List}, min: 1, max: -1, result: ListOf(Any), call: concat},
	"flatten": {params: []Kind{List}, min: 1, max: 1, result: ListOf(Any), call: flatten},

	"untrusted": {params: []Kind{anyKind}, min: 1, max: 1, result: stringType, call: untrusted},
}

// internals are the functions that rewrite puts in.
var internals = map[string]*function{
	"\x00field":    {params: []Kind{anyKind}, call: func(_ *evaluation, a []any) (any, error) { return field(a[0], a[1], a[2].(string), false) }},
	"\x00optional": {params: []Kind{anyKind}, call: func(_ *evaluation, a []any) (any, error) { return field(a[0], a[1], a[2].(string), true) }},
	"\x00add":      {params: []Kind{anyKind}, call: add},
	"\x00text": {params: []Kind{anyKind}, call: func(e *evaluation, a []any) (any, error) {
		if k := kindOf(a[0]); k != String {
			return nil, fmt.Errorf("%s wants text on both sides, not %s", a[1], k)
		}
		return a[0], nil
	}},
	"\x00loop": {params: []Kind{anyKind}, call: func(e *evaluation, a []any) (any, error) {
		if e.loops++; e.loops > maxLoops {
			return nil, fmt.Errorf("the expression goes round more than %d times", maxLoops)
		}
		return a[0], nil
	}},
}

// missingError is a field that is not there.
type missingError struct{ text, hint string }

func (e *missingError) Error() string { return e.text }

// field is v[key]; path is how the user wrote v. An optional one that is missing is nil.
func field(v, key any, path string, optional bool) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		name, ok := key.(string)
		if !ok {
			name = text(key)
		}
		if e, ok := v[name]; ok || optional {
			return e, nil
		}
		return nil, &missingError{fmt.Sprintf("%s has no property %q", path, name), didYouMean(name, sortedKeys(v))}
	case []any:
		i, ok := key.(int)
		if !ok {
			return nil, fmt.Errorf("%s is a list: its index is a number, not %s", path, kindOf(key))
		}
		if i < 0 {
			i += len(v)
		}
		if i >= 0 && i < len(v) {
			return v[i], nil
		}
		if optional {
			return nil, nil
		}
		return nil, &missingError{fmt.Sprintf("%s has %d item(s), there is no [%v]", path, len(v), key), "use first(), get() or ?? for what may be missing"}
	case nil:
		if optional {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("%s is %s and has no %s", path, kindOf(v), text(key))
}

func typeName(_ *evaluation, a []any) (any, error) {
	return map[Kind]string{Null: "null", Bool: "boolean", Number: "number", String: "string", List: "array", Object: "object"}[kindOf(a[0])], nil
}
