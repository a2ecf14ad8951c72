package tools

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

//go:embed grep.md
var grepText string

var grepParameters = compact(`{
  "type": "object",
  "required": ["pattern"],
  "additionalProperties": false,
  "properties": {
    "pattern": {"type": "string", "minLength": 1, "description": "Regular expression (RE2: no lookaround, no backreferences). (?i) in front ignores case."},
    "path": {"type": "string", "description": "File or directory to search. Default: the working directory."},
    "include": {"type": "string", "description": "Only files whose name matches, as *.md or src/**/*.{ts,tsx}."},
    "literal": {"type": "boolean", "description": "Take pattern as plain text. Default false."}
  }
}`)

const (
	maxMatches   = 100
	maxLineRunes = 500
	maxGrepLine  = 1 << 20 // bytes of a line that are searched
)

// Grep makes the tool that searches files.
func Grep(env Env) Tool {
	type arguments struct {
		Pattern, Path, Include string
		Literal                bool
	}
	t := define("grep", grepText, grepParameters, func(ctx context.Context, a arguments) (Result, error) {
		files := env.Sandbox.FS()
		expression := a.Pattern
		if a.Literal {
			expression = regexp.QuoteMeta(expression)
		}
		re, err := regexp.Compile(expression)
		if err != nil {
			return refuse("%v; set literal to search for plain text", err)
		}
		included := func(string) bool { return true }
		root := absolute(files, a.Path)
		if a.Include != "" {
			if included, err = include(a.Include, root); err != nil {
				return refuse("include: %v", err)
			}
		}
		s := search{re: re}
		err = walkFiles(ctx, files, root, func(name string, _ fs.FileInfo) bool {
			if !included(name) {
				return true
			}
			f, err := files.Open(ctx, name)
			if err != nil {
				s.unreadable++
				return true
			}
			defer f.Close()
			s.file(relative(files, name), f)
			return !s.more
		})
		if err != nil {
			return fileError(ctx, files, "searching", a.Path, err)
		}
		return Result{Text: s.report()}, nil
	})
	t.Idempotent = true
	return t
}

// include is the test for a name pattern: without a slash it is about the last part of a path, else about the path
// from root.
func include(pattern, root string) (func(string) bool, error) {
	re, err := compileGlob(strings.TrimPrefix(pattern, "./"))
	if err != nil {
		return nil, err
	}
	return func(name string) bool {
		if !strings.Contains(pattern, "/") {
			return re.MatchString(path.Base(name))
		}
		return re.MatchString(strings.TrimPrefix(strings.TrimPrefix(name, root), "/"))
	}, nil
}

// search collects matching lines.
type search struct {
	re         *regexp.Regexp
	out        strings.Builder
	matches    int
	more       bool // a match beyond the last that is shown
	unreadable int
}

func (s *search) file(name string, f io.Reader) {
	in := bufio.NewReaderSize(f, 64<<10)
	if head, _ := in.Peek(8 << 10); isBinary(head) {
		return
	}
	for number := 1; !s.more; number++ {
		line, size, err := readLine(in, maxGrepLine)
		if size > 0 {
			line = bytes.TrimRight(line, "\r\n")
			if s.re.Match(line) {
				s.add(name, number, string(line))
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				s.unreadable++
			}
			return
		}
	}
}

func (s *search) add(name string, number int, line string) {
	if s.matches == maxMatches {
		s.more = true
		return
	}
	s.matches++
	line = valid(line)
	if utf8.RuneCountInString(line) > maxLineRunes {
		line = string([]rune(line)[:maxLineRunes]) + "… [cut]"
	}
	fmt.Fprintf(&s.out, "%s:%d:%s\n", name, number, line)
}

func (s *search) report() string {
	switch {
	case s.more:
		fmt.Fprintf(&s.out, "[only the first %d matches are shown; narrow pattern, path or include]\n", maxMatches)
	case s.matches == 0:
		s.out.WriteString("no match\n")
	}
	if s.unreadable > 0 {
		fmt.Fprintf(&s.out, "[%s could not be read]\n", count(s.unreadable, "file"))
	}
	return s.out.String()
}
