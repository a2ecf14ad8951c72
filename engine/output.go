package engine

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// value is what the step gives a run without `return`: its typed result, else its text.
func (o *Output) value() any {
	if o.typed() {
		return o.Result
	}
	return o.Text
}

// typed says whether the step had a result schema. A result that is null is one.
func (o *Output) typed() bool { return o.Result != nil }

// result is the typed result as expressions see it.
func (o *Output) result() any {
	if !o.typed() {
		return nil
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(o.Result))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil // what is stored was valid when it was accepted
	}
	return value
}

// vars is the output as expressions see it.
func (o *Output) vars() map[string]any {
	return map[string]any{"result": o.result(), "text": o.Text, "stdout": o.Stdout, "stderr": o.Stderr,
		"exit_code": o.ExitCode, "skipped": o.Skipped}
}

// listOutput is the output of a for_each: a list for each name.
func listOutput(rounds []*Output) map[string]any {
	list := map[string]any{}
	for name := range (&Output{}).vars() {
		values := make([]any, len(rounds))
		for i, o := range rounds {
			values[i] = o.vars()[name]
		}
		list[name] = values
	}
	return list
}

// joinOutputs is what a for_each gives a run without `return`: the list of its rounds' values.
func joinOutputs(rounds []*Output) *Output {
	values, texts := make([]any, len(rounds)), make([]string, len(rounds))
	for i, o := range rounds {
		values[i], texts[i] = o.value(), o.Text
	}
	return &Output{Result: mustJSON(values), Text: strings.Join(texts, "\n")}
}

// The reason for which a program ends is often not in the last line that it writes, but a few lines before.
const shownLines, shownBytes = 5, 1000

// lastLines are the last lines of a script's stderr, to stand behind its exit status.
func lastLines(stderr string) string {
	lines := slices.DeleteFunc(strings.Split(stderr, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	lines = lines[max(0, len(lines)-shownLines):]
	for len(lines) > 1 && len(strings.Join(lines, "\n")) > shownBytes {
		lines = lines[1:]
	}
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return ": " + lines[0]
	}
	return ":\n  " + strings.Join(lines, "\n  ")
}
