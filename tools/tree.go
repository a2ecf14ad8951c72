package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// walkFiles visits the regular files below the absolute path root (or root itself), sorted by path, without .git and
// without following symbolic links. visit returns false to stop.
func walkFiles(ctx context.Context, files sandbox.FS, root string, visit func(name string, info fs.FileInfo) bool) error {
	info, err := files.Stat(ctx, root)
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() {
		visit(root, info)
	}
	if !info.IsDir() {
		return nil
	}
	_, err = walkDir(ctx, files, root, visit)
	return err
}

func walkDir(ctx context.Context, files sandbox.FS, dir string, visit func(string, fs.FileInfo) bool) (more bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	entries, err := files.ReadDir(ctx, dir)
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist): // closed, or gone since it was listed
		return true, nil
	case err != nil:
		return false, err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case e.IsDir() && e.Name() == ".git":
		case e.IsDir():
			if more, err := walkDir(ctx, files, name, visit); err != nil || !more {
				return false, err
			}
		case e.Mode().IsRegular():
			if !visit(name, e) {
				return false, nil
			}
		}
	}
	return true, nil
}

// compileGlob makes a matcher of whole paths: * and ? stay within a name, ** goes over folders, [a-z] and {a,b} are
// as in a shell.
func compileGlob(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`^`)
	braces := 0
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case strings.HasPrefix(pattern[i:], "**/"):
			b.WriteString(`(?:[^/]+/)*`)
			i += 2
		case strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(`.*`)
			i++
		case c == '*':
			b.WriteString(`[^/]*`)
		case c == '?':
			b.WriteString(`[^/]`)
		case c == '[':
			end := strings.IndexByte(pattern[i+1:], ']')
			if end <= 0 {
				return nil, fmt.Errorf("%q: [ is not closed", pattern)
			}
			set := strings.NewReplacer(`\`, `\\`, `[`, `\[`).Replace(pattern[i+1 : i+1+end])
			if rest, ok := strings.CutPrefix(set, "!"); ok {
				set = "^/" + rest
			}
			b.WriteString("[" + set + "]")
			i += end + 1
		case c == '{':
			braces++
			b.WriteString(`(?:`)
		case c == '}' && braces > 0:
			braces--
			b.WriteString(`)`)
		case c == ',' && braces > 0:
			b.WriteString(`|`)
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	if braces > 0 {
		return nil, fmt.Errorf("%q: { is not closed", pattern)
	}
	re, err := regexp.Compile(b.String() + `$`)
	if err != nil {
		return nil, fmt.Errorf("%q is not a pattern: %w", pattern, err)
	}
	return re, nil
}

// fixedFolder is the folder that every path matching pattern is in, so that only it is walked.
func fixedFolder(pattern string) string {
	if i := strings.IndexAny(pattern, `*?[{\`); i >= 0 {
		pattern = pattern[:i]
	}
	if i := strings.LastIndexByte(pattern, '/'); i >= 0 {
		return pattern[:i+1]
	}
	return ""
}
