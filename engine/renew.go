package engine

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// claimAgain is how often the session of an agent step's run is claimed that another process has.
const claimAgain = time.Second

// renewLater has the lease kept once it is time for that: most runs are over before. wait waits until it is not kept any
// more, after ctx has ended.
func (r *run) renewLater(ctx context.Context, stop context.CancelCauseFunc) (wait func()) {
	var renewing sync.WaitGroup
	renewing.Add(1)
	first := time.AfterFunc(abortCheck, func() {
		defer renewing.Done()
		r.renew(ctx, stop)
	})
	return func() {
		if first.Stop() {
			renewing.Done()
		}
		renewing.Wait()
	}
}

// renew keeps the lease until ctx ends. Losing it ends the run, and so does the wish to abort it.
func (r *run) renew(ctx context.Context, stop context.CancelCauseFunc) {
	lease, abort := time.NewTicker(leaseTime/3), time.NewTicker(abortCheck)
	defer lease.Stop()
	defer abort.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-abort.C:
			stored, err := r.cfg.Store.RunByID(ctx, r.id)
			switch {
			case err != nil && ctx.Err() == nil:
				stop(fmt.Errorf("look whether the run is to be aborted: %w", err))
				return
			case stored.AbortRequested:
				stop(errAborted())
				return
			}
		case <-lease.C:
			if err := r.cfg.Store.Renew(ctx, r.journal.lease, leaseTime); err != nil && ctx.Err() == nil {
				stop(fmt.Errorf("renew the lease of session %s: %w", r.key, err))
				return
			}
		}
	}
}
