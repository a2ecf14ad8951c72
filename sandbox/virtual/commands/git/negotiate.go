package git

import "container/heap"

// manyHaves is how many commits are named one after another; of older ones every second, fourth, and so on.
const manyHaves = 256

// haves names what this repository has, for the other side to leave out: the tips of its refs, and their history,
// thinned out with its age. What the other side has itself by the same name needs no history.
func (r *repo) haves(theirs []farRef) ([]id, error) {
	var list []id
	seen := map[id]bool{}
	common := map[id]bool{}
	for _, ref := range theirs {
		common[ref.id] = true
	}
	queue := &walk{}
	push := func(h id) error {
		c, err := r.commit(h)
		if err != nil || seen[c.id] {
			return nil // a tag of something else, or a ref to nothing
		}
		seen[c.id] = true
		heap.Push(queue, c)
		return r.hold(len(c.message) + 400)
	}
	all := r.refs("refs/")
	if _, h := r.head(); !h.zero() {
		all["HEAD"] = h
	}
	for _, name := range sortedNames(all) {
		if err := push(all[name]); err != nil {
			return nil, err
		}
	}
	step := 1
	for n := 0; queue.Len() > 0; n++ {
		c := heap.Pop(queue).(*commit)
		if n%step == 0 || common[c.id] {
			list = append(list, c.id)
		}
		if n == manyHaves*step {
			step *= 2
		}
		if common[c.id] {
			continue
		}
		for _, p := range c.parents {
			if err := push(p); err != nil {
				return nil, err
			}
		}
		if err := r.spend(100); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// obtain fetches what a query wants and is not here, and all that it leads to; loose is storePack's.
func (r *repo) obtain(p peer, theirs []farRef, q query, loose bool) error {
	missing := map[id]bool{}
	wants := q.wants
	q.wants = nil
	for _, h := range wants {
		if !missing[h] && (q.depth > 0 || !r.has(h)) {
			missing[h] = true
			q.wants = append(q.wants, h)
		}
	}
	if len(q.wants) == 0 {
		return nil
	}
	var err error
	if q.haves, err = r.haves(theirs); err != nil {
		return err
	}
	d, err := p.fetch(q)
	if err != nil {
		return err
	}
	shallow := map[id]bool{}
	for h := range r.shallow() {
		shallow[h] = true
	}
	for _, h := range d.shallow {
		shallow[h] = true
	}
	for _, h := range d.unshallow {
		delete(shallow, h)
	}
	if err := r.storePack(d.pack, shallow, loose); err != nil {
		return err
	}
	for _, h := range q.wants {
		if !r.has(h) {
			return fatal("git fetch-pack: the server did not send %s", h)
		}
	}
	if len(d.shallow)+len(d.unshallow) == 0 {
		return nil
	}
	r.cache, r.cached = map[id]object{}, 0
	return r.setShallow(shallow)
}
