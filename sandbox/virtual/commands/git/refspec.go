package git

import "strings"

// refspec says which refs of one repository become which of another: "[+]SOURCE[:TARGET]", both perhaps with one "*".
type refspec struct {
	force    bool
	src, dst string
	paired   bool // it has a ":"
	negative bool // "^SOURCE": what the others have is left out
}

func parseRefspec(text string) (refspec, error) {
	s := refspec{}
	rest := text
	if rest, s.negative = strings.CutPrefix(rest, "^"); !s.negative {
		rest, s.force = strings.CutPrefix(rest, "+")
	}
	s.src, s.dst, s.paired = strings.Cut(rest, ":")
	stars := strings.Count(s.src, "*")
	if stars > 1 || strings.Count(s.dst, "*") > 1 || s.paired && s.dst != "" && s.src != "" && stars != strings.Count(s.dst, "*") || s.negative && s.paired ||
		s.dst != "" && !validRef(strings.Replace(s.dst, "*", "x", 1)) || strings.ContainsAny(s.src, " \n\x00") {
		return s, fatal("invalid refspec '%s'", text)
	}
	return s, nil
}

func parseRefspecs(list []string) ([]refspec, error) {
	var all []refspec
	for _, text := range list {
		s, err := parseRefspec(text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func (s refspec) pattern() bool { return strings.Contains(s.src, "*") }

// match is what a full name becomes.
func (s refspec) match(name string) (dst string, ok bool) { return translate(s.src, s.dst, name) }

// reverse is the name of which this one is the target.
func (s refspec) reverse(name string) (src string, ok bool) { return translate(s.dst, s.src, name) }

func translate(from, to, name string) (string, bool) {
	before, after, star := strings.Cut(from, "*")
	if !star {
		return to, from == name && from != ""
	}
	if len(name) < len(before)+len(after) || !strings.HasPrefix(name, before) || !strings.HasSuffix(name, after) {
		return "", false
	}
	return strings.Replace(to, "*", name[len(before):len(name)-len(after)], 1), true
}

// excluded says whether a negative refspec leaves a name out.
func excluded(specs []refspec, name string) bool {
	for _, s := range specs {
		if _, ok := s.match(name); ok && s.negative {
			return true
		}
	}
	return false
}

// tracked is the ref here that follows one there, "" where none does.
func tracked(specs []refspec, name string) string {
	if excluded(specs, name) {
		return ""
	}
	for _, s := range specs {
		if dst, ok := s.match(name); ok && !s.negative {
			return dst
		}
	}
	return ""
}

// shortRef is a full name as it is shown.
func shortRef(name string) string {
	for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/remotes/"} {
		if short, ok := strings.CutPrefix(name, prefix); ok {
			return short
		}
	}
	return name
}
