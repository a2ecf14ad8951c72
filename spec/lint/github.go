package lint

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

// annotations is how many of a kind GitHub shows of one step.
const annotations = 10

// GitHub writes problems as workflow commands: each becomes an annotation of its line. Of errors and of warnings it writes
// as many as GitHub shows, the rest in a notice at the end. Secrets of known shapes are masked.
func GitHub(w io.Writer, problems []spec.Problem, sources Sources) error {
	worst := slices.Clone(problems)
	slices.SortStableFunc(worst, func(a, b spec.Problem) int { return int(a.Severity - b.Severity) })
	var out bytes.Buffer
	var rest []string
	shown := map[spec.Severity]int{}
	for _, p := range worst {
		if shown[p.Severity] == annotations {
			rest = append(rest, fmt.Sprintf("%s: %s: %s [%s]", p.Pos, p.Severity, printable(message(p)), p.Rule))
			continue
		}
		shown[p.Severity]++
		properties := fmt.Sprintf("file=%s,line=%d", property(p.Pos.File), p.Pos.Line)
		if p.End.Line == p.Pos.Line {
			start, end := characters(sources, p.Pos), characters(sources, p.End)
			properties += fmt.Sprintf(",col=%d,endColumn=%d", start, max(end-1, start))
		}
		text := printable(message(p)) + "\n" + reference + p.Rule
		fmt.Fprintf(&out, "::%s %s,title=%s::%s\n", p.Severity, properties, property("flue lint: "+p.Rule), data(text))
	}
	if len(rest) > 0 {
		listed := strings.Join(rest[:min(len(rest), maxRest)], "\n")
		text := fmt.Sprintf("and %d more, of which GitHub shows no annotation:\n%s", len(rest), listed)
		if len(rest) > maxRest {
			text += "\n…"
		}
		fmt.Fprintf(&out, "::notice title=flue lint::%s\n", data(text))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// maxRest is how many problems the notice lists.
const maxRest = 100

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// data is a text as a workflow command's message: a line of it cannot be another command.
func data(text string) string { return dataEscapes.Replace(text) }

// property is a text as the value of a workflow command's property.
func property(text string) string { return propertyEscapes.Replace(text) }
