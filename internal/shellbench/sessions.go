//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
)

// sessions measures what many sessions in one process cost, and prints a table.
func sessions(wanted *regexp.Regexp) error {
	fmt.Println("| sessions | limit | measured |")
	fmt.Println("|---|---|---|")
	for _, m := range []struct {
		name, limit string
		measure     func() (string, error)
	}{
		{"`echo hi`, warm", "15 µs, 60 allocations", echo},
		{"an idle session with 20 files of 1 KB", "30 KB", idle},
		{"descriptors of the process while 1,000 sessions run `sleep 1 | cat | cat`", "50", descriptors},
		{"five-stage scripts a second", "1,500", fiveStages},
		{"latency of `echo hi | cat` while another session computes, over alone", "2", latency},
	} {
		if !wanted.MatchString(m.name) {
			continue
		}
		measured, err := m.measure()
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Printf("| %s | %s | %s |\n", strings.ReplaceAll(m.name, "|", `\|`), m.limit, measured)
	}
	return nil
}

// execute runs a script that must succeed.
func execute(box *virtual.Sandbox, script string) error {
	r, err := box.Exec(context.Background(), sandbox.Exec{Script: script})
	if err == nil && r.ExitCode != 0 {
		err = fmt.Errorf("status %d: %s", r.ExitCode, r.Stderr)
	}
	return err
}

func echo() (string, error) {
	box, err := virtual.New(virtual.Config{})
	if err != nil {
		return "", err
	}
	defer box.Close()
	const rounds = 20_000
	took := make([]time.Duration, rounds)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range took {
		start := time.Now()
		if err := execute(box, "echo hi"); err != nil {
			return "", err
		}
		took[i] = time.Since(start)
	}
	runtime.ReadMemStats(&after)
	return fmt.Sprintf("%.1f µs, %d allocations", median(took).Seconds()*1e6, (after.Mallocs-before.Mallocs)/rounds), nil
}

func idle() (string, error) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	boxes := make([]*virtual.Sandbox, 1000)
	before := heap()
	for i := range boxes {
		var err error
		if boxes[i], err = virtual.New(virtual.Config{}); err != nil {
			return "", err
		}
		for file := range 20 {
			text := strings.Repeat(fmt.Sprintf("%d %d\n", i, file), 300)[:1024]
			if err := boxes[i].FS().Write(context.Background(), fmt.Sprintf("file%d", file), []byte(text)); err != nil {
				return "", err
			}
		}
		if err := execute(boxes[i], "cat file1 | wc -c"); err != nil {
			return "", err
		}
	}
	size := float64(heap()-before) / float64(len(boxes)) / 1024
	for _, b := range boxes {
		b.Close()
	}
	return fmt.Sprintf("%.1f KB", size), nil
}

func descriptors() (string, error) {
	var wait sync.WaitGroup
	var failed atomic.Pointer[error]
	for range 1000 {
		box, err := virtual.New(virtual.Config{})
		if err != nil {
			return "", err
		}
		wait.Go(func() {
			defer box.Close()
			if err := execute(box, "sleep 1 | cat | cat"); err != nil {
				failed.Store(&err)
			}
		})
	}
	time.Sleep(500 * time.Millisecond)
	open, err := os.ReadDir("/proc/self/fd")
	goroutines := runtime.NumGoroutine()
	wait.Wait()
	if p := failed.Load(); p != nil {
		err = *p
	}
	return fmt.Sprintf("%d, and %d goroutines", len(open), goroutines), err
}

// fiveStages runs a pipeline of five in as many sessions as the machine has cores, for two seconds.
func fiveStages() (string, error) {
	const script = `printf '%s\n' pear apple fig apple pear kiwi apple | sort | uniq -c | sort -rn | head -n 2`
	var wait sync.WaitGroup
	var done atomic.Int64
	var failed atomic.Pointer[error]
	start := time.Now()
	for range runtime.GOMAXPROCS(0) {
		box, err := virtual.New(virtual.Config{})
		if err != nil {
			return "", err
		}
		wait.Go(func() {
			defer box.Close()
			for time.Since(start) < 2*time.Second {
				if err := execute(box, script); err != nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	wait.Wait()
	if p := failed.Load(); p != nil {
		return "", *p
	}
	return fmt.Sprintf("%.0f on %d cores", float64(done.Load())/time.Since(start).Seconds(), runtime.GOMAXPROCS(0)), nil
}

func latency() (string, error) {
	box, err := virtual.New(virtual.Config{})
	if err != nil {
		return "", err
	}
	defer box.Close()
	usual := func() (time.Duration, error) {
		took := make([]time.Duration, 2000)
		for i := range took {
			start := time.Now()
			if err := execute(box, "echo hi | cat"); err != nil {
				return 0, err
			}
			took[i] = time.Since(start)
		}
		return median(took), nil
	}
	alone, err := usual()
	if err != nil {
		return "", err
	}
	other, err := virtual.New(virtual.Config{})
	if err != nil {
		return "", err
	}
	defer other.Close()
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() {
		for ctx.Err() == nil {
			other.Exec(ctx, sandbox.Exec{Script: "while :; do x=$((x+1)); done"}) // ends at its limit, or with ctx
		}
	})
	beside, err := usual()
	cancel()
	wait.Wait()
	return fmt.Sprintf("%.2f (%.0f µs and %.0f µs)", beside.Seconds()/alone.Seconds(), alone.Seconds()*1e6, beside.Seconds()*1e6), err
}
