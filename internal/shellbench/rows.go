//go:build unix

package main

import (
	"fmt"
	"strings"
)

// kind says what a row compares.
type kind int

const (
	session  kind = iota // a script as an agent runs it: bash is started for it
	language             // what the shell itself does: bash is running already
	bulk                 // much data: the real tools
)

// row is one script, and the files in its working directory.
type row struct {
	name   string
	kind   kind
	files  func() map[string]string // nil: none
	script string
}

var rows = []row{
	{"`echo hi`", session, nil, `echo hi`},
	{"create, append, cat a file", session, nil, `echo one > f; echo two >> f; cat f; rm f`},
	{"`grep -rn`, 200 files", session, sources(200, 2<<10), `grep -rn needle d*`},
	{"`cut | sort | uniq -c | sort -rn | head`, 10,000 lines", session, table(10_000), `cut -d, -f2 table.csv | sort | uniq -c | sort -rn | head`},
	{"`sed s///g`, 10,000 lines", session, table(10_000), `sed 's/name/label/g' table.csv | tail -n 1`},
	{"`jq`, 2,000 objects", session, objects(2000), `jq -c '[.[] | select(.n % 2 == 0) | {id, n: (.n * 2)}] | length' objects.json`},
	{"`while [ ]`, 10,000 rounds", language, nil, `i=0; while [ $i -lt 10000 ]; do i=$((i+1)); done`},
	{"`for (( ))`, 10,000 rounds", language, nil, `for ((i=0; i<10000; i++)); do x=$i; done`},
	{"function call × 5,000", language, nil, `f() { local a=$1; r=$a; }; for ((i=0; i<5000; i++)); do f $i; done`},
	{"`$(echo)` × 1,000", session, nil, `for ((i=0; i<1000; i++)); do x=$(echo hi); done`},
	{"`echo | cat` × 500", session, nil, `for ((i=0; i<500; i++)); do echo hi | cat; done >/dev/null`},
	{"`while read`, 10,000 lines", language, table(10_000), `n=0; while read -r line; do n=$((n+1)); done < table.csv`},
	{"`${##} ${%%} ${^^}` × 5,000", language, nil, `p=/a/b/c.tar.gz; for ((i=0; i<5000; i++)); do a=${p##*/} b=${p%%.*} c=${p^^}; done`},
	{"`a[i]=` × 10,000", language, nil, `for ((i=0; i<10000; i++)); do a[i]=$i; done`},
	{"`m[k]=` × 10,000", language, nil, `declare -A m; for ((i=0; i<10000; i++)); do m[k$i]=$i; done`},

	{"`grep -r`, 2,000 files of 4 KB", bulk, sources(2000, 4<<10), `grep -r needle . | wc -l`},
	{"`sort | uniq -c`, 200,000 lines", bulk, words(200_000), `sort words | uniq -c | wc -l`},
	{"`jq`, 10 MB", bulk, objects(150_000), `jq '[.[] | select(.n % 2 == 0) | .n] | add' objects.json`},
	{"`awk`, 50 MB", bulk, table(1_500_000), `awk -F, '{ n[$2]++; s += $3 } END { for (k in n) c++; print c, s }' table.csv`},
	{"`sed`, 50 MB", bulk, table(1_500_000), `sed 's/name/label/g; /9$/d' table.csv >/dev/null`},
}

// sources are files of about size bytes in twenty folders; every tenth has the word needle.
func sources(n, size int) func() map[string]string {
	return func() map[string]string {
		files := map[string]string{}
		for i := range n {
			var b strings.Builder
			for line := 0; b.Len() < size; line++ {
				fmt.Fprintf(&b, "func f%d_%d(a, b int) int { return a*%d + b }\n", i, line, line)
				if i%10 == 0 && line == 20 {
					b.WriteString("// the needle that is looked for\n")
				}
			}
			files[fmt.Sprintf("d%02d/file%d.go", i%20, i)] = b.String()
		}
		return files
	}
}

// table is table.csv with three fields in n lines of about 34 bytes.
func table(n int) func() map[string]string {
	return func() map[string]string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "line %07d,name-%03d,%d,name\n", i, i*7919%500, i*31%1000)
		}
		return map[string]string{"table.csv": b.String()}
	}
}

// words is a file of n lines, a fifth of them different.
func words(n int) func() map[string]string {
	return func() map[string]string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "word-%x\n", uint32(i*7919%(n/5))*2654435761)
		}
		return map[string]string{"words": b.String()}
	}
}

// objects is a JSON array of n objects of about 66 bytes.
func objects(n int) func() map[string]string {
	return func() map[string]string {
		var b strings.Builder
		b.WriteByte('[')
		for i := range n {
			if i > 0 {
				b.WriteString(",\n")
			}
			fmt.Fprintf(&b, `{"id":"item-%06d","n":%d,"tags":["a","b"],"ok":true,"f":%d.5}`, i, i, i%97)
		}
		b.WriteString("]\n")
		return map[string]string{"objects.json": b.String()}
	}
}
