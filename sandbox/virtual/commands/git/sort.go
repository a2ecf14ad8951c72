package git

import (
	"bytes"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/sort"
)

// sortRefs orders refs, by their full names, as the keys of --sort say: the last one counts most. Dates are those of
// when, which is nil where the objects are not here.
func sortRefs(keys, names []string, when func(name string) int64) error {
	for _, key := range keys {
		field, reverse := strings.CutPrefix(key, "-")
		var compare func(a, b string) int
		switch field {
		case "refname":
			compare = strings.Compare
		case "version:refname", "v:refname":
			compare = sort.CompareVersions
		case "creatordate", "committerdate", "taggerdate", "authordate":
			if when == nil {
				return fatal("--sort=%s needs the objects, which are not here", key)
			}
			compare = func(a, b string) int { return int(when(a) - when(b)) }
		default:
			return fatal("unknown field name: %s; this sandbox sorts by refname, version:refname and creatordate", field)
		}
		slices.SortStableFunc(names, func(a, b string) int {
			if reverse {
				return compare(b, a)
			}
			return compare(a, b)
		})
	}
	return nil
}

// created is when a tag was made, or what it points to committed.
func (r *repo) created(ref string) int64 {
	h, _ := r.ref(ref)
	o, err := r.read(h)
	if err != nil {
		return 0
	}
	if _, tagger, ok := bytes.Cut(o.data, []byte("\ntagger ")); ok && o.kind == "tag" {
		line, _, _ := bytes.Cut(tagger, []byte("\n"))
		return parsePerson(string(line)).when
	}
	c, err := r.commit(h)
	if err != nil {
		return 0
	}
	return c.committer.when
}
