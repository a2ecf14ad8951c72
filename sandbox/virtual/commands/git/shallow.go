package git

import "strings"

// shallow are the commits whose parents are not here: those of a clone with --depth.
func (r *repo) shallow() map[id]bool {
	if r.grafts == nil {
		r.grafts = map[id]bool{}
		text, err := r.inv.FS.ReadFile(r.dir + "/shallow")
		if err != nil || r.keep(len(text)) != nil {
			return r.grafts
		}
		for line := range strings.Lines(string(text)) {
			if h, ok := parseID(strings.TrimSpace(line)); ok {
				r.grafts[h] = true
			}
		}
	}
	return r.grafts
}

// setShallow stores which commits have no parents here.
func (r *repo) setShallow(all map[id]bool) error {
	r.grafts = all
	if len(all) == 0 {
		r.inv.FS.Remove(r.dir + "/shallow")
		return nil
	}
	names := map[string]id{}
	for h := range all {
		names[h.String()] = h
	}
	return r.writeGit("shallow", strings.Join(sortedNames(names), "\n")+"\n")
}
