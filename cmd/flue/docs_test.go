package main

import (
	"cmp"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestDocs runs the console blocks of the README, of docs/ and of the examples, those of one file one after another in
// one folder, as a reader would: `$ ` begins a command, the lines below it are what it prints, … stands for anything, and
// `? N` is the exit status. A server listens elsewhere than a reader's does, and its address is replaced.
func TestDocs(t *testing.T) {
	scripts := t.TempDir()
	for pattern, atLeast := range map[string]int{"README.md": 5, "docs/*.md": 0, "examples/*/README.md": 6} {
		files, err := filepath.Glob(filepath.Join("../..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		ran := 0
		for _, file := range files {
			ran += writeScript(t, scripts, file)
		}
		if ran < atLeast {
			t.Errorf("only %d commands in %s: the test looks in the wrong place", ran, pattern)
		}
	}
	testscript.Run(t, testscript.Params{Dir: scripts, Cmds: scriptCommands, Setup: copyExamples})
}

// writeScript makes a script of a document's commands, if it has any, and counts them. An example's run in its folder.
func writeScript(t *testing.T, dir, file string) (commands int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	script, commands := consoleScript(string(text))
	if commands == 0 {
		return 0
	}
	name := strings.TrimPrefix(filepath.ToSlash(file), "../../")
	if folder := path.Dir(name); strings.HasPrefix(folder, "examples/") {
		script = "cd " + folder + "\n" + script
	}
	name = strings.ReplaceAll(strings.TrimSuffix(name, ".md"), "/", "-") + ".txtar"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script+brokenProject), 0o644); err != nil {
		t.Fatal(err)
	}
	return commands
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
			command = strings.ReplaceAll(command, "http://127.0.0.1:3000", "$FLUE_URL")
			if strings.HasPrefix(command, "cd ") {
				b.WriteString(command + "\n")
				continue
			}
			if variables, ok := strings.CutSuffix(command, "flue serve &"); ok {
				b.WriteString("serve " + variables + "\n")
				continue
			}
			if command == "kill %1" {
				b.WriteString("stopserve\n")
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
