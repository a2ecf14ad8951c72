package jq

import "slices"

// frame is an array or an object that is open.
type frame struct {
	isObj  bool
	hasKey bool   // of the value that comes
	begin  int    // in items
	likely *shape // an object of this shape so far, of which items has only the values; or nil
}

// top is the innermost array or object that is open, or nil.
func (d *Decoder) top() *frame {
	if n := len(d.stack); n > 0 {
		return &d.stack[n-1]
	}
	return nil
}

func (d *Decoder) open(isObj bool) string {
	if len(d.stack) >= maxNesting {
		return "Exceeds depth limit for parsing"
	}
	if d.has {
		return "Expected separator between values"
	}
	f := frame{isObj: isObj, begin: len(d.items)}
	if isObj {
		f.likely = d.maker.likely(len(d.stack))
	}
	d.stack = append(d.stack, f)
	d.likelyKey(&d.stack[len(d.stack)-1])
	return ""
}

// likelyKey goes over the key that comes, if it is the one that the last object had at this place.
func (d *Decoder) likelyKey(top *frame) {
	if top.likely == nil {
		return
	}
	for d.pos < len(d.block) && blank[d.block[d.pos]] {
		d.advance()
	}
	i := len(d.items) - top.begin
	if i == len(top.likely.tokens) {
		return
	}
	if token := top.likely.tokens[i]; len(token) <= len(d.block)-d.pos && string(d.block[d.pos:d.pos+len(token)]) == token {
		d.pos += len(token)
		top.hasKey = true
	}
}

// unlikely makes an object one whose keys are in items.
func (d *Decoder) unlikely(top *frame) {
	if top.likely == nil {
		return
	}
	values := slices.Clone(d.items[top.begin:])
	d.items = d.items[:top.begin]
	for i, v := range values {
		d.items = append(d.items, top.likely.names[i], v)
	}
	top.likely = nil
}

func (d *Decoder) colon() string {
	top := d.top()
	switch {
	case !d.has:
		return "Expected string key before ':'"
	case top == nil || !top.isObj || top.hasKey:
		return "':' not as part of an object"
	}
	if _, ok := d.next.(string); !ok {
		return "Object keys must be strings"
	}
	d.unlikely(top)
	top.hasKey = true
	d.items = append(d.items, d.next)
	d.next, d.has = nil, false
	return ""
}

func (d *Decoder) comma() string {
	top := d.top()
	switch {
	case !d.has:
		return "Expected value before ','"
	case top == nil:
		return "',' not as part of an object or array"
	}
	problem := d.add(top)
	if problem == "" {
		d.likelyKey(top)
	}
	return problem
}

// add puts the value that was read into the array or object that is open.
func (d *Decoder) add(top *frame) string {
	if top.isObj && !top.hasKey {
		return "Objects must consist of key:value pairs"
	}
	top.hasKey = false
	d.items = append(d.items, d.next)
	d.next, d.has = nil, false
	return ""
}

func (d *Decoder) endArray() string {
	top := d.top()
	switch {
	case top == nil || top.isObj:
		return "Unmatched ']'"
	case d.has:
		d.add(top)
	case len(d.items) > top.begin:
		return "Expected another array element"
	}
	d.close(d.maker.array(d.items[top.begin:]))
	return ""
}

func (d *Decoder) endObject() string {
	top := d.top()
	switch {
	case top == nil || !top.isObj || top.hasKey && !d.has:
		return "Unmatched '}'"
	case d.has:
		if problem := d.add(top); problem != "" {
			return problem
		}
	case len(d.items) > top.begin:
		return "Expected another key-value pair"
	}
	if parts := d.items[top.begin:]; top.likely != nil {
		d.close(d.maker.object(top.likely.keys, parts))
	} else {
		d.close(d.maker.newShape(len(d.stack)-1, parts))
	}
	return ""
}

// close ends the array or object that is open, which is v.
func (d *Decoder) close(v any) {
	last := len(d.stack) - 1
	begin := d.stack[last].begin
	d.used = max(d.used, len(d.items))
	d.items, d.stack = d.items[:begin], d.stack[:last]
	d.next, d.has = v, true
}
