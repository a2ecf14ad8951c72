package main

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"
)

// complete is what Tab does: it adds what is certain, and the second time in a row shows what is possible.
func (p *prompter) complete(line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		p.listed = ""
		return "", 0, false
	}
	before, after := line[:pos], line[pos:]
	start, word := lastWord(before)
	found := p.candidates(before[:start], word)
	if len(found) == 0 {
		return line, pos, true
	}
	text := commonPrefix(found)
	if len(found) == 1 && !strings.HasSuffix(text, "/") {
		text += " "
	}
	if len(text) > len(before)-start || len(found) == 1 {
		p.listed = ""
		before = before[:start] + text
		return before + after, len(before), true
	}
	if p.listed == before {
		p.list(found)
	}
	p.listed = before
	return line, pos, true
}

// lastWord is where the word begins that text ends in, and the word without quotes.
func lastWord(text string) (start int, word string) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == '\\' && quote != '\'' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case quote == 0 && strings.IndexByte(" \t\n;|&<>()=`", c) >= 0:
			start = i + 1
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return start, b.String()
}

// candidates are what a word may become, as it would be typed, sorted.
func (p *prompter) candidates(before, word string) []string {
	if name, ok := strings.CutPrefix(word, "${"); ok {
		return begin(p.session.Variables(), name, "${", "}")
	}
	if name, ok := strings.CutPrefix(word, "$"); ok {
		return begin(p.session.Variables(), name, "$", "")
	}
	if atCommand(before) && !strings.Contains(word, "/") {
		names := p.session.Commands()
		for name := range p.sh.exec.Grants {
			names = append(names, name)
		}
		slices.Sort(names)
		return begin(slices.Compact(names), word, "", "")
	}
	return p.paths(word)
}

// atCommand says whether a command's name comes after text.
func atCommand(text string) bool {
	text = strings.TrimRight(text, " \t\n")
	if text == "" || strings.IndexByte(";|&(`", text[len(text)-1]) >= 0 {
		return true
	}
	last := text[strings.LastIndexAny(text, " \t\n;|&(")+1:]
	return slices.Contains([]string{"if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "exec", "command", "xargs", "sudo"}, last)
}

func begin(names []string, with, open, shut string) []string {
	var found []string
	for _, name := range names {
		if strings.HasPrefix(name, with) {
			found = append(found, open+name+shut)
		}
	}
	return found
}

// paths are the files and folders that begin so.
func (p *prompter) paths(word string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	dir, name := path.Split(word)
	at := dir
	if rest, ok := strings.CutPrefix(at, "~/"); ok {
		at = "/home/agent/" + rest
	}
	if !path.IsAbs(at) {
		at = p.session.Dir() + "/" + at
	}
	entries, err := p.sh.box.FS().ReadDir(ctx, at)
	if err != nil {
		return nil
	}
	var found []string
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), name) || strings.HasPrefix(entry.Name(), ".") && !strings.HasPrefix(name, ".") {
			continue
		}
		text := quotedPath(dir) + quotedPath(entry.Name())
		if info, err := p.sh.box.FS().Stat(ctx, at+"/"+entry.Name()); err == nil && info.IsDir() {
			text += "/"
		}
		found = append(found, text)
	}
	return found
}

// quotedPath is a path with a backslash before what the shell would take for something else.
func quotedPath(name string) string {
	var b strings.Builder
	for i, c := range name {
		if strings.ContainsRune(" \t'\"\\$`!*?[](){}<>|&;#", c) || c == '~' && i > 0 {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func commonPrefix(names []string) string {
	prefix := names[0]
	for _, name := range names {
		for !strings.HasPrefix(name, prefix) {
			r := []rune(prefix)
			prefix = string(r[:len(r)-1])
		}
	}
	return prefix
}

// list shows names above the line, in columns.
func (p *prompter) list(names []string) {
	const most = 200
	more := len(names) - most
	if more > 0 {
		names = names[:most]
	}
	width := 0
	for _, name := range names {
		width = max(width, len([]rune(name))+2)
	}
	columns := max(1, 80/width)
	var b strings.Builder
	for i, name := range names {
		b.WriteString(name)
		if (i+1)%columns == 0 || i == len(names)-1 {
			b.WriteByte('\n')
		} else {
			b.WriteString(strings.Repeat(" ", width-len([]rune(name))))
		}
	}
	if more > 0 {
		b.WriteString("…\n")
	}
	p.line.Write([]byte(b.String()))
}
