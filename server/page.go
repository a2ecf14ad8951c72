package server

import (
	"net/http"
	"strconv"
)

// page is the part of a list that a request asks for.
type page struct {
	limit int
	after string // the `next` of the page before; "": the first
}

// readPage reads ?limit= (50, at most 500) and ?after=.
func readPage(r *http.Request) (page, error) {
	p := page{limit: 50, after: r.FormValue("after")}
	if text := r.FormValue("limit"); text != "" {
		var err error
		if p.limit, err = strconv.Atoi(text); err != nil || p.limit < 1 || p.limit > 500 {
			return p, invalid("?limit=%.20s: a number from 1 to 500", text)
		}
	}
	return p, nil
}

// paged is a page of a list; next, if there is more, is the ?after= of the page that follows.
func paged(name string, list any, next string) map[string]any {
	answer := map[string]any{name: list}
	if next != "" {
		answer["next"] = next
	}
	return answer
}
