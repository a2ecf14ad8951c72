package tools

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"strings"
)

//go:embed edit.md
var editText string

var editParameters = compact(`{
  "type": "object",
  "required": ["path", "old_text", "new_text"],
  "additionalProperties": false,
  "properties": {
    "path": {"type": "string", "minLength": 1, "description": "File, from the working directory or absolute."},
    "old_text": {"type": "string", "minLength": 1, "description": "What to replace, exactly as it is in the file, white space included. It must be there exactly once."},
    "new_text": {"type": "string", "description": "What to put there."},
    "replace_all": {"type": "boolean", "description": "Replace every place instead. Default false."}
  }
}`)

// maxEdit is the largest file that edit takes, in bytes.
const maxEdit = 16 << 20

// Edit makes the tool that replaces text in a file.
func Edit(env Env) Tool {
	type arguments struct {
		Path       string
		Old        string `json:"old_text"`
		New        string `json:"new_text"`
		ReplaceAll bool   `json:"replace_all"`
	}
	files := env.Sandbox.FS()
	t := define("edit", editText, editParameters, func(ctx context.Context, a arguments) (Result, error) {
		info, err := files.Stat(ctx, a.Path)
		if err != nil {
			return fileError(ctx, files, "editing", a.Path, err)
		}
		if info.IsDir() {
			return refuse("%s is a directory; name a file in it", a.Path)
		}
		if !info.Mode().IsRegular() {
			return refuse("%s is not a file", a.Path)
		}
		if info.Size() > maxEdit {
			return refuse("%s has %s; edit takes files of up to %s, use bash (sed)", a.Path, bytesText(info.Size()), bytesText(maxEdit))
		}
		f, err := files.Open(ctx, a.Path)
		if err != nil {
			return fileError(ctx, files, "editing", a.Path, err)
		}
		data, err := io.ReadAll(io.LimitReader(f, maxEdit+1))
		f.Close()
		if err != nil {
			return fileError(ctx, files, "editing", a.Path, err)
		}
		changed, report, ok := replaceText(string(data), a.Old, a.New, a.ReplaceAll)
		if !ok {
			return refuse("%s: %s", a.Path, report)
		}
		if err := files.Write(ctx, a.Path, []byte(changed)); err != nil {
			return fileError(ctx, files, "editing", a.Path, err)
		}
		return Result{Text: a.Path + ": " + report}, nil
	})
	t.Writes = writesPath(files)
	return t
}

// replaceText does one edit. ok is false when nothing was changed; report says what was done, or why not.
func replaceText(text, old, with string, all bool) (changed, report string, ok bool) {
	if old == with {
		return "", "old_text and new_text are the same, so there is nothing to change", false
	}
	// A model sees \r\n as a line end and answers \n.
	if !strings.Contains(text, old) && strings.Contains(text, "\r\n") && !strings.Contains(old, "\r") {
		old, with = strings.ReplaceAll(old, "\n", "\r\n"), strings.ReplaceAll(with, "\n", "\r\n")
	}
	switch n := strings.Count(text, old); {
	case n == 0:
		return "", "old_text is not in the file" + looseMatch(text, old), false
	case n > 1 && !all:
		return "", fmt.Sprintf("old_text is there %d times, in lines %s; add lines around it until it is unique, or set replace_all", n, places(text, old)), false
	case n > 1:
		return strings.ReplaceAll(text, old, with), fmt.Sprintf("replaced %d places, in lines %s", n, places(text, old)), true
	}
	line := strings.Count(text[:strings.Index(text, old)], "\n") + 1
	return strings.Replace(text, old, with, 1), fmt.Sprintf("replaced 1 place, in line %d", line), true
}

// places lists the lines in which old begins, the first ten of them.
func places(text, old string) string {
	var list []string
	line, at := 1, 0
	for {
		i := strings.Index(text[at:], old)
		if i < 0 {
			return strings.Join(list, ", ")
		}
		if len(list) == 10 {
			return strings.Join(list, ", ") + ", …"
		}
		line += strings.Count(text[at:at+i], "\n")
		list = append(list, fmt.Sprint(line))
		line += strings.Count(old, "\n")
		at += i + len(old)
	}
}

// looseMatch says where old is but for white space at the ends of its lines: the usual mistake.
func looseMatch(text, old string) string {
	lines, want := trimmedLines(text), trimmedLines(strings.Trim(old, "\r\n"))
	for i := 0; i+len(want) <= len(lines); i++ {
		same := true
		for j := range want {
			if lines[i+j] != want[j] {
				same = false
				break
			}
		}
		if same {
			return fmt.Sprintf("; lines %d to %d differ from it only in white space: read them and copy them exactly", i+1, i+len(want))
		}
	}
	return "; read the file and copy the text exactly"
}

func trimmedLines(text string) []string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return lines
}
