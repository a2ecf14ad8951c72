package engine

import (
	"sync"

	"github.com/flue-run/flue/expr"
)

// templates are the parsed texts and expressions of a project's files, which every run needs again. The zero value is ready.
type templates struct{ texts, expressions sync.Map } // *expr.Template by source

// text parses a string with expressions in it.
func (t *templates) text(source string) (*expr.Template, error) {
	return kept(&t.texts, source, expr.Parse)
}

// eval evaluates one expression.
func (t *templates) eval(source string, vars map[string]any) (any, error) {
	template, err := kept(&t.expressions, source, expr.ParseExpr)
	if err != nil {
		return nil, err
	}
	return template.Value(vars)
}

func kept(in *sync.Map, source string, parse func(string) (*expr.Template, error)) (*expr.Template, error) {
	if found, ok := in.Load(source); ok {
		return found.(*expr.Template), nil
	}
	template, err := parse(source)
	if err == nil {
		in.Store(source, template)
	}
	return template, err
}
