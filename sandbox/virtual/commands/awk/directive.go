package awk

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// directive reads @include, @load or @namespace.
func (p *parser) directive() {
	p.next()
	word := p.text
	if p.tok != tokName || p.prog.standard || word != "include" && word != "load" && word != "namespace" {
		p.unexpected()
	}
	p.lintExtension("`%s' is a gawk extension", word)
	p.next()
	if p.tok != tokString {
		p.unexpected()
	}
	what := p.text
	p.layout.directive(word, what)
	switch word {
	case "include":
		p.include(what)
	case "load":
		p.load(what)
		p.next()
	case "namespace":
		p.setNamespace(what)
		p.next()
	}
}

// include reads the file of an @include, once, as if its text stood here; the namespace is the file's own.
func (p *parser) include(name string) {
	if p.options.Sandbox {
		p.fatal("@include is not allowed in sandbox mode")
	}
	s, err := p.options.Include(name)
	if err != nil {
		p.fail("cannot open source file `%s' for reading: %v", name, err)
	}
	if p.included[path.Clean(s.Name)] {
		p.next()
		return
	}
	p.included[path.Clean(s.Name)] = true
	p.enter()
	outer, namespace, isFile := p.lexer, p.namespace, p.isFile
	p.namespace = ""
	from := fmt.Sprintf("In file included from %s:", p.place())
	func() {
		defer func() {
			if r := recover(); r != nil {
				if syntax, ok := r.(*SyntaxError); ok && !syntax.Fatal {
					syntax.Included = append(syntax.Included, from)
				}
				panic(r)
			}
		}()
		p.read(s)
	}()
	outer.names, outer.functions = p.names, p.functions
	p.lexer, p.namespace, p.isFile = outer, namespace, isFile
	p.depth--
	p.next()
}

// setNamespace makes name the namespace of the names that follow.
func (p *parser) setNamespace(name string) {
	for i := range len(name) {
		if !isNameByte(name[i]) && (i == 0 || name[i] < '0' || name[i] > '9') {
			p.fail("namespace name `%s' must meet identifier naming rules", name)
		}
	}
	if name == "" {
		p.fail("namespace name `%s' must meet identifier naming rules", name)
	}
	if keywords[name] || p.functions[name] != nil {
		p.fail("using reserved identifier `%s' as a namespace is not allowed", name)
	}
	if p.namespace = name; name == "awk" {
		p.namespace = ""
	}
}

// qualified is the name within the namespace. Names in capitals and those of the language are the same in all.
func (p *parser) qualified(name string) string {
	if p.namespace == "" || strings.Contains(name, "::") || name == strings.ToUpper(name) || slices.Contains(specials, name) {
		return name
	}
	return p.namespace + "::" + name
}
