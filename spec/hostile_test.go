package spec

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// loadAgentText loads a project of one agent.
func loadAgentText(source string) (*Agent, []Problem) {
	p, problems := Load(fstest.MapFS{".flue/agents/a.yaml": {Data: []byte(source)}})
	return p.Agents["a"], problems
}

// patience is for a busy machine with the race detector: alone, each file takes less than half a second.
const patience = 20 * time.Second

// TestHostileFiles reads files that are made to exhaust time or memory, or to confuse.
func TestHostileFiles(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 8), i-1)
	}
	merges := "m0: &m0 {k: v}\n"
	for i := 1; i < 40; i++ {
		merges += fmt.Sprintf("m%d: &m%d {<<: [*m%d, *m%d], k%d: v}\n", i, i, i-1, i-1, i)
	}
	var blocks strings.Builder
	for i := range 1200 {
		blocks.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	var unknown strings.Builder
	for i := range 5_000 {
		fmt.Fprintf(&unknown, "  k%d: a\n", i)
	}
	tests := map[string]struct{ source, want string }{
		"brackets":           {strings.Repeat("[", 100<<10), "exceeded"},
		"deep flow":          {"args: " + strings.Repeat("{a: ", 20_000) + strings.Repeat("}", 20_000), "exceeded"},
		"deep but balanced":  {"args: " + strings.Repeat("{a: ", 5_000) + strings.Repeat("}", 5_000), "nested more than 100 deep"},
		"deep blocks":        {blocks.String(), "nested more than 100 deep"},
		"deep lists":         {strings.Repeat("- ", 20_000), "exceeded"},
		"deep keys":          {strings.Repeat("? ", 20_000), "exceeded"},
		"alias bomb":         {bomb, "holds more than 100000 values"},
		"merge bomb":         {merges, "holds more than 100000 values"},
		"part of itself":     {"args: &x {y: *x}\n", "*x is part of itself"},
		"no such anchor":     {"args: *x\n", "unknown anchor 'x'"},
		"merge of text":      {"args: {<<: x}\n", "<< takes a mapping"},
		"a list as key":      {"? [a]\n: b\n", "a key must be text"},
		"own tags":           {"prompt: !ruby/object:Gem x\n", "the tag !ruby/object:Gem is not supported"},
		"binary":             {"prompt: !!binary aGk=\n", "is not supported"},
		"infinity":           {"args: {a: .inf}\n", ".inf is not a number that JSON has"},
		"two documents":      {"prompt: a\n---\nprompt: b\n", "a second document begins here"},
		"too large":          {"prompt: " + strings.Repeat("x", maxFile), "larger than 1024 KiB"},
		"many lines":         {strings.Repeat("\n", maxFile-1), "needs one of"},
		"many comments":      {strings.Repeat("#\n", maxFile/2-1), "needs one of"},
		"many keys":          {"args:\n" + strings.Repeat("  a: b\n", 100_000), "a mapping with more than 10000 keys"},
		"duplicate keys":     {"prompt: a\nargs:\n" + strings.Repeat("  a: b\n", 10_000), "is there twice"},
		"many unknown keys":  {unknown.String(), "more mistakes in this file"},
		"long plain":         {"prompt:\n" + strings.Repeat(" x\n", maxFile/3-10) + "x: [", "did not find"},
		"not UTF-8":          {"prompt: a\xffb\n", "this byte is not UTF-8"},
		"UTF-16":             {"\xff\xfep\x00r\x00", "the file is UTF-16"},
		"control characters": {"prompt: a\x00b\n", "a control character"},
		"tab":                {"limits:\n\tturns: 3\n", "a tab cannot indent YAML"},
		"duplicate key":      {"prompt: a\nprompt: b\n", `the key "prompt" is there twice; keep one`},
		"a list":             {"- prompt: a\n", "expected mapping, but got list"},
		"text":               {"prompt\n", "expected mapping, but got string"},
		"huge number":        {"limits: {turns: 1e99999}\nprompt: a\n", "expected integer"},
		"unclosed quote":     {"prompt: \"a\n", "found unexpected end of stream"},
		"expression in flow": {"args: {a: ${{ payload.b }}}\nprompt: a\n", `put quotes around a value that holds ${{ }}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, problems := loadAgentText(test.source)
			elapsed := time.Since(start)
			runtime.ReadMemStats(&after)
			if elapsed > patience || after.TotalAlloc-before.TotalAlloc > 200<<20 {
				t.Errorf("took %v and %d MiB", elapsed, (after.TotalAlloc-before.TotalAlloc)>>20)
			}
			if testing.Verbose() {
				t.Logf("%v %d MiB", elapsed, (after.TotalAlloc-before.TotalAlloc)>>20)
			}
			for _, p := range problems {
				if strings.Contains(p.String(), test.want) {
					return
				}
			}
			t.Errorf("no problem says %q: %.300v", test.want, problems)
		})
	}
}
