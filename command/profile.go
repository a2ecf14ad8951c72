package command

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// profile closes the known traps of one program: ways to run another program, or to send a secret elsewhere, that no
// author of an argument line thinks of. It goes by the program's name; what the command's file declares comes on top.
type profile struct {
	name string
	// owns are variables that the profile needs for itself, so that a command may not declare them.
	owns func(variable string) bool
	// subcommands are those that may be called, by the first argument; with secrets, those of withSecret only.
	subcommands, withSecret []string
	// arguments judges the arguments behind the subcommand.
	arguments func(cmd *ready, subcommand string, args []string) error
	// env are variables for a call.
	env func(cmd *ready, p place) map[string]string
	// inspect judges the workspace before a call; nil: there is nothing in it that the program obeys.
	inspect func(ctx context.Context, cmd *ready, p place, env map[string]string) error
}

// profileOf finds the profile of a program, nil for one that has none.
func profileOf(program string) *profile {
	for _, name := range []string{filepath.Base(program), filepath.Base(real(program))} {
		switch strings.TrimSuffix(name, ".exe") {
		case "git":
			return gitProfile
		case "gh":
			return ghProfile
		case "npm", "npm-cli.js", "npx", "npx-cli.js":
			return npmProfile
		}
	}
	return nil
}

// ready judges the command's file.
func (p *profile) ready(r *ready) error {
	if p == npmProfile && r.secret && strings.HasPrefix(filepath.Base(r.program), "npx") {
		return fmt.Errorf("npx runs programs out of packages and of the workspace: it cannot have a secret")
	}
	for name := range r.env {
		if p.owns(name) {
			return fmt.Errorf("env.%s: flue sets this variable itself to close the known traps of %s", name, p.name)
		}
	}
	return nil
}

// refuse judges a call's arguments.
func (p *profile) refuse(cmd *ready, args []string) error {
	if len(args) == 0 || len(args) == 1 && args[0] == "--version" || p == npmProfile && strings.HasPrefix(filepath.Base(cmd.program), "npx") {
		return nil
	}
	sub := args[0]
	allowed := p.subcommands
	if cmd.secret && p.withSecret != nil {
		allowed = p.withSecret
	}
	switch {
	case strings.HasPrefix(sub, "-"):
		return fmt.Errorf("%s %s: options before the subcommand are refused (known traps of %s)", p.name, sub, p.name)
	case !slices.Contains(allowed, sub) && slices.Contains(p.subcommands, sub):
		return fmt.Errorf("%s %s runs what packages and the workspace say: it is refused for a command with a secret (known traps of %s)", p.name, sub, p.name)
	case !slices.Contains(allowed, sub):
		return fmt.Errorf("%s %s is refused (known traps of %s)", p.name, sub, p.name)
	}
	return p.arguments(cmd, sub, args[1:])
}

// option says whether an argument is an option, by any of its names, or by an abbreviation that programs accept.
func option(arg string, names ...string) bool {
	for _, name := range names {
		given, _, _ := strings.Cut(arg, "=")
		switch {
		case given == name:
			return true
		case strings.HasPrefix(name, "--"):
			if len(given) > 2 && strings.HasPrefix(name, given) {
				return true
			}
		case strings.HasPrefix(arg, name) && !strings.HasPrefix(arg, "--"):
			return true // -Ovalue
		}
	}
	return false
}

// trap is the refusal of an argument.
func trap(program, arg, why string) error {
	if len(arg) > 80 {
		arg = arg[:80] + "…"
	}
	return fmt.Errorf("%q %s (known traps of %s)", arg, why, program)
}
