package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// cliPage is the reference of the commands: what the program itself prints.
func cliPage(root string) (string, error) {
	dir, err := os.MkdirTemp("", "docgen")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	flue := filepath.Join(dir, "flue")
	build := exec.Command("go", "build", "-o", flue, "./cmd/flue")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build cmd/flue: %w\n%s", err, out)
	}
	top, err := help(flue)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(generated("flue --help") + "# The command line\n\n" + block("", top))
	commands := commandsOf(top)
	if len(commands) == 0 {
		return "", fmt.Errorf("flue --help lists no commands:\n%s", top)
	}
	for _, command := range commands {
		text, err := help(flue, strings.Fields(command)...)
		if err != nil {
			return "", err
		}
		b.WriteString("## flue " + command + "\n\n" + block("", text))
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// help is what flue COMMAND --help prints, 100 columns wide.
func help(flue string, command ...string) (string, error) {
	cmd := exec.Command(flue, append(command, "--help")...)
	cmd.Env = []string{"COLUMNS=100"}
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s --help: %w", strings.Join(command, " "), err)
	}
	var b strings.Builder
	for line := range strings.Lines(strings.Trim(string(out), "\n") + "\n") {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String(), nil
}

// commandsOf are the commands in the list of flue --help.
func commandsOf(help string) []string {
	var commands []string
	_, list, _ := strings.Cut(help, "\nCommands:\n")
	for line := range strings.Lines(list) {
		name, _, found := strings.Cut(strings.TrimPrefix(line, "  "), "  ")
		if !found || !strings.HasPrefix(line, "  ") {
			break
		}
		commands = append(commands, name)
	}
	return commands
}
