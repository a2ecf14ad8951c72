package bc

import (
	"errors"
	"strings"
)

func (m *machine) run(n *node) error {
	if m.depth++; m.depth > maxDepth {
		return errors.New("nested too deeply")
	}
	defer func() { m.depth-- }()
	if err := m.inv.Budget.Work(1); err != nil {
		return err
	}
	switch n.op {
	case "block":
		for _, k := range n.kids {
			if err := m.run(k); err != nil {
				return err
			}
		}
		return nil
	case "string":
		_, err := m.out.WriteString(n.text)
		return err
	case "print":
		return m.print(n)
	case "show":
		v, err := m.eval(n.kids[0])
		if f := m.functions[n.kids[0].text]; err != nil || n.kids[0].op == "assign" || n.kids[0].op == "call" && f != nil && f.void {
			return err
		}
		m.last = v
		m.show(v)
		return m.out.WriteByte('\n')
	case "if":
		v, err := m.eval(n.kids[0])
		switch {
		case err != nil:
			return err
		case v.value.Sign() != 0:
			return m.run(n.kids[1])
		case len(n.kids) > 2:
			return m.run(n.kids[2])
		}
		return nil
	case "while":
		return m.loop(n.kids[0], n.kids[1], nil)
	case "for":
		if _, err := m.eval(n.kids[0]); err != nil {
			return err
		}
		return m.loop(n.kids[1], n.kids[3], n.kids[2])
	case "return":
		m.result = integer(0)
		if len(n.kids) > 0 {
			v, err := m.eval(n.kids[0])
			if err != nil {
				return err
			}
			m.result = v
		}
		return errReturn
	case "break":
		return errBreak
	case "continue":
		return errContinue
	case "quit", "halt":
		return errQuit
	}
	return nil
}

func (m *machine) print(n *node) error {
	for _, k := range n.kids {
		if k.op == "string" {
			m.out.WriteString(strings.NewReplacer(`\a`, "\a", `\b`, "\b", `\f`, "\f", `\n`, "\n", `\r`, "\r", `\q`, `"`, `\t`, "\t", `\\`, `\`).Replace(k.text))
			continue
		}
		v, err := m.eval(k)
		if err != nil {
			return err
		}
		m.last = v
		m.show(v)
	}
	return nil
}

func (m *machine) loop(cond, body, step *node) error {
	for {
		if err := m.inv.Budget.Work(1); err != nil {
			return err
		}
		if m.ctx.Err() != nil {
			return m.ctx.Err()
		}
		v, err := m.eval(cond)
		if err != nil || v.value.Sign() == 0 {
			return err
		}
		switch err := m.run(body); {
		case errors.Is(err, errBreak):
			return nil
		case err != nil && !errors.Is(err, errContinue):
			return err
		}
		if step != nil {
			if _, err := m.eval(step); err != nil {
				return err
			}
		}
	}
}
