package engine

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// NodeConfig bounds what a node does at once.
type NodeConfig struct {
	Running int // runs carried out at once; default 64
	Queued  int // runs that may wait in one session; default 100
}

// Node carries out the accepted runs of a store: those it accepts itself, and those that another node, or this one before
// it died, left behind. Runs of one session go one after another in the order in which they were accepted; those of
// different sessions side by side. Its methods may be called from any goroutine.
type Node struct {
	cfg   NodeConfig
	store store.Store
	slots chan struct{} // one for each run being carried out; who waits is served in order
	short atomic.Int64  // how many lanes wait for a slot
	feeds feeds
	crew  crew

	ctx     context.Context // of all that the node does
	stop    context.CancelCauseFunc
	working sync.WaitGroup
	drain   chan struct{} // closed by Close: nothing begins any more
	closed  chan struct{} // closed when nothing goes on any more

	mu       sync.Mutex
	engine   *Engine
	draining bool
	lanes    map[store.Key]*lane
	jobs     map[string]*job
	stats    NodeStats
}

// NodeStats counts what a node does and has done since it was made.
type NodeStats struct {
	Running, Queued                      int // runs, now
	Waiting                              int // sessions whose next run waits for others to end
	Accepted, Completed, Failed, Aborted int64
	Usage                                model.Usage // of all runs that are over
}

// Accepted is a run that is on disk.
type Accepted struct {
	Run   store.Run
	Fresh bool   // false: its idempotency key was used before, and this is the first one's run
	Watch *Watch // of its session, from before the run began, where the request asked for it; the caller closes it
}

// NewNode returns a node that has begun to look for runs that were left behind. Close ends it.
func NewNode(e *Engine, cfg NodeConfig) *Node {
	cfg.Running, cfg.Queued = cmp.Or(cfg.Running, 64), cmp.Or(cfg.Queued, 100)
	n := &Node{cfg: cfg, store: e.cfg.Store, engine: e, slots: make(chan struct{}, cfg.Running),
		drain: make(chan struct{}), closed: make(chan struct{}), lanes: map[store.Key]*lane{}, jobs: map[string]*job{}}
	n.ctx, n.stop = context.WithCancelCause(context.Background())
	n.working.Go(n.recover)
	return n
}

// Engine is the engine that new runs use.
func (n *Node) Engine() *Engine {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.engine
}

// Reload has new runs use e, which has the same store. Runs that were accepted before finish with the engine they began with.
func (n *Node) Reload(e *Engine) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.engine = e
}

// Accept checks a request and stores the run, which then reaches an outcome whatever happens to this process.
//
// Errors: *RequestError and *PayloadError say what is wrong with the request, a *model.Error that no model can be asked;
// *QueueFullError; ErrDraining; store.ErrConflict if the idempotency key was used for another request.
func (n *Node) Accept(ctx context.Context, req Request) (Accepted, error) {
	e := n.Engine()
	r, err := e.prepare(ctx, req, "", nil)
	if err != nil {
		return Accepted{}, err
	}
	if !req.Watch {
		return n.accept(ctx, r, req)
	}
	w := n.Watch(r.key)
	a, err := n.accept(ctx, r, req)
	if err != nil {
		w.Close()
		return a, err
	}
	if a.Run.Session != r.key { // its idempotency key is that of a run in another session
		w.Close()
		w = n.Watch(a.Run.Session)
	}
	a.Watch = w
	return a, nil
}

// accept has the store accept a run that was prepared, and a lane carry it out.
func (n *Node) accept(ctx context.Context, r *run, req Request) (Accepted, error) {
	j := &job{id: r.id, key: r.key, run: r, done: make(chan struct{})}
	if err := n.reserve(j); err != nil {
		return Accepted{}, err
	}
	claim := n.tryAcquire()
	admitted, err := r.Engine.admit(ctx, r, req, claim)
	if claim && admitted.Lease == nil {
		n.release()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil || !admitted.Fresh {
		n.drop(j)
		return Accepted{Run: admitted.Run}, err
	}
	n.stats.Accepted++
	j.stored = admitted.Run
	l := n.lanes[r.key]
	waits := l != nil && l.jobs[j.id] == j // else it is over already
	switch lease := admitted.Lease; {
	case lease == nil:
	case waits && lease.Epoch > l.epoch:
		l.lease = lease
	default: // the lane has claimed the session since, and needs neither the lease nor the slot
		n.release()
	}
	if waits {
		j.admitted = true
		n.begin(l)
	}
	return Accepted{Run: admitted.Run, Fresh: true}, nil
}

// reserve makes a place in a session's queue.
func (n *Node) reserve(j *job) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.draining {
		return ErrDraining
	}
	l := n.lane(j.key)
	if len(l.jobs) > n.cfg.Queued { // the first one runs
		return &QueueFullError{Session: j.key, Limit: n.cfg.Queued, RetryAfter: time.Second}
	}
	l.jobs[j.id], n.jobs[j.id] = j, j
	return nil
}

// Wait waits until a run has its outcome, and returns it. store.ErrNotFound: there is no such run, or not any more.
// ErrDraining: this node will not finish it.
func (n *Node) Wait(ctx context.Context, id string) (store.Run, error) {
	n.mu.Lock()
	j := n.jobs[id]
	n.mu.Unlock()
	if j != nil {
		select {
		case <-j.done:
			if j.over.Settlement != nil {
				return j.over, nil
			}
		case <-ctx.Done():
			return store.Run{}, context.Cause(ctx)
		}
	}
	run, err := n.store.RunByID(ctx, id)
	if err != nil || run.Settlement != nil {
		return run, err
	}
	news, leave := n.store.Listen(run.Session)
	defer leave()
	for {
		if run, err = n.store.RunByID(ctx, id); err != nil || run.Settlement != nil {
			return run, err
		}
		select {
		case <-news:
		case <-n.closed:
			return run, ErrDraining
		case <-ctx.Done():
			return run, context.Cause(ctx)
		}
	}
}

// finish notes the outcome of a run and what it has used.
func (n *Node) finish(j *job, stored store.Run, end *store.Settlement, used model.Usage) {
	n.mu.Lock()
	defer n.mu.Unlock()
	j.over = stored
	j.over.Settlement = end
	n.stats.count(end.Outcome, used)
	n.drop(j)
}

// count adds the end of a run.
func (s *NodeStats) count(outcome store.Outcome, used model.Usage) {
	switch outcome {
	case store.Completed:
		s.Completed++
	case store.Failed:
		s.Failed++
	case store.Aborted:
		s.Aborted++
	}
	s.Usage.Add(used)
}

// Stats tells what the node does and has done.
func (n *Node) Stats() NodeStats {
	n.mu.Lock()
	defer n.mu.Unlock()
	stats := n.stats
	stats.Waiting = int(n.short.Load())
	stats.Queued = max(len(n.jobs)-stats.Running, 0)
	return stats
}

// Close ends the node: it accepts and begins nothing more, and finishes what runs. What is not over when ctx ends is
// left as it is, to be carried on by whoever opens the store next.
func (n *Node) Close(ctx context.Context) error {
	n.mu.Lock()
	if n.draining {
		n.mu.Unlock()
		return ErrDraining
	}
	n.draining = true
	close(n.drain)
	n.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		n.working.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	n.stop(ErrDraining)
	<-ended
	n.crew.close()
	close(n.closed)
	return nil
}
