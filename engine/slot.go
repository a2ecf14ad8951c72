package engine

// acquire waits for a slot; false: the node is draining.
func (n *Node) acquire() bool {
	if n.tryAcquire() {
		return true
	}
	n.short.Add(1)
	defer n.short.Add(-1)
	select {
	case n.slots <- struct{}{}:
		return true
	case <-n.drain:
		return false
	}
}

// tryAcquire takes a slot if one is free and nobody waits for it.
func (n *Node) tryAcquire() bool {
	if n.short.Load() > 0 {
		return false
	}
	select {
	case n.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (n *Node) release() { <-n.slots }
