package tools

import (
	"context"
	_ "embed"
	"fmt"
)

//go:embed write.md
var writeText string

var writeParameters = compact(`{
  "type": "object",
  "required": ["path", "content"],
  "additionalProperties": false,
  "properties": {
    "path": {"type": "string", "minLength": 1, "description": "File, from the working directory or absolute. Directories above it are made."},
    "content": {"type": "string", "description": "All that the file is to hold."}
  }
}`)

// Write makes the tool that writes a file whole.
func Write(env Env) Tool {
	type arguments struct{ Path, Content string }
	files := env.Sandbox.FS()
	t := define("write", writeText, writeParameters, func(ctx context.Context, a arguments) (Result, error) {
		did := "made"
		if info, err := files.Stat(ctx, a.Path); err == nil {
			if info.IsDir() {
				return refuse("%s is a directory; name a file in it", a.Path)
			}
			did = "replaced"
		}
		if err := files.Write(ctx, a.Path, []byte(a.Content)); err != nil {
			return fileError(ctx, files, "writing", a.Path, err)
		}
		return Result{Text: fmt.Sprintf("%s %s: %s, %s", did, a.Path, count(lineCount(a.Content), "line"), bytesText(int64(len(a.Content))))}, nil
	})
	t.Writes = writesPath(files)
	t.Idempotent = true
	return t
}
