package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/flue-run/flue/store"
)

// storeHealth opens the store, if it is there.
func (w *wiring) storeHealth(ctx context.Context, name string) finding {
	f := finding{Check: "store", Status: healthy}
	file, err := w.storeFile(name)
	switch {
	case err != nil:
		return finding{Check: "store", Status: broken, Text: err.Error()}
	case file == "memory":
		f.Text = "memory"
		return f
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		f.Text = file + ", which the first run makes"
		return f
	}
	st, err := w.store(ctx, name)
	if err != nil {
		return finding{Check: "store", Status: broken, Text: err.Error()}
	}
	defer st.Close()
	sessions, err := st.Sessions(ctx, store.SessionQuery{})
	if err == nil {
		err = writable(file)
	}
	if err != nil {
		return finding{Check: "store", Status: broken, Text: fmt.Sprintf("use %s: %v", file, err)}
	}
	f.Text = fmt.Sprintf("%s, format %d, %s, %s", file, store.FormatVersion, count(len(sessions), "session"), size(file))
	return f
}

// writable says why a file cannot be written to. It opens it, and changes nothing.
func writable(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// size is how much a store takes up on the disk, with what is not yet in its main file.
func size(file string) string {
	var bytes int64
	for _, part := range []string{file, file + "-wal"} {
		if i, err := os.Stat(part); err == nil {
			bytes += i.Size()
		}
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}

// written is when the store was last written to; zero: there is none yet.
func (w *wiring) written(name string) time.Time {
	file, err := w.storeFile(name)
	if err != nil || file == "memory" {
		return time.Time{}
	}
	i, err := os.Stat(file)
	if err != nil {
		return time.Time{}
	}
	return i.ModTime()
}

// firstDay is before every release of flue.
var firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// clock says what time it is: with a wrong one no certificate is valid, and schedules and ids are out of order. written is
// when the store was last written to; zero: there is none.
func clock(now, written time.Time) finding {
	f := finding{Check: "clock", Status: healthy, Text: now.UTC().Format(time.RFC3339)}
	if now.Before(firstDay) {
		f.Status, f.Text = broken, f.Text+" cannot be: it is before this flue was made; set the clock"
	} else if ahead := written.Sub(now); ahead > time.Minute {
		f.Status, f.Text = mind, fmt.Sprintf("%s, and the store was written to %s later: the clock has been set back, or was wrong", f.Text, ahead.Round(time.Second))
	}
	return f
}

// Below enough, a run may fail for want of space; below least, it will.
const (
	enoughSpace = 1 << 30
	leastSpace  = 64 << 20
)

// space says how much room there is where the store is.
func (w *wiring) space(name string) finding {
	file, err := w.storeFile(name)
	if err != nil || file == "memory" {
		return finding{}
	}
	dir := filepath.Dir(file)
	for _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir); _, err = os.Stat(dir) {
		dir = filepath.Dir(dir)
	}
	free, err := freeSpace(dir)
	if err != nil {
		return finding{Check: "disk", Status: mind, Text: fmt.Sprintf("the free space of %s is not known: %v", dir, err)}
	}
	f := finding{Check: "disk", Status: healthy, Text: fmt.Sprintf("%.1f GiB free in %s", float64(free)/(1<<30), dir)}
	switch {
	case free < leastSpace:
		f.Status = broken
	case free < enoughSpace:
		f.Status = mind
	}
	return f
}
