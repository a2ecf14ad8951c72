package curl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// usageError is a command line that cannot be understood.
type usageError struct {
	text string
	code int
}

func (e *usageError) Error() string { return e.text }

func misuse(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...), 2} }

// parser reads command lines and files of options.
type parser struct {
	inv     *shell.Invocation
	configs []*config
	depth   int
}

func (p *parser) config() *config { return p.configs[len(p.configs)-1] }

func (p *parser) args(args []string) error {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		next := func() (string, bool) {
			if i++; i < len(args) {
				return args[i], true
			}
			return "", false
		}
		switch {
		case arg == "--":
			p.config().urls = append(p.config().urls, args[i+1:]...)
			return nil
		case strings.HasPrefix(arg, "--"):
			if err := p.long(arg, next); err != nil {
				return err
			}
		case strings.HasPrefix(arg, "-") && arg != "-":
			if err := p.letters(arg[1:], next); err != nil {
				return err
			}
		default:
			p.config().urls = append(p.config().urls, arg)
		}
	}
	return nil
}

func (p *parser) letters(rest string, next func() (string, bool)) error {
	for rest != "" {
		letter := rest[:1]
		rest = rest[1:]
		o, ok := byLetter(letter)
		if !ok {
			return misuse("option -%s: is unknown", letter)
		}
		value, has := "", false
		if strings.HasSuffix(o.kind, "v") {
			if value, has = rest, rest != ""; !has {
				value, has = next()
			}
			if !has {
				return misuse("option -%s: requires parameter", letter)
			}
			rest = ""
		}
		if err := p.set(o, "-"+letter, value, true); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) long(arg string, next func() (string, bool)) error {
	o, on, err := byName(arg)
	if err != nil {
		return err
	}
	value, has := "", true
	if strings.HasSuffix(o.kind, "v") {
		value, has = next()
	}
	if !has {
		return misuse("option %s: requires parameter", arg)
	}
	return p.set(o, arg, value, on)
}

// set takes one option in.
func (p *parser) set(o option, said, value string, on bool) error {
	c := p.config()
	switch o.kind {
	case "i", "iv":
		return nil
	case "x", "xv":
		return misuse("option %s: the sandbox's network does not have this; requests go to the server itself, with its certificate checked", said)
	}
	switch o.name {
	case "next":
		if len(c.urls) == 0 {
			return nil
		}
		p.configs = append(p.configs, newConfig())
		p.config().on["silent"], p.config().on["show-error"] = c.on["silent"], c.on["show-error"]
	case "url":
		c.urls = append(c.urls, value)
	case "output":
		c.outputs = append(c.outputs, value)
	case "remote-name":
		if on {
			c.outputs = append(c.outputs, "")
		}
	case "upload-file":
		c.uploads = append(c.uploads, value)
	case "header":
		return p.header(value)
	case "cookie":
		c.cookies = append(c.cookies, value)
	case "data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json":
		c.data = append(c.data, datum{o.name, value})
	case "form", "form-string":
		c.forms = append(c.forms, datum{o.name, value})
	case "url-query":
		c.queries = append(c.queries, value)
	case "config":
		return p.file(said, value)
	case "connect-timeout", "max-time", "retry-delay", "retry-max-time":
		if _, err := seconds(value); err != nil {
			return misuse("option %s: expected a proper numerical parameter", said)
		}
		c.last[o.name] = value
	case "retry", "max-redirs":
		if n, err := strconv.Atoi(value); err != nil || n < -1 || n < 0 && o.name == "retry" {
			return misuse("option %s: expected a proper numerical parameter", said)
		}
		c.last[o.name] = value
	case "location-trusted":
		c.on["location"], c.on[o.name] = on, on
	default:
		if o.kind == "b" {
			c.on[o.name] = on
		} else {
			c.last[o.name] = value
		}
	}
	return nil
}
