package shell

import (
	"slices"
	"sort"
)

// array is an indexed array. While its indices are 0, 1, 2, … it is a slice; a gap turns it into a map
// with sorted keys, so that either form reads and appends in constant time.
type array struct {
	dense []string
	holes map[int]string // nil while dense
	keys  []int          // the keys of holes, sorted
	bytes int            // what the values hold, with a word for each
}

const elemOverhead = 16 // bytes that an element costs besides its text

func newArray(values []string) *array {
	a := &array{dense: values}
	for _, v := range values {
		a.bytes += len(v) + elemOverhead
	}
	return a
}

func (a *array) clone() *array {
	c := &array{dense: slices.Clone(a.dense), keys: slices.Clone(a.keys), bytes: a.bytes}
	if a.holes != nil {
		c.holes = make(map[int]string, len(a.holes))
		for k, v := range a.holes {
			c.holes[k] = v
		}
	}
	return c
}

func (a *array) len() int {
	if a.holes != nil {
		return len(a.keys)
	}
	return len(a.dense)
}

// end is the index after the last element.
func (a *array) end() int {
	if a.holes == nil {
		return len(a.dense)
	}
	if len(a.keys) == 0 {
		return 0
	}
	return a.keys[len(a.keys)-1] + 1
}

func (a *array) get(i int) (string, bool) {
	if a.holes != nil {
		v, ok := a.holes[i]
		return v, ok
	}
	if i < 0 || i >= len(a.dense) {
		return "", false
	}
	return a.dense[i], true
}

func (a *array) set(i int, v string) {
	if a.holes == nil {
		switch {
		case i < len(a.dense):
			a.bytes += len(v) - len(a.dense[i])
			a.dense[i] = v
			return
		case i == len(a.dense):
			a.bytes += len(v) + elemOverhead
			a.dense = append(a.dense, v)
			return
		}
		a.spread()
	}
	old, there := a.holes[i]
	a.holes[i] = v
	if there {
		a.bytes += len(v) - len(old)
		return
	}
	a.bytes += len(v) + elemOverhead
	if n := len(a.keys); n == 0 || a.keys[n-1] < i {
		a.keys = append(a.keys, i)
		return
	}
	at := sort.SearchInts(a.keys, i)
	a.keys = slices.Insert(a.keys, at, i)
}

func (a *array) spread() {
	a.holes = make(map[int]string, len(a.dense)+1)
	a.keys = make([]int, len(a.dense))
	for i, v := range a.dense {
		a.holes[i], a.keys[i] = v, i
	}
	a.dense = nil
}

func (a *array) unset(i int) {
	v, ok := a.get(i)
	if !ok {
		return
	}
	a.bytes -= len(v) + elemOverhead
	if a.holes == nil {
		if i == len(a.dense)-1 {
			a.dense = a.dense[:i]
			return
		}
		a.spread()
	}
	delete(a.holes, i)
	at := sort.SearchInts(a.keys, i)
	a.keys = slices.Delete(a.keys, at, at+1)
}

// values returns the elements in order. The slice must not be changed.
func (a *array) values() []string {
	if a.holes == nil {
		return a.dense
	}
	list := make([]string, len(a.keys))
	for i, k := range a.keys {
		list[i] = a.holes[k]
	}
	return list
}

func (a *array) indices() []int {
	if a.holes != nil {
		return a.keys
	}
	list := make([]int, len(a.dense))
	for i := range list {
		list[i] = i
	}
	return list
}

// dict is an associative array. Its keys come out in the order in which bash's hash table keeps them,
// which scripts should not rely on, but whose output people compare.
type dict struct {
	items map[string]dictItem
	seq   int
	order []string // keys in bash's order; nil after a key came or went
	bytes int
}

type dictItem struct {
	value string
	seq   int
}

func newDict() *dict { return &dict{items: map[string]dictItem{}} }

func (d *dict) clone() *dict {
	c := &dict{items: make(map[string]dictItem, len(d.items)), seq: d.seq, bytes: d.bytes}
	for k, v := range d.items {
		c.items[k] = v
	}
	return c
}

func (d *dict) get(key string) (string, bool) {
	it, ok := d.items[key]
	return it.value, ok
}

func (d *dict) set(key, v string) {
	if old, ok := d.items[key]; ok {
		d.bytes += len(v) - len(old.value)
		d.items[key] = dictItem{v, old.seq}
		return
	}
	d.seq++
	d.bytes += len(key) + len(v) + 2*elemOverhead
	d.items[key] = dictItem{v, d.seq}
	d.order = nil
}

func (d *dict) unset(key string) {
	if old, ok := d.items[key]; ok {
		d.bytes -= len(key) + len(old.value) + 2*elemOverhead
		delete(d.items, key)
		d.order = nil
	}
}

// keyList returns the keys in bash's order: 1,024 buckets by FNV-1, four times as many whenever there
// are two entries a bucket, and the newest first in each.
func (d *dict) keyList() []string {
	if d.order != nil || len(d.items) == 0 {
		return d.order
	}
	buckets := uint32(1024)
	for len(d.items) > int(buckets)*2 {
		buckets *= 4
	}
	type place struct {
		key    string
		bucket uint32
		seq    int
	}
	list := make([]place, 0, len(d.items))
	for k, it := range d.items {
		list = append(list, place{k, fnv1(k) & (buckets - 1), it.seq})
	}
	slices.SortFunc(list, func(a, b place) int {
		if a.bucket != b.bucket {
			return int(a.bucket) - int(b.bucket)
		}
		return b.seq - a.seq
	})
	order := make([]string, len(list))
	for i, p := range list {
		order[i] = p.key
	}
	d.order = order
	return order
}

func (d *dict) valueList() []string {
	keys := d.keyList()
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = d.items[k].value
	}
	return list
}

// fnv1 is the 32-bit FNV-1 hash of Fowler, Noll and Vo.
func fnv1(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h *= 16777619
		h ^= uint32(s[i])
	}
	return h
}
