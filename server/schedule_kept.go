package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// keptSchedule is what a store remembers of a schedule.
type keptSchedule struct {
	Slot time.Time `json:"slot"`          // up to here all slots are dealt with, or are older than the schedule
	New  bool      `json:"new,omitempty"` // no slot was dealt with yet: another server may still be at one before Slot
	Run  string    `json:"run,omitempty"` // the last that was started, or was found at work
}

// scheduleID names a schedule by what it says, so that the order of an agent's list does not matter, and a changed
// schedule is a new one.
func scheduleID(agent string, c spec.Cron) string {
	said, err := json.Marshal([]any{c.Schedule, c.Timezone, c.Session, c.Payload})
	if err != nil { // a payload in YAML that is no JSON, such as one with .inf
		said = fmt.Appendf(nil, "%q", []any{c.Schedule, c.Timezone, c.Session, c.Payload})
	}
	sum := sha256.Sum256(said)
	return agent + "/" + hex.EncodeToString(sum[:8])
}

func (c *scheduler) kept(ctx context.Context, e *entry) (kept keptSchedule, known bool, err error) {
	data, err := c.store.Value(ctx, "schedule/"+e.id)
	if errors.Is(err, store.ErrNotFound) {
		return kept, false, nil
	}
	if err != nil {
		return kept, false, err
	}
	return kept, true, json.Unmarshal(data, &kept)
}

func (c *scheduler) keep(ctx context.Context, e *entry, kept keptSchedule) error {
	data, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return c.store.SetValue(ctx, "schedule/"+e.id, data)
}
