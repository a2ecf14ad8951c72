package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/engine"
)

// outputName is a name that an expression of a workflow can reach with a dot.
var outputName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// outputs is what a run hands to later steps of its job, as $GITHUB_OUTPUT wants it: result, whole and as JSON, outcome,
// session, run and cost in US dollars ("" where it is not known), and each field of an object under its own name, unless
// that is taken. Workflows do not tell Severity from severity.
func outputs(e engine.Event) string {
	var b strings.Builder
	taken := map[string]bool{"events-file": true}
	add := func(name, value string) {
		if folded := strings.ToLower(name); !taken[folded] && outputName.MatchString(name) {
			taken[folded] = true
			b.WriteString(heredoc(name, value))
		}
	}
	cost := ""
	if e.Usage != nil && e.Usage.CostUSD != nil {
		cost = strconv.FormatFloat(*e.Usage.CostUSD, 'f', -1, 64)
	}
	add("result", compact(e.Result))
	add("outcome", string(e.Outcome))
	add("session", e.Session)
	add("run", e.Run)
	add("cost", cost)
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(compact(e.Result)), &fields) == nil {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			value := string(fields[name])
			if text := ""; json.Unmarshal(fields[name], &text) == nil && value != "null" {
				value = text
			}
			add(name, value)
		}
	}
	return b.String()
}

// heredoc is one output, over as many lines as its value has. Its delimiter is random, so that no value can end itself and
// begin an output of its own.
func heredoc(name, value string) string {
	delimiter := "flue-" + rand.Text()
	for strings.Contains(value, delimiter) {
		delimiter = "flue-" + rand.Text()
	}
	return fmt.Sprintf("%s<<%s\n%s\n%[2]s\n", name, delimiter, value)
}

// compact is a value as JSON on one line.
func compact(value any) string {
	var b strings.Builder
	if writeJSON(&b, value, "") != nil {
		return "null" // a result came out of JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}
