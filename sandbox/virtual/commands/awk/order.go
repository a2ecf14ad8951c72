package awk

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// tableSizes are the sizes that gawk's hash tables grow through.
var tableSizes = []int{13, 127, 1021, 8191, 131071, 1048573, 8388593, 16777213, 134217689}

// The layouts of arrays, by their first keys: they decide on the order of all keys.
const (
	byNumber  = iota // 0 or more: whole numbers from 0 on, ascending, behind all others
	byInteger        // below 0: a hash table of whole numbers, behind all others
	byText           // no whole number: one hash table
)

// layoutOf is the layout of an array whose first key is key.
func layoutOf(key string) byte {
	n, ok := integerKey(key)
	switch {
	case !ok:
		return byText
	case n < 0:
		return byInteger
	}
	return byNumber
}

// scanOrder puts keys, which are in the order they came, into the order in which gawk's "for (key in array)" visits
// them: programs print what they find in it.
func scanOrder(keys []string, layout byte) []string {
	if layout == byText {
		return tableOrder(keys)
	}
	ordered := make([]string, 0, len(keys))
	var rest []string // what the layout has no place for lies in an array of its own
	var numbers []int32
	for _, k := range keys {
		if n, ok := integerKey(k); ok && (n >= 0 || layout == byInteger) {
			numbers = append(numbers, n)
		} else {
			rest = append(rest, k)
		}
	}
	if len(rest) > 0 {
		ordered = append(ordered, scanOrder(rest, layoutOf(rest[0]))...)
	}
	if layout == byInteger {
		numbers = intTableOrder(numbers)
	} else {
		slices.Sort(numbers)
	}
	for _, n := range numbers {
		ordered = append(ordered, strconv.Itoa(int(n)))
	}
	return ordered
}

// integerKey reads a key that is a whole number of 32 bits, as it is written when a number becomes text.
func integerKey(k string) (n int32, ok bool) {
	digits := strings.TrimPrefix(k, "-")
	if digits == "" || len(digits) > 10 || digits[0] < '0' || digits[0] > '9' || digits[0] == '0' && len(k) > 1 {
		return 0, false
	}
	v := 0
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		v = v*10 + int(digits[i]-'0')
	}
	if len(digits) < len(k) {
		v = -v
	}
	return int32(v), v <= math.MaxInt32 && v >= math.MinInt32
}

// intBucket is a place for two numbers in a chain of the table of whole numbers.
type intBucket struct {
	numbers []int32
	next    *intBucket
}

// intTableOrder is tableOrder for whole numbers, of which each link of a chain holds two.
func intTableOrder(keys []int32) []int32 {
	grown := 0
	heads := make([]*intBucket, tableSizes[0])
	insert := func(n int32) {
		chain := &heads[mix(uint32(n))%uint32(len(heads))]
		if *chain == nil || len((*chain).numbers) == 2 {
			*chain = &intBucket{next: *chain}
		}
		(*chain).numbers = append((*chain).numbers, n)
	}
	list := func() (ordered []int32) {
		for _, b := range heads {
			for ; b != nil; b = b.next {
				ordered = append(ordered, b.numbers...)
			}
		}
		return ordered
	}
	for i, n := range keys {
		if (i+1)/len(heads) > 2 && grown+1 < len(tableSizes) {
			grown++
			before := list()
			heads = make([]*intBucket, tableSizes[grown])
			for _, old := range before {
				insert(old)
			}
		}
		insert(n)
	}
	return list()
}

// mix is the last step of the hash function SuperFastHash.
func mix(k uint32) uint32 {
	k ^= k << 3
	k += k >> 5
	k ^= k << 4
	k += k >> 17
	k ^= k << 25
	return k + k>>6
}

// tableOrder lays keys into a hash table whose chains grow at their heads, and which is laid anew into a larger one
// when chains are longer than two on average; then it reads the table from its first chain to the last.
func tableOrder(keys []string) []string {
	if len(keys) < 2 {
		return keys
	}
	codes := make([]uint32, len(keys))
	next := make([]int32, len(keys))
	grown := 0
	heads := emptyTable(tableSizes[0])
	for i, k := range keys {
		codes[i] = hashCode(k)
		if (i+1)/len(heads) > 2 && grown+1 < len(tableSizes) {
			grown++
			larger := emptyTable(tableSizes[grown])
			for _, at := range heads {
				for at >= 0 {
					following := next[at]
					chain := codes[at] % uint32(len(larger))
					next[at], larger[chain] = larger[chain], at
					at = following
				}
			}
			heads = larger
		}
		chain := codes[i] % uint32(len(heads))
		next[i], heads[chain] = heads[chain], int32(i)
	}
	ordered := make([]string, 0, len(keys))
	for _, at := range heads {
		for ; at >= 0; at = next[at] {
			ordered = append(ordered, keys[at])
		}
	}
	return ordered
}

func emptyTable(size int) []int32 {
	heads := make([]int32, size)
	for i := range heads {
		heads[i] = -1
	}
	return heads
}

// hashCode is the hash function of the sdbm library, which multiplies by 65599.
func hashCode(s string) (code uint32) {
	for i := range len(s) {
		code = uint32(s[i]) + code*65599
	}
	return code
}
