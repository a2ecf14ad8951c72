package git

import (
	"fmt"
	"io"
	"strings"
)

// push sends the changes and, unless all of them delete, a pack, and reads the server's report.
func (p *httpPeer) push(list []*update, pack []byte) error {
	able := []string{"report-status"}
	_, sideways := p.can["side-band-64k"]
	if sideways {
		able = append(able, "side-band-64k")
	}
	if _, ok := p.can["report-status"]; !ok {
		return fatal("the server does not support report-status")
	}
	able = append(able, "agent="+agent)
	var b []byte
	for i, u := range list {
		if _, ok := p.can["delete-refs"]; u.now.zero() && !ok {
			return fatal("the receiving end does not support deleting refs")
		}
		if i == 0 {
			b = appendLine(b, "%s %s %s\x00 %s", u.old, u.now, u.name, strings.Join(able, " "))
		} else {
			b = appendLine(b, "%s %s %s", u.old, u.now, u.name)
		}
	}
	b = append(b, "0000"...)
	if err := p.keep(len(b) + len(pack)); err != nil {
		return err
	}
	body, err := p.post(append(b, pack...))
	if err != nil {
		return err
	}
	defer body.Close()
	in := &packets{r: p.metered(body)}
	if !sideways {
		return p.report(in, list)
	}
	side := &bands{lines: in, stderr: p.inv.Stderr}
	if err := p.report(&packets{r: side}, list); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, side) // what the server's hooks still say
	return err
}

// report reads what became of the updates.
func (p *httpPeer) report(in *packets, list []*update) error {
	unpacked := ""
	_, err := in.list(func(line string) error {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "unpack":
			if unpacked = rest; rest != "ok" {
				fmt.Fprintf(p.inv.Stderr, "error: remote unpack failed: %s\n", plain(rest))
			}
		case "ok", "ng":
			name, why, _ := strings.Cut(rest, " ")
			for _, u := range list {
				if u.name == name {
					u.answered = true
					if word == "ng" {
						u.result = plain(why)
					}
				}
			}
		default:
			return fatal("protocol error: unexpected '%s'", plain(line))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, u := range list {
		switch {
		case u.answered:
		case unpacked != "ok":
			u.result = "unpacker error"
		default:
			u.result = "remote failed to report status"
		}
	}
	return nil
}
