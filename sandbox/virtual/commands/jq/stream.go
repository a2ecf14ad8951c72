package jq

// Events are the [PATH, LEAF] and closing [PATH] events of --stream for one value.
func Events(v any) []any {
	var out []any
	var walk func(at *path, v any)
	walk = func(at *path, v any) {
		var last any
		switch c := v.(type) {
		case *Array:
			for i, item := range c.items {
				last = float64(i)
				walk(&path{up: at, key: last}, item)
			}
		case *Object:
			for i, name := range c.Names() {
				last = name
				walk(&path{up: at, key: last}, c.vals[i])
			}
		}
		if last == nil {
			out = append(out, NewArray([]any{NewArray(at.list()), v}))
			return
		}
		out = append(out, NewArray([]any{NewArray((&path{up: at, key: last}).list())}))
	}
	walk(&path{}, v)
	return out
}
