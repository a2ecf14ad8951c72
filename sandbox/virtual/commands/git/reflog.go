package git

import (
	"fmt"
	"slices"
	"strings"
)

// log adds a line to the log of a ref.
func (r *repo) log(name string, old, now id, reason string) error {
	file := "logs/" + name
	before, err := r.inv.FS.ReadFile(r.dir + "/" + file)
	if err != nil {
		before = nil
	}
	line := fmt.Sprintf("%s %s %s\t%s\n", old, now, r.me("COMMITTER"), strings.ReplaceAll(reason, "\n", " "))
	return r.writeGit(file, string(before)+line)
}

// reflog is a ref's log, the newest entry first: what it became, and why.
func (r *repo) reflog(name string) (list []id, reasons []string) {
	text, err := r.inv.FS.ReadFile(r.dir + "/logs/" + name)
	if err != nil || !validRef(name) || r.spend(len(text)) != nil {
		return nil, nil
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		head, reason, _ := strings.Cut(line, "\t")
		if f := strings.Fields(head); len(f) > 1 {
			if h, ok := parseID(f[1]); ok {
				list, reasons = append(list, h), append(reasons, reason)
			}
		}
	}
	slices.Reverse(list)
	slices.Reverse(reasons)
	return list, reasons
}
