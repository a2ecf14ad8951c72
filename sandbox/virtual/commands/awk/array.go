package awk

import "strings"

// array is an associative array that remembers the order of its keys.
type array struct {
	name   string // of the global variable that it is, if it is one
	cells  map[string]*cell
	keys   []string // in the order they came; some may have been deleted
	dead   int      // keys of deleted elements, at most
	layout byte     // how scanOrder puts the keys
}

// cell is a variable or an element.
type cell struct {
	value
	arr *array
	ref *cell // of a parameter: the caller's variable, which becomes an array when this one does
}

const elementSize = 120 // bytes an element takes besides its text, about

// longString is how long a text is that counts as live memory when a variable holds it.
const longString = 4096

func newArray() *array { return &array{cells: map[string]*cell{}} }

// list has the keys in order.
func (a *array) list() []string {
	if a.dead > 0 {
		// Go backwards: an element that was deleted and came again counts by its last coming.
		seen := make(map[string]bool, len(a.cells))
		kept := make([]string, len(a.cells))
		at := len(kept)
		for i := len(a.keys) - 1; i >= 0; i-- {
			if k := a.keys[i]; a.cells[k] != nil && !seen[k] {
				seen[k] = true
				at--
				kept[at] = k
			}
		}
		a.keys, a.dead = kept[at:], 0
	}
	return append([]string(nil), a.keys...)
}

// set stores v in a variable or element.
func (in *interp) set(c *cell, v value) {
	if c.arr != nil {
		in.fatal("attempt to use an array in a scalar context")
	}
	if len(v.s) >= longString || len(c.s) >= longString {
		n := 0
		if len(v.s) >= longString {
			n = len(v.s)
		}
		if len(c.s) >= longString {
			n -= len(c.s)
		}
		in.hold(n)
	}
	if v.kind == unset {
		v.n = wasRead
	}
	c.value = v
}

// array is the array a variable is, or becomes.
func (in *interp) array(c *cell, name string) *array {
	if c.arr == nil {
		switch {
		case c.kind != unset || c.n == wasRead:
			in.fatal("attempt to use %s as an array", name)
		case c.ref != nil:
			c.arr = in.array(c.ref, name)
		default:
			c.arr = newArray()
		}
	}
	return c.arr
}

// element is an element of an array, made if it is not there.
func (in *interp) element(a *array, key string) *cell {
	c := a.cells[key]
	if c == nil {
		in.hold(elementSize + 2*len(key))
		if len(a.cells) == 0 {
			a.layout = layoutOf(key)
		}
		c = &cell{}
		a.cells[strings.Clone(key)] = c
		a.keys = append(a.keys, strings.Clone(key))
	}
	return c
}

func (in *interp) put(a *array, key string, v value) { in.set(in.element(a, key), v) }

func (in *interp) remove(a *array, key string) {
	c := a.cells[key]
	if c == nil {
		return
	}
	if c.arr != nil {
		in.clear(c.arr)
	}
	n := elementSize + 2*len(key)
	if len(c.s) >= longString {
		n += len(c.s)
	}
	in.hold(-n)
	delete(a.cells, key)
	if a.dead++; a.dead > 32 && a.dead > len(a.cells) {
		a.list()
	}
}

func (in *interp) clear(a *array) {
	for key, c := range a.cells {
		n := elementSize + 2*len(key)
		if len(c.s) >= longString {
			n += len(c.s)
		}
		in.hold(-n)
	}
	clear(a.cells)
	a.keys, a.dead = nil, 0
}
