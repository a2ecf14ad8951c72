package awk

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// The flags of fnmatch.
const (
	fnmPathname   = 1
	fnmNoEscape   = 2
	fnmPeriod     = 4
	fnmLeadingDir = 8
	fnmFoldCase   = 16
)

func fnmatch(in *interp, args []expr) value {
	pattern, text, flags := in.text(args[0]), in.text(args[1]), int(args[2].eval(in).num())
	if flags&fnmNoEscape != 0 {
		pattern = strings.ReplaceAll(pattern, `\`, `\\`)
	}
	if flags&fnmFoldCase != 0 {
		pattern, text = strings.ToLower(pattern), strings.ToLower(text)
	}
	parts, texts := []string{pattern}, []string{text}
	if flags&fnmPathname != 0 { // wildcards match no slash
		parts, texts = strings.Split(pattern, "/"), strings.Split(text, "/")
	}
	if len(parts) != len(texts) {
		return num(1)
	}
	for i, part := range parts {
		in.work(len(part) + len(texts[i]))
		hidden := flags&fnmPeriod != 0 && strings.HasPrefix(texts[i], ".") && !strings.HasPrefix(part, ".")
		if hidden || !cli.Glob(part)(texts[i]) {
			return num(1)
		}
	}
	return num(0)
}
