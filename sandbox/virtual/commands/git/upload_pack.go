package git

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// fetch asks once: everything that this side has, thinned out, goes with the request.
func (p *httpPeer) fetch(q query) (delivery, error) {
	d := delivery{}
	var request []byte
	if p.v2 {
		request = p.fetchV2(q)
	} else {
		var err error
		if request, err = p.fetchV0(q); err != nil {
			return d, err
		}
	}
	body, err := p.post(request)
	if err != nil {
		return d, err
	}
	defer body.Close()
	in := &packets{r: p.metered(body)}
	if p.v2 {
		err = p.sectionsV2(in, &d)
	} else {
		err = p.answerV0(in, &d, q)
	}
	if err != nil {
		return d, err
	}
	d.pack, err = p.readPack(&bands{lines: in, stderr: p.inv.Stderr})
	return d, err
}

// readPack reads a pack whole, and keeps its bytes.
func (r *repo) readPack(in io.Reader) ([]byte, error) {
	var b []byte
	for {
		if len(b) == cap(b) {
			more := max(64<<10, cap(b)/2)
			if err := r.keep(more); err != nil {
				return nil, err
			}
			b = slices.Grow(b, more)
			if err := r.keep(cap(b) - len(b) - more); err != nil {
				return nil, err
			}
		}
		n, err := in.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *httpPeer) fetchV2(q query) []byte {
	b := p.command("fetch")
	b = appendLine(appendLine(b, "no-progress"), "ofs-delta")
	if q.tags {
		b = appendLine(b, "include-tag")
	}
	for _, name := range shallowNames(p.shallow()) {
		b = appendLine(b, "shallow %s", name)
	}
	if q.depth > 0 {
		b = appendLine(b, "deepen %d", q.depth)
	}
	if q.relative {
		b = appendLine(b, "deepen-relative")
	}
	for _, h := range q.wants {
		b = appendLine(b, "want %s\n", h)
	}
	for _, h := range q.haves {
		b = appendLine(b, "have %s\n", h)
	}
	return append(appendLine(b, "done\n"), "0000"...)
}

// sectionsV2 reads the parts of an answer before the pack.
func (p *httpPeer) sectionsV2(in *packets, d *delivery) error {
	for {
		line, m, err := in.next()
		if err != nil {
			return err
		}
		section := trimLine(line)
		switch {
		case m != isText:
			return fatal("protocol error: expected a section, and there is none")
		case section == "packfile":
			return nil
		}
		m, err = in.list(func(line string) error {
			if section == "shallow-info" {
				return d.shallowLine(line)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if m != isDelim {
			return errHungUp
		}
	}
}

func (d *delivery) shallowLine(line string) error {
	word, name, _ := strings.Cut(line, " ")
	h, ok := parseID(name)
	switch {
	case ok && word == "shallow":
		d.shallow = append(d.shallow, h)
	case ok && word == "unshallow":
		d.unshallow = append(d.unshallow, h)
	default:
		return fatal("invalid shallow line: %s", plain(line))
	}
	return nil
}

func (p *httpPeer) fetchV0(q query) ([]byte, error) {
	able := []string{"agent=" + agent}
	use := map[string]bool{"side-band-64k": true, "ofs-delta": true, "no-progress": true, "include-tag": q.tags, "shallow": q.depth > 0, "deepen-relative": q.relative}
	for _, name := range slices.Sorted(maps.Keys(use)) {
		if _, ok := p.can[name]; ok && use[name] {
			able = append(able, name)
		}
	}
	if _, ok := p.can["side-band-64k"]; !ok {
		return nil, fatal("the server does not support side-band-64k")
	}
	if _, ok := p.can["shallow"]; !ok && (q.depth > 0 || len(p.shallow()) > 0) {
		return nil, fatal("Server does not support shallow requests")
	}
	var b []byte
	for i, h := range q.wants {
		if i == 0 {
			b = appendLine(b, "want %s %s\n", h, strings.Join(able, " "))
		} else {
			b = appendLine(b, "want %s\n", h)
		}
	}
	for _, name := range shallowNames(p.shallow()) {
		b = appendLine(b, "shallow %s", name)
	}
	if q.depth > 0 {
		b = appendLine(b, "deepen %d", q.depth)
	}
	b = append(b, "0000"...)
	for _, h := range q.haves {
		b = appendLine(b, "have %s\n", h)
	}
	return appendLine(b, "done\n"), nil
}

// answerV0 reads what is said before the pack: where the history ends, and which commits both sides have.
func (p *httpPeer) answerV0(in *packets, d *delivery, q query) error {
	if q.depth > 0 {
		if _, err := in.list(d.shallowLine); err != nil {
			return err
		}
	}
	for first := true; ; first = false {
		line, m, err := in.next()
		if err != nil {
			return err
		}
		switch s := trimLine(line); {
		case m == isText && (s == "NAK" || strings.HasPrefix(s, "ACK ")):
		case first:
			return fatal("git fetch-pack: expected ACK/NAK, got '%s'", plain(s))
		default: // the pack begins
			in.back = line
			return nil
		}
	}
}

func shallowNames(all map[id]bool) []string {
	var list []string
	for h := range all {
		list = append(list, fmt.Sprint(h))
	}
	slices.Sort(list)
	return list
}
