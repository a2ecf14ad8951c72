package bucket

import (
	"container/list"
	"sync"
)

// blockSize is how much of an object is fetched at once, in bytes.
const blockSize = 1 << 20

// blockID is a part of one state of an object: other content has another ETag.
type blockID struct {
	key, etag string
	number    int64
}

// blocks keeps the parts that were used last.
type blocks struct {
	mu   sync.Mutex
	max  int64 // bytes
	size int64
	byID map[blockID]*list.Element
	used *list.List // of *block, the latest first
}

type block struct {
	id   blockID
	data []byte // never changed
}

func newBlocks(max int64) *blocks {
	return &blocks{max: max, byID: map[blockID]*list.Element{}, used: list.New()}
}

func (c *blocks) get(id blockID) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byID[id]
	if !ok {
		return nil, false
	}
	c.used.MoveToFront(e)
	return e.Value.(*block).data, true
}

func (c *blocks) put(id blockID, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byID[id]; ok || id.etag == "" {
		return
	}
	c.byID[id] = c.used.PushFront(&block{id, data})
	c.size += int64(len(data))
	for c.size > c.max {
		last := c.used.Remove(c.used.Back()).(*block)
		delete(c.byID, last.id)
		c.size -= int64(len(last.data))
	}
}

func (c *blocks) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size = 0
	clear(c.byID)
	c.used.Init()
}
