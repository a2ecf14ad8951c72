package limits

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestStrike(t *testing.T) {
	for _, test := range []struct {
		limits Limits
		spend  func(*Budget) error // each call takes 40
		text   string
		status int
	}{
		{Limits{Commands: 100}, func(b *Budget) (err error) {
			for range 40 {
				err = b.Command()
			}
			return err
		}, "flue: limit commands (100) exceeded", 126},
		{Limits{Work: 100}, func(b *Budget) error { return b.Work(40) }, "flue: limit work (100) exceeded", 126},
		{Limits{Output: 100}, func(b *Budget) error { return b.Output(40) }, "flue: limit output (100 B) exceeded", 126},
		{Limits{LiveBytes: 100}, func(b *Budget) error { return b.Hold(40) }, "flue: limit live-bytes (100 B) exceeded", 126},
		{Limits{Descriptors: 2}, (*Budget).Open, "flue: limit descriptors (2) exceeded", 126},
		{Limits{Jobs: 2}, (*Budget).StartJob, "flue: limit jobs (2) exceeded", 126},
	} {
		b := New(t.Context(), test.limits)
		for range 2 {
			if err := test.spend(b); err != nil {
				t.Errorf("%s: too early: %v", test.text, err)
			}
		}
		err := test.spend(b)
		if err == nil || err.Error() != test.text || b.Exceeded() == nil || b.Exceeded().Status() != test.status {
			t.Errorf("%v, want %s", err, test.text)
		}
		if again := b.Command(); again != err {
			t.Errorf("%s: afterwards: %v", test.text, again)
		}
		if <-b.Context().Done(); !errors.Is(context.Cause(b.Context()), err) {
			t.Errorf("%s: the context's cause is %v", test.text, context.Cause(b.Context()))
		}
		b.End()
	}
}

func TestGivenBack(t *testing.T) {
	b := New(t.Context(), Limits{LiveBytes: 100, Descriptors: 1, Jobs: 1, Depth: 3})
	defer b.End()
	for range 5 {
		if err := errors.Join(b.Hold(100), b.Open(), b.StartJob(), b.Enter(3)); err != nil || b.Held() != 100 {
			t.Fatal(err)
		}
		b.Release(100)
		b.Close()
		b.EndJob()
	}
	if err := b.Enter(4); err == nil || err.Error() != "flue: limit depth (3) exceeded" {
		t.Error(err)
	}
}

func TestEnds(t *testing.T) {
	b := New(t.Context(), Limits{Timeout: time.Millisecond})
	<-b.Context().Done()
	if x := b.Exceeded(); x == nil || x.Status() != 124 || x.Error() != "flue: limit timeout (1ms) exceeded" {
		t.Errorf("%v", x)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	b = New(ctx, Limits{})
	why := errors.New("why")
	stop(why)
	<-b.Context().Done()
	if err := context.Cause(b.Context()); err != why || b.Exceeded() != nil {
		t.Error(err)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1000: "1000 B", 1 << 10: "1 KiB", 1 << 20: "1 MiB", 3 << 30: "3 GiB", 1<<20 + 1: "1048577 B"} {
		if got := Size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
