package tools

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"

	"github.com/flue-run/flue/sandbox"
)

//go:embed read.md
var readText string

var readParameters = compact(`{
  "type": "object",
  "required": ["path"],
  "additionalProperties": false,
  "properties": {
    "path": {"type": "string", "minLength": 1, "description": "File, from the working directory or absolute."},
    "offset": {"type": "integer", "minimum": 1, "description": "First line to read, from 1. Default 1."},
    "limit": {"type": "integer", "minimum": 1, "description": "How many lines to read. Default and maximum 2000."}
  }
}`)

// Read makes the tool that shows a text file.
func Read(env Env) Tool {
	type arguments struct {
		Path          string
		Offset, Limit int
	}
	t := define("read", readText, readParameters, func(ctx context.Context, a arguments) (Result, error) {
		files := env.Sandbox.FS()
		info, err := files.Stat(ctx, a.Path)
		if err != nil {
			return fileError(ctx, files, "reading", a.Path, err)
		}
		if info.IsDir() {
			return readDirectory(ctx, files, a.Path)
		}
		if !info.Mode().IsRegular() { // a device may never end
			return refuse("%s is not a file", a.Path)
		}
		f, err := files.Open(ctx, a.Path)
		if err != nil {
			return fileError(ctx, files, "reading", a.Path, err)
		}
		defer f.Close()
		in := bufio.NewReaderSize(f, 64<<10)
		if head, _ := in.Peek(8 << 10); isBinary(head) {
			return refuse("%s is not text (%s); look at it with bash: file, strings, xxd", a.Path, bytesText(info.Size()))
		}
		text, err := readLines(in, max(a.Offset, 1), a.Limit, env.limit())
		if err != nil {
			return fileError(ctx, files, "reading", a.Path, err)
		}
		return text, nil
	})
	t.Idempotent = true
	return t
}

func readDirectory(ctx context.Context, files sandbox.FS, name string) (Result, error) {
	entries, err := files.ReadDir(ctx, name)
	if err != nil {
		return fileError(ctx, files, "reading", name, err)
	}
	return refuse("%s is a directory; it holds %s", name, listing(entries, 100))
}

// readLines gives the lines from offset on that fit, and says what follows them. most is 0 for as many as fit.
func readLines(in *bufio.Reader, offset, most, limit int) (Result, error) {
	if most == 0 || most > maxLines {
		most = maxLines
	}
	w := window{limit: limit}
	line, tooLong := 0, 0
	for {
		text, size, err := readLine(in, limit)
		if err != nil && !errors.Is(err, io.EOF) {
			return Result{}, err
		}
		if size > 0 {
			line++
			if line >= offset && !w.add(text, most) && w.lines == 0 {
				tooLong = size
				break
			}
		}
		if err != nil {
			break
		}
	}
	next := offset + w.lines
	switch {
	case tooLong > 0:
		return refuse("line %d alone has %s, more than the %s that fit; cut it with bash: sed -n %dp FILE | cut -c 1-2000",
			line, bytesText(int64(tooLong)), bytesText(int64(limit)), line)
	case line == 0:
		return Result{Text: "(the file is empty)"}, nil
	case offset > line:
		return refuse("the file has %s; offset=%d is behind its end", count(line, "line"), offset)
	case next <= line:
		fmt.Fprintf(&w.text, "[lines %d to %d are left out; go on with offset=%d]\n", next, line, next)
	}
	return Result{Text: valid(w.text.String())}, nil
}

// readLine reads a line with its newline, and tells its size; of one longer than limit the text is cut.
func readLine(in *bufio.Reader, limit int) (text []byte, size int, err error) {
	for {
		part, err := in.ReadSlice('\n')
		size += len(part)
		if len(text) <= limit {
			text = append(text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, size, err
		}
	}
}
