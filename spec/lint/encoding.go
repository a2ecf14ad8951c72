package lint

import (
	"bytes"
	"regexp"

	"github.com/flue-run/flue/spec"
)

var encoding = &Rule{
	Name:     "encoding",
	Severity: spec.Warning,
	Group:    Files,
	Doc: `A file that is not plain UTF-8 text with line feeds: it begins with a byte order mark, its lines end in CR LF, or a tab
stands between a key and its value. flue reads these, other programs trip over them. A file that is not UTF-8, holds
control characters or is larger than 1 MiB is not read at all.`,
	Bad:   "prompt:\tSay hello.\n",
	Good:  "prompt: Say hello.\n",
	Check: checkEncoding,
	FixFile: func(source []byte) []byte {
		return bytes.ReplaceAll(bytes.TrimPrefix(source, []byte("\xef\xbb\xbf")), []byte("\r\n"), []byte("\n"))
	},
}

var tabAfterKey = regexp.MustCompile(`(?m)^ *(?:- +)*[\w-]+:( *\t)`)

func checkEncoding(p *Pass) {
	for _, d := range p.Project.Documents {
		if bytes.HasPrefix(d.Source, []byte("\xef\xbb\xbf")) {
			at := spec.Pos{File: d.File, Line: 1, Col: 1}
			p.Add(spec.Problem{Pos: at, End: at, Text: "the file begins with a byte order mark", Hint: "save it as UTF-8 without one"})
		}
		if i := bytes.Index(d.Source, []byte("\r\n")); i >= 0 {
			start, end := d.Pos(i), d.Pos(i+1)
			p.Add(spec.Problem{Pos: start, End: end, Text: "lines end in CR LF", Hint: "end them in LF"})
		}
		if d.Root == nil || bytes.IndexByte(d.Source, '\t') < 0 {
			continue
		}
		if match := tabAfterKey.FindSubmatchIndex(d.Source); match != nil {
			p.Add(spec.Problem{Pos: d.Pos(match[2]), End: d.Pos(match[3]), Text: "a tab after a key", Hint: "use a space", Fix: " "})
		}
	}
}
