package scripted

import (
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/flue-run/flue/model"
)

// position is where in its script a run is. It is a value: a request works on a copy, which is kept once it is
// answered, so that a retried request meets the same turn.
type position struct {
	next     int // index of the first turn that is neither given nor passed over
	answered int // turns given
	failed   int // faults of turn next that have happened
	matched  bool
	captures map[string]any
}

// choose passes over the turns that do not apply to messages and returns the first that does, with the names its
// expressions may use. It returns nil past the end.
func (p *position) choose(script *Script, cfg *Config, messages []model.Message) (*Turn, map[string]any, error) {
	last := outputs(messages)
	vars := map[string]any{"payload": cfg.Payload, "captures": p.captures, "last": last, "turn": p.answered + 1}
	for ; p.next < len(script.Turns); p.next, p.failed = p.next+1, 0 {
		turn := &script.Turns[p.next]
		applies, err := p.applies(turn, cfg, vars)
		if err != nil {
			return nil, nil, fmt.Errorf("turn %d: %w", p.next+1, err)
		}
		switch {
		case !applies:
			p.matched = p.matched && (!turn.Else || turn.When != "") // a bare else ends its chain
			continue
		case p.failed >= turn.faults() && !turn.answers():
			p.matched = turn.When != ""
			continue
		}
		captures := maps.Clone(p.captures)
		for name, c := range turn.Capture {
			if captures == nil {
				captures = map[string]any{}
			}
			if captures[name], err = c.find(last); err != nil {
				return nil, nil, fmt.Errorf("turn %d: capture %s: %w", p.next+1, name, err)
			}
		}
		p.captures, vars["captures"] = captures, captures
		return turn, vars, nil
	}
	return nil, nil, nil
}

// advance goes on behind the turn that choose returned.
func (p *position) advance(turn *Turn) {
	p.matched = turn.When != ""
	p.next, p.answered, p.failed = p.next+1, p.answered+1, 0
}

// applies evaluates the condition of turn. matched remembers over the turns of one chain (when, when, else) whether
// one of them was given; a turn without a condition ends the chain.
func (p *position) applies(turn *Turn, cfg *Config, vars map[string]any) (bool, error) {
	if turn.Else && p.matched {
		return false, nil
	}
	if turn.When == "" {
		return true, nil
	}
	when := turn.When
	if !strings.Contains(when, "${{") { // as in an agent's `if`, the braces may be left out
		when = "${{ " + when + " }}"
	}
	v, err := cfg.Eval(when, vars)
	if err != nil {
		return false, fmt.Errorf("when: %w", err)
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("when: want true or false, got %T", v)
	}
	return b, nil
}

// outputs maps each tool to its latest output.
func outputs(messages []model.Message) map[string]any {
	names := map[string]string{}
	last := map[string]any{}
	for _, m := range messages {
		for _, b := range m.Blocks {
			switch b.Type {
			case model.CallBlock:
				names[b.ID] = b.Name
			case model.ResultBlock:
				if b.Name != "" {
					last[b.Name] = b.Text
				} else {
					last[names[b.ID]] = b.Text
				}
			}
		}
	}
	return last
}

func (c Capture) find(last map[string]any) (string, error) {
	re, err := regexp.Compile(c.Regex)
	if err != nil {
		return "", err
	}
	out, ok := last[c.Tool].(string)
	if !ok {
		return "", fmt.Errorf("%s has not been called yet", c.Tool)
	}
	m := re.FindStringSubmatch(out)
	switch {
	case c.Regex == "":
		return out, nil
	case m == nil:
		return "", fmt.Errorf("%q matches nothing in the output of %s, which begins %q", c.Regex, c.Tool, cut(out, 100))
	case len(m) > 1:
		return m[1], nil
	}
	return m[0], nil
}

func cut(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}
