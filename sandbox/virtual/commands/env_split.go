package commands

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// splitEnvArgs puts the words of -S STRING, as in #!/usr/bin/env -S, in its place. split is what was in STRING, nil if
// there is none.
func splitEnvArgs(inv *shell.Invocation, args []string) (all, split []string, err error) {
	for i := 1; i < len(args); i++ {
		a, tail := args[i], args[i+1:]
		if !strings.HasPrefix(a, "-") || a == "-" || a == "--" {
			return args, nil, nil
		}
		text, long := strings.CutPrefix(a, "--split-string=")
		before := ""
		if !long {
			if strings.HasPrefix(a, "--") {
				continue
			}
			at := strings.IndexByte(a, 'S')
			if at < 0 || strings.Trim(a[1:at], "iv0") != "" {
				if strings.ContainsAny(a[len(a)-1:], "uC") && len(a) == 2 {
					i++ // its value is no option
				}
				continue
			}
			if at > 1 {
				before = a[:at]
			}
			if text = a[at+1:]; text == "" {
				if len(tail) == 0 {
					return args, nil, nil
				}
				text, tail = tail[0], tail[1:]
			}
		}
		if split, err = splitEnvString(inv, text); err != nil {
			return nil, nil, err
		}
		all = append(all, args[:i]...)
		if before != "" {
			all = append(all, before)
		}
		return append(append(all, split...), tail...), append([]string{text}, split...), nil
	}
	return args, nil, nil
}

// splitEnvString cuts a string into words: quotes, backslashes, ${VARIABLE} and comments as the manual of env has them.
func splitEnvString(inv *shell.Invocation, s string) (words []string, err error) {
	var word strings.Builder
	in, quote := false, byte(0)
	end := func() {
		if in {
			words = append(words, word.String())
			word.Reset()
			in = false
		}
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote == 0 && strings.IndexByte(" \t\n\v\f\r", c) >= 0:
			end()
		case quote == 0 && c == '#' && !in:
			return words, nil
		case c == '\'' && quote != '"', c == '"' && quote != '\'':
			if quote == 0 {
				quote, in = c, true
			} else {
				quote = 0
			}
		case c == '\\' && quote == '\'':
			if i+1 < len(s) && (s[i+1] == '\'' || s[i+1] == '\\') {
				i++
			}
			word.WriteByte(s[i])
		case c == '\\':
			if i++; i == len(s) {
				return nil, fmt.Errorf("invalid backslash at end of string in -S")
			}
			switch e := s[i]; e {
			case 'c':
				if quote != 0 {
					return nil, fmt.Errorf(`'\c' must not appear in double-quoted -S string`)
				}
				end()
				return words, nil
			case '_':
				if quote == 0 {
					end()
					continue
				}
				word.WriteByte(' ')
			case '"', '#', '$', '\'', '\\':
				word.WriteByte(e)
			default:
				at := strings.IndexByte("fnrtv", e)
				if at < 0 {
					return nil, fmt.Errorf(`invalid sequence '\%c' in -S`, e)
				}
				word.WriteByte("\f\n\r\t\v"[at])
			}
			in = true
		case c == '$' && quote != '\'':
			name, _, closed := strings.Cut(strings.TrimPrefix(s[i+1:], "{"), "}")
			if !closed || !strings.HasPrefix(s[i+1:], "{") || !variableName(name) {
				return nil, fmt.Errorf("only ${VARNAME} expansion is supported, error at: %s", s[i:])
			}
			if value, ok := inv.Env.Get(name); ok {
				word.WriteString(value)
				in = true
			}
			i += len(name) + 2
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("no terminating quote in -S string")
	}
	end()
	return words, nil
}

func variableName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// explain is what -v says before a command runs.
func explain(inv *shell.Invocation, split []string, n shell.Nested, args []string) {
	if split != nil {
		fmt.Fprintf(inv.Stderr, "split -S:  %s\n", cli.QuoteText(split[0]))
		for i, w := range split[1:] {
			lead := "     &    "
			if i == 0 {
				lead = " into:    "
			}
			fmt.Fprintf(inv.Stderr, "%s%s\n", lead, cli.QuoteText(w))
		}
	}
	if n.ClearEnv {
		fmt.Fprintln(inv.Stderr, "cleaning environ")
	}
	for _, name := range n.Unset {
		fmt.Fprintf(inv.Stderr, "unset:    %s\n", name)
	}
	for _, v := range n.Env {
		fmt.Fprintf(inv.Stderr, "setenv:   %s\n", v)
	}
	if n.Dir != "" {
		fmt.Fprintf(inv.Stderr, "chdir:    %s\n", cli.QuoteText(n.Dir))
	}
	if len(args) > 0 {
		fmt.Fprintf(inv.Stderr, "executing: %s\n", args[0])
		for i, a := range args {
			fmt.Fprintf(inv.Stderr, "   arg[%d]= %s\n", i, cli.QuoteText(a))
		}
	}
}
