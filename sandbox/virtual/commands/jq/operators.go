package jq

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// brief writes a value in at most eleven bytes, for error messages.
func brief(v any) string {
	text := toJSON(v)
	if len(text) > 14 {
		n := 11
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
		return text[:n] + "..."
	}
	return text
}

// describe names a value with its kind: number (1)
func describe(v any) string { return fmt.Sprintf("%s (%s)", typeName(v), brief(v)) }

func (m *machine) binary(op gojq.Operator, l, r any) (any, error) {
	x, okx := number(l)
	y, oky := number(r)
	both := okx && oky
	switch op {
	case gojq.OpEq, gojq.OpNe, gojq.OpLt, gojq.OpLe, gojq.OpGt, gojq.OpGe:
		return holds(op, compare(l, r)), nil
	case gojq.OpAdd:
		if both {
			return boxed(x + y), nil
		}
		return m.add(l, r)
	case gojq.OpSub:
		if both {
			return boxed(x - y), nil
		}
		a, oka := l.(*Array)
		b, okb := r.(*Array)
		if oka && okb {
			return m.subtract(a, b)
		}
		return nil, fail("%s and %s cannot be subtracted", describe(l), describe(r))
	case gojq.OpMul:
		if both {
			return boxed(x * y), nil
		}
		return m.multiply(l, r)
	case gojq.OpDiv:
		if both {
			if y == 0 {
				return nil, fail("%s and %s cannot be divided because the divisor is zero", describe(l), describe(r))
			}
			return boxed(x / y), nil
		}
		a, oka := l.(string)
		b, okb := r.(string)
		if oka && okb {
			return split(a, b), nil
		}
		return nil, fail("%s and %s cannot be divided", describe(l), describe(r))
	case gojq.OpMod:
		if !both {
			return nil, fail("%s and %s cannot be divided", describe(l), describe(r))
		}
		if math.IsNaN(x) || math.IsNaN(y) {
			return math.NaN(), nil
		}
		a, b := toInt64(x), toInt64(y)
		if b == 0 {
			return nil, fail("%s and %s cannot be divided (remainder) because the divisor is zero", describe(l), describe(r))
		}
		if b == -1 {
			return 0.0, nil
		}
		if b < 0 {
			b = -b
		}
		return boxed(float64(a % b)), nil
	}
	return nil, fail("unknown operator %v", op)
}

// holds says whether a comparison holds for what compare says.
func holds(op gojq.Operator, c int) bool {
	switch op {
	case gojq.OpEq:
		return c == 0
	case gojq.OpNe:
		return c != 0
	case gojq.OpLt:
		return c < 0
	case gojq.OpLe:
		return c <= 0
	case gojq.OpGt:
		return c > 0
	}
	return c >= 0
}

// toInt64 truncates, and stays within the range of int64.
func toInt64(f float64) int64 {
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

func (m *machine) add(l, r any) (any, error) {
	switch {
	case l == nil:
		return r, nil
	case r == nil:
		return l, nil
	}
	switch a := l.(type) {
	case float64, Literal:
		if y, ok := number(r); ok {
			x, _ := number(l)
			return x + y, nil
		}
	case string:
		if b, ok := r.(string); ok {
			if err := m.work(len(a) + len(b)); err != nil {
				return nil, err
			}
			return a + b, nil
		}
	case *Array:
		if b, ok := r.(*Array); ok {
			if len(b.items) == 0 {
				return a, nil
			}
			return a.plus(b.items...), m.work(len(b.items))
		}
	case *Object:
		if b, ok := r.(*Object); ok {
			for i, name := range b.Names() {
				a = a.With(name, b.vals[i])
			}
			return a, m.work(b.Len())
		}
	}
	return nil, fail("%s and %s cannot be added", describe(l), describe(r))
}

func (m *machine) subtract(a, b *Array) (any, error) {
	if err := m.work(len(a.items) * (1 + len(b.items))); err != nil {
		return nil, err
	}
	out := []any{}
	for _, x := range a.items {
		keep := true
		for _, y := range b.items {
			if compare(x, y) == 0 {
				keep = false
				break
			}
		}
		if keep {
			out = append(out, x)
		}
	}
	return NewArray(out), nil
}

func (m *machine) multiply(l, r any) (any, error) {
	if a, ok := l.(*Object); ok {
		if b, ok := r.(*Object); ok {
			return merge(a, b), m.work(a.Len() + b.Len())
		}
	}
	s, isString := l.(string)
	f, isNumber := number(r)
	if !isString {
		s, isString = r.(string)
		f, isNumber = number(l)
	}
	if !isString || !isNumber {
		return nil, fail("%s and %s cannot be multiplied", describe(l), describe(r))
	}
	if math.IsNaN(f) || f <= 0 {
		return nil, nil
	}
	n := 1.0
	if f > 1 {
		n = math.Trunc(f)
	}
	if n*float64(len(s)) > math.MaxInt32 {
		return nil, fail("Repeat string result too long")
	}
	size := int(n) * len(s)
	defer m.budget.Release(size)
	if err := m.budget.Hold(size); err != nil {
		return nil, err
	}
	return strings.Repeat(s, int(n)), nil
}

// merge is the deep union of two objects; b wins.
func merge(a, b *Object) *Object {
	for i, name := range b.Names() {
		v := b.vals[i]
		if deeper, ok := v.(*Object); ok {
			if old, _ := a.Get(name); old != nil {
				if o, ok := old.(*Object); ok {
					v = merge(o, deeper)
				}
			}
		}
		a = a.With(name, v)
	}
	return a
}

// split cuts s at each sep, and between its characters if sep is empty.
func split(s, sep string) *Array {
	if s == "" {
		return NewArray(nil)
	}
	parts := strings.Split(s, sep)
	items := make([]any, len(parts))
	for i, p := range parts {
		items[i] = p
	}
	return NewArray(items)
}

func runeLen(s string) int { return utf8.RuneCountInString(s) }

// runeSlice is the substring between two positions, counted in characters.
func runeSlice(s string, from, to int) string {
	start, end, n := len(s), len(s), 0
	for i := range s {
		if n == from {
			start = i
		}
		if n == to {
			end = i
			break
		}
		n++
	}
	if start > end {
		return ""
	}
	return s[start:end]
}

func toString(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return toJSON(v)
}
