package git

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// format writes a commit in one of git's formats, without a newline at its end.
func (r *repo) format(f flags, format string, c *commit) string {
	if text, ok := strings.CutPrefix(format, "tformat:"); ok {
		return r.placeholders(f, text, c)
	}
	if text, ok := strings.CutPrefix(format, "format:"); ok {
		return r.placeholders(f, text, c)
	}
	name := c.id.String()
	if f.has("abbrev-commit") || format == "oneline" && f.has("oneline") {
		name = r.short(c.id)
	}
	decoration := ""
	if f.has("decorate") && f.last("decorate") != "no" {
		if d := r.decoration(c.id); d != "" {
			decoration = " (" + d + ")"
		}
	}
	if format == "oneline" {
		return name + decoration + " " + c.subject()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "commit %s%s\n", name, decoration)
	if len(c.parents) > 1 {
		b.WriteString("Merge:")
		for _, p := range c.parents {
			b.WriteString(" " + r.short(p))
		}
		b.WriteByte('\n')
	}
	line := func(key, value string) { fmt.Fprintf(&b, "%s %s\n", key, value) }
	who := func(p person) string { return p.name + " <" + p.email + ">" }
	switch format {
	case "short":
		line("Author:", who(c.author))
	case "full":
		line("Author:", who(c.author))
		line("Commit:", who(c.committer))
	case "fuller":
		line("Author:    ", who(c.author))
		line("AuthorDate:", date(c.author, f.last("date")))
		line("Commit:    ", who(c.committer))
		line("CommitDate:", date(c.committer, f.last("date")))
	case "raw":
		line("tree", c.tree.String())
		for _, p := range c.parents {
			line("parent", p.String())
		}
		line("author", c.author.String())
		line("committer", c.committer.String())
	default:
		line("Author:", who(c.author))
		line("Date:  ", date(c.author, f.last("date")))
	}
	message := strings.Trim(c.message, "\n")
	if format == "short" {
		message = c.subject()
	}
	for l := range strings.SplitSeq(message, "\n") {
		if message != "" {
			b.WriteString("\n    " + l)
		}
	}
	return b.String()
}

// decoration is the refs at a commit: "HEAD -> main, tag: v1".
func (r *repo) decoration(h id) string {
	var list []string
	branch, at := r.head()
	if at == h {
		if branch == "" {
			list = append(list, "HEAD")
		} else {
			list = append(list, "HEAD -> "+strings.TrimPrefix(branch, "refs/heads/"))
		}
	}
	refs := r.refs("refs/")
	for _, kind := range []string{"tags/", "remotes/", "heads/"} {
		for _, name := range slices.Backward(sortedNames(refs)) {
			short, ok := strings.CutPrefix(name, kind)
			if c, err := r.commit(refs[name]); !ok || err != nil || c.id != h || "refs/"+name == branch {
				continue
			}
			if kind == "tags/" {
				short = "tag: " + short
			}
			list = append(list, short)
		}
	}
	return strings.Join(list, ", ")
}

var colors = []string{"Cred", "Cgreen", "Cblue", "Creset"}

// placeholders fills the %-placeholders of a format.
func (r *repo) placeholders(f flags, text string, c *commit) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		rest := text[i+1:]
		color := slices.IndexFunc(colors, func(c string) bool { return strings.HasPrefix(rest, c) })
		switch {
		case color >= 0:
			i += len(colors[color])
			continue
		case strings.HasPrefix(rest, "C("):
			if end := strings.IndexByte(rest, ')'); end >= 0 {
				i += end + 1
				continue
			}
		case rest[0] == 'x' && len(rest) > 2:
			if n, err := strconv.ParseUint(rest[1:3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		value, used := r.placeholder(f, rest, c)
		if used == 0 {
			b.WriteByte('%')
			continue
		}
		b.WriteString(value)
		i += used
	}
	return b.String()
}

// placeholder is the value of what follows a "%", and how long its name is; 0 where it is none.
func (r *repo) placeholder(f flags, rest string, c *commit) (string, int) {
	abbreviate := func(list []id, short bool) string {
		var names []string
		for _, h := range list {
			if short {
				names = append(names, r.short(h))
			} else {
				names = append(names, h.String())
			}
		}
		return strings.Join(names, " ")
	}
	switch rest[0] {
	case 'H':
		return c.id.String(), 1
	case 'h':
		return r.short(c.id), 1
	case 'T':
		return c.tree.String(), 1
	case 't':
		return r.short(c.tree), 1
	case 'P', 'p':
		return abbreviate(c.parents, rest[0] == 'p'), 1
	case 's':
		return c.subject(), 1
	case 'b':
		_, body, _ := strings.Cut(strings.TrimLeft(c.message, "\n"), "\n\n")
		return strings.TrimLeft(body, "\n"), 1
	case 'B':
		return c.message, 1
	case 'n':
		return "\n", 1
	case '%':
		return "%", 1
	case 'd', 'D':
		d := r.decoration(c.id)
		if rest[0] == 'd' && d != "" {
			d = " (" + d + ")"
		}
		return d, 1
	case 'a', 'c':
		if len(rest) < 2 {
			return "", 0
		}
		p := c.author
		if rest[0] == 'c' {
			p = c.committer
		}
		switch rest[1] {
		case 'n', 'N':
			return p.name, 2
		case 'e', 'E':
			return p.email, 2
		case 'l':
			local, _, _ := strings.Cut(p.email, "@")
			return local, 2
		case 'd':
			return date(p, f.last("date")), 2
		case 'D':
			return date(p, "rfc"), 2
		case 'i':
			return date(p, "iso"), 2
		case 'I':
			return date(p, "iso-strict"), 2
		case 's':
			return date(p, "short"), 2
		case 't':
			return date(p, "unix"), 2
		case 'r':
			return r.relative(p.when), 2
		}
	}
	return "", 0
}
