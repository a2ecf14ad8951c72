package git

import (
	"fmt"
	"slices"
	"strings"
)

// message is that of -m, -F or -C, or the one that a merge or the amended commit has.
func (r *repo) message(f flags, old *commit, isMerge bool) (string, error) {
	text := ""
	switch {
	case f.has("message"):
		text = strings.Join(f["message"], "\n\n")
	case f.has("file"):
		data, err := r.operand(f.last("file"))
		if err != nil {
			return "", err
		}
		text = string(data)
	case f.has("reuse-message"):
		c, err := r.commitOf(f.last("reuse-message"))
		if err != nil {
			return "", fatal("could not lookup commit %s", f.last("reuse-message"))
		}
		text = c.message
	case f.has("amend"):
		text = old.message
	case isMerge:
		text, _ = r.gitFile("MERGE_MSG")
		text = dropComments(text)
	default:
		return "", &failure{1, "error: there is no editor in this sandbox: give the message with -m or -F"}
	}
	text = clean(text)
	if f.has("signoff") {
		me := r.me("COMMITTER")
		text += fmt.Sprintf("\nSigned-off-by: %s <%s>\n", me.name, me.email)
	}
	for _, t := range f["trailer"] {
		text += "\n" + strings.Replace(t, "=", ": ", 1) + "\n"
	}
	return text, nil
}

// clean takes space from the ends of lines, and empty lines from the ends of a message.
func clean(text string) string {
	list := strings.Split(text, "\n")
	for i := range list {
		list[i] = strings.TrimRight(list[i], " \t\r")
	}
	list = slices.CompactFunc(list, func(a, b string) bool { return a == "" && b == "" })
	if text = strings.Trim(strings.Join(list, "\n"), "\n"); text != "" {
		text += "\n"
	}
	return text
}

func dropComments(text string) string {
	list := strings.Split(text, "\n")
	return strings.Join(slices.DeleteFunc(list, func(l string) bool { return strings.HasPrefix(l, "#") }), "\n")
}
