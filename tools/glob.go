package tools

import (
	"context"
	_ "embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed glob.md
var globText string

var globParameters = compact(`{
  "type": "object",
  "required": ["pattern"],
  "additionalProperties": false,
  "properties": {
    "pattern": {"type": "string", "minLength": 1, "description": "As *.md, src/**/*.go or **/test_*.{py,txt}. ** goes over directories."},
    "path": {"type": "string", "description": "Directory that the pattern starts in. Default: the working directory."}
  }
}`)

const maxPaths = 1_000

// Glob makes the tool that finds files by name.
func Glob(env Env) Tool {
	type arguments struct{ Pattern, Path string }
	t := define("glob", globText, globParameters, func(ctx context.Context, a arguments) (Result, error) {
		files := env.Sandbox.FS()
		base := absolute(files, a.Path)
		pattern := strings.TrimPrefix(a.Pattern, "./")
		if path.IsAbs(pattern) {
			base, pattern = "/", strings.TrimPrefix(pattern, "/")
		}
		fixed := fixedFolder(pattern)
		re, err := compileGlob(strings.TrimPrefix(pattern, fixed))
		if err != nil {
			return refuse("%v", err)
		}
		root := path.Join(base, fixed)
		info, err := files.Stat(ctx, root)
		if err != nil {
			return fileError(ctx, files, "looking in", relative(files, root), err)
		}
		if !info.IsDir() {
			return refuse("%s is a file; path must be a directory", relative(files, root))
		}
		var out strings.Builder
		found := 0
		err = walkFiles(ctx, files, root, func(name string, _ fs.FileInfo) bool {
			if re.MatchString(strings.TrimPrefix(strings.TrimPrefix(name, root), "/")) {
				if found++; found <= maxPaths {
					fmt.Fprintln(&out, relative(files, name))
				}
			}
			return true
		})
		switch {
		case err != nil:
			return fileError(ctx, files, "looking in", relative(files, root), err)
		case found == 0:
			return Result{Text: "no file matches\n"}, nil
		case found > maxPaths:
			fmt.Fprintf(&out, "[%d of %d files are shown; narrow pattern or path]\n", maxPaths, found)
		}
		return Result{Text: out.String()}, nil
	})
	t.Idempotent = true
	return t
}
