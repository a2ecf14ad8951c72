package git

import "strings"

// advertised reads what a server says first: in version 2 what it is able to, before that its refs as well.
func (p *httpPeer) advertised(in *packets) error {
	began, skipped := false, false
	line, m, err := in.next()
	for ; ; line, m, err = in.next() {
		if err != nil {
			return err
		}
		s := trimLine(line)
		switch {
		case m == isText && !began && s == "# service="+p.service:
			began = true
			continue
		case m == isFlush && began && !skipped:
			skipped = true
			continue
		case m == isText && s == "version 2":
			p.v2 = true
			_, err := in.list(func(line string) error {
				name, value, _ := strings.Cut(line, "=")
				p.can[name] = value
				return nil
			})
			if _, ok := p.can["fetch"]; err == nil && !ok {
				return fatal("server does not support the protocol's fetch")
			}
			return err
		case m == isText && s == "version 1":
			continue
		}
		break
	}
	for first := true; m == isText; first = false {
		if err := p.advertisedRef(string(line), first); err != nil {
			return err
		}
		if line, m, err = in.next(); err != nil {
			return err
		}
	}
	if format := p.can["object-format"]; format != "" && format != "sha1" {
		return fatal("repositories with %s objects are not supported in this sandbox", plain(format))
	}
	return nil
}

// advertisedRef reads a ref of version 0, with what the server is able to behind the first one.
func (p *httpPeer) advertisedRef(line string, first bool) error {
	line = strings.TrimSuffix(line, "\n")
	if first {
		var able string
		line, able, _ = strings.Cut(line, "\x00")
		for word := range strings.FieldsSeq(able) {
			name, value, _ := strings.Cut(word, "=")
			if name == "symref" && p.can[name] != "" && !strings.HasPrefix(value, "HEAD:") {
				continue
			}
			p.can[name] = value
		}
	}
	value, name, ok := strings.Cut(line, " ")
	h, valid := parseID(value)
	switch {
	case !ok && strings.HasPrefix(line, "shallow "), ok && value == "shallow":
		return nil
	case !ok || !valid:
		return fatal("protocol error: unexpected '%s'", plain(line))
	case name == "capabilities^{}":
		return nil
	}
	return addRef(p.repo, &p.list, name, h, strings.TrimPrefix(p.can["symref"], "HEAD:"))
}

// addRef adds a ref that a server names, "NAME^{}" as what the one before it points to. What is no ref is left out:
// a server names other objects that it has as ".have".
func addRef(r *repo, list *[]farRef, name string, h id, target string) error {
	if tag, peeled := strings.CutSuffix(name, "^{}"); peeled {
		if n := len(*list); n > 0 && (*list)[n-1].name == tag {
			(*list)[n-1].peeled = h
		}
		return nil
	}
	if name != "HEAD" && !(strings.HasPrefix(name, "refs/") && validRef(name)) {
		return nil
	}
	ref := farRef{name: name, id: h}
	if name == "HEAD" && validRef(target) {
		ref.target = target
	}
	*list = append(*list, ref)
	return r.keep(len(name) + 100)
}

// command begins a request of version 2.
func (p *httpPeer) command(name string) []byte {
	b := appendLine(nil, "command=%s", name)
	for _, s := range []setting{{"agent", agent}, {"object-format", "sha1"}} {
		if _, ok := p.can[s.key]; ok {
			b = appendLine(b, "%s=%s", s.key, s.value)
		}
	}
	return append(b, "0001"...)
}

func (p *httpPeer) refs(prefixes []string) ([]farRef, error) {
	if !p.v2 {
		return p.list, nil
	}
	q := p.command("ls-refs")
	q = appendLine(appendLine(q, "peel\n"), "symrefs\n")
	if strings.Contains(p.can["ls-refs"], "unborn") {
		q = appendLine(q, "unborn\n")
	}
	for _, prefix := range prefixes {
		q = appendLine(q, "ref-prefix %s\n", prefix)
	}
	body, err := p.post(append(q, "0000"...))
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var list []farRef
	_, err = (&packets{r: p.metered(body)}).list(func(line string) error {
		words := strings.Split(line, " ")
		h, ok := parseID(words[0])
		if len(words) < 2 || !ok && words[0] != "unborn" {
			return fatal("protocol error: unexpected '%s'", plain(line))
		}
		target, peeled := "", id{}
		for _, word := range words[2:] {
			if t, ok := strings.CutPrefix(word, "symref-target:"); ok {
				target = t
			} else if t, ok := strings.CutPrefix(word, "peeled:"); ok {
				peeled, _ = parseID(t)
			}
		}
		if err := addRef(p.repo, &list, words[1], h, target); err != nil {
			return err
		}
		if n := len(list); n > 0 && list[n-1].name == words[1] {
			list[n-1].peeled = peeled
		}
		return nil
	})
	return list, err
}
