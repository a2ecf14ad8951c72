package expr

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

func add(e *evaluation, args []any) (any, error) {
	switch a := args[0].(type) {
	case string:
		if b, ok := args[1].(string); ok {
			return a + b, nil
		}
	case int:
		switch b := args[1].(type) {
		case int:
			return a + b, nil
		case float64:
			return float64(a) + b, nil
		}
	case float64:
		switch b := args[1].(type) {
		case int:
			return a + float64(b), nil
		case float64:
			return a + b, nil
		}
	}
	return nil, fmt.Errorf("+ wants two numbers or two texts, not %s and %s (string(x) makes a text)", kindOf(args[0]), kindOf(args[1]))
}

func numberFunction(f func(float64) float64) *function {
	return &function{params: []Kind{Number}, min: 1, max: 1, result: numberType,
		call: func(_ *evaluation, a []any) (any, error) { return normal(f(toNumber(a[0]))), nil }}
}

func toNumber(v any) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	case json.Number:
		f, _ := v.Float64()
		return f
	}
	return 0
}

func toInt(_ *evaluation, a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		i, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return nil, fmt.Errorf("int: %q is not a whole number", s)
		}
		return i, nil
	}
	return int(toNumber(a[0])), nil
}

func toFloat(_ *evaluation, a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return nil, fmt.Errorf("float: %q is not a number", s)
		}
		return f, nil
	}
	return toNumber(a[0]), nil
}

// extreme finds the number that is before all others, among the arguments and the lists in them.
func extreme(before func(a, b float64) bool) func(*evaluation, []any) (any, error) {
	return func(_ *evaluation, args []any) (any, error) {
		var best any
		for _, a := range args {
			list, ok := a.([]any)
			if !ok {
				list = []any{a}
			}
			for _, v := range list {
				if kindOf(v) != Number {
					return nil, fmt.Errorf("min and max want numbers, not %s", kindOf(v))
				}
				if best == nil || before(toNumber(v), toNumber(best)) {
					best = v
				}
			}
		}
		return best, nil
	}
}
