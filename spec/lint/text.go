package lint

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/flue-run/flue/spec"
	"golang.org/x/text/width"
)

// Sources gives the bytes of a file that problems are in, to show its lines; nil if there are none to show.
type Sources func(file string) []byte

// SourcesOf are the files of a project.
func SourcesOf(p *spec.Project) Sources {
	return func(file string) []byte {
		for _, d := range p.Documents {
			if d.File == file {
				return d.Source
			}
		}
		source, err := fs.ReadFile(p.FS, file)
		if err != nil {
			return nil // a folder, or gone
		}
		return source
	}
}

// Text writes problems for a person: each with its place, what to do, and the line with the place marked. Secrets of
// known shapes are masked.
func Text(w io.Writer, problems []spec.Problem, sources Sources) error {
	var out bytes.Buffer
	for _, p := range problems {
		fmt.Fprintf(&out, "%s: ", p.Pos)
		if p.Severity == spec.Warning {
			out.WriteString("warning: ")
		}
		out.WriteString(printable(message(p)))
		fmt.Fprintf(&out, " [%s]\n", p.Rule)
		if sources != nil {
			excerpt(&out, p, sources(p.Pos.File), problems)
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

func message(p spec.Problem) string {
	if p.Hint == "" {
		return mask(p.Text)
	}
	return mask(p.Text + "; " + p.Hint)
}

// excerptWidth is how many bytes of a line are shown: prompts may be a paragraph in one line.
const excerptWidth = 160

func excerpt(out *bytes.Buffer, p spec.Problem, source []byte, all []spec.Problem) {
	lines := bytes.Split(source, []byte("\n"))
	if len(source) == 0 || p.Pos.Line > len(lines) {
		return
	}
	line := strings.TrimRight(strings.ToValidUTF8(string(lines[p.Pos.Line-1]), "?"), " \t\r")
	line = maskLine(strings.TrimPrefix(line, "\ufeff"), p.Pos.File, p.Pos.Line, all)
	if line == "" || p.Pos.Col-1 > len(line) {
		return
	}
	start, end := p.Pos.Col-1, len(line)
	if p.End.Line == p.Pos.Line {
		end = min(max(p.End.Col-1, start), len(line))
	}
	before, marked, after := line[:start], line[start:end], line[end:]
	if cut := len(before) - excerptWidth/2; cut > 0 && len(line) > excerptWidth {
		before = "…" + strings.ToValidUTF8(before[cut:], "")
	}
	if room := max(excerptWidth-len(before), 20); len(marked)+len(after) > room {
		rest := strings.ToValidUTF8((marked + after)[:room], "")
		marked, after = rest[:min(len(marked), len(rest))], rest[min(len(marked), len(rest)):]+"…"
	}
	fmt.Fprintf(out, "%5d | %s\n", p.Pos.Line, printable(before+marked+after))
	fmt.Fprintf(out, "      | %s^%s\n", blanks(before), strings.Repeat("~", max(columns(marked)-1, 0)))
}

// blanks are as wide as text, and keep its tabs.
func blanks(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r == '\t' {
			out.WriteRune(r)
			continue
		}
		out.WriteString(strings.Repeat(" ", columnsOf(r)))
	}
	return out.String()
}

func columns(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	switch kind := width.LookupRune(r).Kind(); {
	case unicode.Is(unicode.Mn, r):
		return 0
	case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// printable keeps a project's text from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return utf8.RuneError
		}
		return r
	}, text)
}
