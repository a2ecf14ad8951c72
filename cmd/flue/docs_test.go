package main

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestDocs runs the console blocks of the README and of docs/, one after another in one folder, as a reader would:
// `$ ` begins a command, the lines below it are what it prints, … stands for anything, and `? N` is the exit status.
func TestDocs(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	scripts := t.TempDir()
	ran := 0
	for _, file := range append(files, "../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if script, n := consoleScript(string(text)); n > 0 {
			ran += n
			name := strings.TrimSuffix(filepath.Base(file), ".md") + ".txtar"
			if err := os.WriteFile(filepath.Join(scripts, name), []byte(script+brokenProject), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if ran < 5 {
		t.Fatalf("only %d commands in the docs: the test looks in the wrong place", ran)
	}
	testscript.Run(t, testscript.Params{Dir: scripts, Cmds: scriptCommands})
}

// brokenProject is the folder `broken` that the docs show the mistakes of.
const brokenProject = `
-- my-project/broken/.flue/agents/triage.yaml --
prompt: Sort it.
role: triger
-- my-project/broken/.flue/roles/triager.md --
---
description: Sorts issues.
---
Sort them.
`

var console = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// consoleScript makes a script of the console blocks of a document, and counts the commands.
func consoleScript(text string) (script string, commands int) {
	var b strings.Builder
	for _, block := range console.FindAllStringSubmatch(text, -1) {
		for _, part := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			commands++
			command, output, _ := strings.Cut(strings.TrimSuffix(part, "\n"), "\n")
			status := ""
			if i := strings.LastIndex("\n"+output, "\n? "); i >= 0 {
				output, status = output[:max(i-1, 0)], output[i+2:]
			}
			if strings.HasPrefix(command, "cd ") {
				b.WriteString(command + "\n")
				continue
			}
			b.WriteString("exits " + cmp.Or(status, "0") + " sh -c '" + strings.ReplaceAll(command, "'", "''") + "'\n")
			if output != "" {
				pattern := strings.ReplaceAll(regexp.QuoteMeta(output), "…", ".*")
				b.WriteString("stdout '(?s)^" + strings.ReplaceAll(strings.ReplaceAll(pattern, "'", "''"), "\n", `\n`) + "\\n$'\n")
			}
		}
	}
	return b.String(), commands
}
