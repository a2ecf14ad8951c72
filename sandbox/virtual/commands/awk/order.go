package awk

import (
	"math"
	"slices"
	"strconv"
)

// tableSizes are the sizes that gawk's hash tables grow through.
var tableSizes = []int{13, 127, 1021, 8191, 131071, 1048573, 8388593, 16777213, 134217689}

// scanOrder puts keys, which are in the order they came, into the order in which gawk's "for (key in array)" visits
// them: programs print what they find in it. Other texts go first, as they lie in gawk's hash table; the whole numbers
// from 1 on follow, ascending.
func scanOrder(keys []string) []string {
	texts := make([]string, 0, len(keys))
	var numbers []int32
	for _, k := range keys {
		if n, ok := positiveKey(k); ok {
			numbers = append(numbers, n)
		} else {
			texts = append(texts, k)
		}
	}
	slices.Sort(numbers)
	ordered := make([]string, 0, len(keys))
	ordered = append(ordered, tableOrder(texts)...)
	for _, n := range numbers {
		ordered = append(ordered, strconv.Itoa(int(n)))
	}
	return ordered
}

// positiveKey reads a key that is a whole number from 1 on, as it is written when a number becomes text.
func positiveKey(k string) (n int32, ok bool) {
	if k == "" || len(k) > 10 || k[0] < '1' || k[0] > '9' {
		return 0, false
	}
	v := 0
	for i := range len(k) {
		if k[i] < '0' || k[i] > '9' {
			return 0, false
		}
		v = v*10 + int(k[i]-'0')
	}
	return int32(v), v <= math.MaxInt32
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
