package diff

import (
	"bytes"
	"context"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// Change replaces the lines FromA to ToA of one text by the lines FromB to ToB of another, counted from 0, ends excluded.
type Change struct{ FromA, ToA, FromB, ToB int }

// Changes compares two texts by lines: what git and merges need of this package. It fails only where inv's budget ends.
func Changes(ctx context.Context, inv *shell.Invocation, a, b []byte) ([]Change, error) {
	d := &differ{ctx: ctx, inv: inv}
	old, now := &file{data: a}, &file{data: b}
	size := 64 * (bytes.Count(a, []byte{'\n'}) + bytes.Count(b, []byte{'\n'}) + 2)
	if err := inv.Budget.Hold(size); err != nil {
		return nil, err
	}
	defer inv.Budget.Release(size)
	d.split(old)
	d.split(now)
	found, err := d.changes(old, now)
	if err != nil {
		return nil, err
	}
	list := make([]Change, len(found))
	for i, c := range found {
		list[i] = Change{c.fromA, c.toA, c.fromB, c.toB}
	}
	return list, nil
}
