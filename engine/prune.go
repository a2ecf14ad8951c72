package engine

import (
	"context"
	"time"
)

// pruneEvery is how often a node prunes its store.
const pruneEvery = time.Hour

// Prune deletes the sessions in which nothing has happened for as long as the project keeps them (`store: {keep: 30d}`).
// Without that it does nothing.
func (e *Engine) Prune(ctx context.Context) error {
	keep := time.Duration(e.cfg.Project.Settings.Store.Keep)
	if keep == 0 {
		return nil
	}
	_, err := e.cfg.Store.DeleteIdle(ctx, e.cfg.Now().Add(-keep))
	return err
}
