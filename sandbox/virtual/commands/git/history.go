package git

import (
	"container/heap"
	"slices"
	"strconv"
	"strings"
)

// walk is a queue of commits, the newest first.
type walk []*commit

func (w walk) Len() int           { return len(w) }
func (w walk) Less(i, j int) bool { return w[i].committer.when > w[j].committer.when }
func (w walk) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }

// Push is for container/heap.
func (w *walk) Push(x any) { *w = append(*w, x.(*commit)) }

// Pop is for container/heap.
func (w *walk) Pop() any {
	old := *w
	c := old[len(old)-1]
	*w = old[:len(old)-1]
	return c
}

// history lists commits that the revisions reach, in log's order.
func (r *repo) history(f flags, revisions, names []string) ([]*commit, error) {
	p, err := r.paths(names)
	if err != nil {
		return nil, err
	}
	starts, hidden, err := r.starts(f, revisions)
	if err != nil {
		return nil, err
	}
	queue, seen := &walk{}, map[id]bool{}
	push := func(h id) error {
		c, err := r.commit(h)
		if err != nil || seen[c.id] || hidden[c.id] {
			return err
		}
		seen[c.id] = true
		heap.Push(queue, c)
		return r.hold(len(c.message) + 400)
	}
	for _, h := range starts {
		if err := push(h); err != nil {
			return nil, err
		}
	}
	wanted, err := r.filter(f)
	if err != nil {
		return nil, err
	}
	limit, skip := -1, 0
	for _, key := range []string{"#", "max-count"} {
		if f.has(key) {
			if limit, err = strconv.Atoi(f.last(key)); err != nil {
				return nil, fatal("'%s': not an integer", f.last(key))
			}
		}
	}
	skip, _ = strconv.Atoi(f.last("skip"))
	var list []*commit
	for queue.Len() > 0 && (limit < 0 || len(list) < limit+skip) {
		c := heap.Pop(queue).(*commit)
		parents, show := c.parents, true
		if f.has("first-parent") && len(parents) > 1 {
			parents = parents[:1]
		}
		if len(names) > 0 {
			if parents, show, err = r.simplify(c, parents, p); err != nil {
				return nil, err
			}
		}
		for _, h := range parents {
			if f.has("no-walk") {
				break
			}
			if err := push(h); err != nil {
				return nil, err
			}
		}
		if show && wanted(c) {
			list = append(list, c)
		}
		if err := r.spend(100); err != nil {
			return nil, err
		}
	}
	list = list[min(skip, len(list)):]
	if f.has("reverse") {
		slices.Reverse(list)
	}
	return list, nil
}

// starts are the commits from which history goes back, and the set of those that it leaves out.
func (r *repo) starts(f flags, revisions []string) (starts []id, hidden map[id]bool, err error) {
	hidden = map[id]bool{}
	for _, text := range revisions {
		h, err := r.isRange(text)
		if err != nil {
			return nil, nil, err
		}
		if strings.HasPrefix(text, "^") {
			h = [2]id{h[1], {}}
		}
		if !h[0].zero() {
			if err := r.ancestors(h[0], hidden); err != nil {
				return nil, nil, err
			}
		}
		if strings.Contains(text, "...") {
			first, _, _ := strings.Cut(text, "...")
			if first == "" {
				first = "HEAD"
			}
			left, err := r.resolve(first)
			if err != nil {
				return nil, nil, err
			}
			starts = append(starts, left)
		}
		if !h[1].zero() {
			starts = append(starts, h[1])
		}
	}
	if f.has("all") || f.has("branches") || f.has("tags") {
		prefix := "refs/"
		if !f.has("all") {
			prefix = map[bool]string{true: "refs/heads/", false: "refs/tags/"}[f.has("branches")]
		}
		for _, h := range r.refs(prefix) {
			starts = append(starts, h)
		}
	}
	if _, h := r.head(); len(revisions) == 0 && !h.zero() {
		starts = append(starts, h)
	}
	return starts, hidden, nil
}

// ancestors adds a commit and all before it to a set.
func (r *repo) ancestors(h id, set map[id]bool) error {
	todo := []id{h}
	for len(todo) > 0 {
		c, err := r.commit(todo[len(todo)-1])
		todo = todo[:len(todo)-1]
		if err != nil {
			return err
		}
		if set[c.id] {
			continue
		}
		set[c.id] = true
		todo = append(todo, c.parents...)
		if err := r.hold(64); err != nil {
			return err
		}
		if err := r.spend(100); err != nil {
			return err
		}
	}
	return nil
}

// simplify says which parents to follow for the paths alone, and whether the commit changed any of them.
func (r *repo) simplify(c *commit, parents []id, p *paths) ([]id, bool, error) {
	defer r.release(r.held)
	now, err := r.flat(c.tree)
	if err != nil {
		return nil, false, err
	}
	if len(parents) == 0 {
		list, err := r.changes(files{}, now, p, false, false)
		return nil, len(list) > 0, err
	}
	for _, h := range parents {
		parent, err := r.commit(h)
		if err != nil {
			return nil, false, err
		}
		before, err := r.flat(parent.tree)
		if err != nil {
			return nil, false, err
		}
		list, err := r.changes(before, now, p, false, false)
		if err != nil {
			return nil, false, err
		}
		if len(list) == 0 {
			return []id{h}, false, nil
		}
	}
	return parents, true, nil
}
