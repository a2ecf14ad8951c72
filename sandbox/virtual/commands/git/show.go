package git

import (
	"fmt"
	"strings"
)

func show(r *repo, args []string) error {
	f, revisions, names, err := r.parseLog(args)
	if err != nil {
		return err
	}
	if len(revisions) == 0 {
		revisions = []string{"HEAD"}
	}
	for i, text := range revisions {
		h, err := r.resolve(text)
		if err != nil {
			return err
		}
		o, err := r.read(h)
		if err != nil {
			return err
		}
		switch o.kind {
		case "blob":
			r.out.Write(o.data)
			continue
		case "tree":
			list, err := r.tree(h)
			if err != nil {
				return err
			}
			fmt.Fprintf(r.out, "tree %s\n\n", text)
			for _, e := range list {
				slash := ""
				if e.mode == modeDir {
					slash = "/"
				}
				fmt.Fprintln(r.out, e.name+slash)
			}
			continue
		case "tag":
			head, message, _ := strings.Cut(string(o.data), "\n\n")
			for line := range strings.Lines(head) {
				key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
				switch key {
				case "tag":
					fmt.Fprintf(r.out, "tag %s\n", value)
				case "tagger":
					p := parsePerson(value)
					fmt.Fprintf(r.out, "Tagger: %s <%s>\nDate:   %s\n", p.name, p.email, date(p, f.last("date")))
				}
			}
			fmt.Fprintf(r.out, "\n%s\n", message)
		}
		c, err := r.commit(h)
		if err != nil {
			return err
		}
		if err := r.showCommit(f, formatOf(f), c, names, i == 0, false); err != nil {
			return err
		}
	}
	return nil
}
