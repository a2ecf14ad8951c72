package jq

func toEntries(v any) (any, error) {
	o, ok := v.(*Object)
	if !ok {
		if a, ok := v.(*Array); ok {
			items := make([]any, len(a.items))
			shape := &keys{}
			for i, item := range a.items {
				items[i] = (&Object{keys: shape}).With("key", float64(i)).With("value", item)
			}
			return NewArray(items), nil
		}
		return nil, fail("%s has no keys", describe(v))
	}
	items := make([]any, o.Len())
	shape := &keys{}
	for i, name := range o.Names() {
		items[i] = (&Object{keys: shape}).With("key", name).With("value", o.vals[i])
	}
	return NewArray(items), nil
}

func fromEntries(v any) (any, error) {
	items, err := elements(v)
	if err != nil {
		return nil, err
	}
	out := NewObject()
	for _, item := range items {
		var key, val any
		for _, name := range []string{"key", "k", "name", "Name", "Key", "K"} {
			x, err := getIndex(item, name)
			if err != nil {
				return nil, err
			}
			if x != nil && (x != false || key == nil) {
				key = x
				if x != false {
					break
				}
			}
		}
		for _, name := range []string{"value", "v", "Value", "V"} {
			if o, ok := item.(*Object); ok {
				if x, found := o.Get(name); found && (x != nil || val == nil) {
					val = x
					if x != nil {
						break
					}
				}
			}
		}
		switch k := key.(type) {
		case string:
			out = out.With(k, val)
		case nil:
			out = out.With("null", val)
		case bool, float64, Literal:
			out = out.With(toJSON(k), val)
		default:
			return nil, fail("Cannot use %s as object key", describe(key))
		}
	}
	return out, nil
}
