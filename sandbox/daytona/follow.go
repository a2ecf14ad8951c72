package daytona

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// follow reads a script's log as it grows, until the script has ended. A connection that breaks or stands still is made
// again; where there can be none, the log is asked for again and again.
func (p *process) follow(ctx context.Context, log *output) error {
	read := &skipping{to: log}
	pause, failures := p.s.cfg.Pause, 0
	for {
		had := read.total
		err := p.stream(ctx, read)
		if err != nil && ctx.Err() == nil && !log.ended() {
			err = p.poll(ctx, read)
		}
		if log.ended() || ctx.Err() != nil {
			return nil
		}
		if read.total > had {
			pause, failures = p.s.cfg.Pause, 0
		} else if failures++; err != nil && failures == tries {
			return err
		}
		over, err := p.over(ctx)
		if err != nil && !p.s.passing(err) {
			return err
		}
		if over {
			// The end may have been written since.
			if err := p.poll(ctx, read); err != nil || log.ended() {
				return err
			}
			return errors.New("the script was ended from outside: its last output did not come")
		}
		if err := sleep(ctx, pause); err != nil {
			return nil
		}
		pause = min(2*pause, 10*p.s.cfg.Pause)
	}
}

func (s *Sandbox) passing(err error) bool {
	_, ok := retryable(err, false)
	return ok
}

// skipping passes a log on of which a part has been read before.
type skipping struct {
	to    io.Writer
	total int // bytes that have been passed on
	skip  int // that come again
}

func (s *skipping) begin() { s.skip = s.total }

func (s *skipping) Write(data []byte) (int, error) {
	again := min(s.skip, len(data))
	s.skip -= again
	if _, err := s.to.Write(data[again:]); err != nil {
		return 0, err
	}
	s.total += len(data) - again
	return len(data), nil
}

const (
	pingEvery   = 20 * time.Second
	largestPart = 16 << 20 // of a log, in one message
)

// stream reads the log over a connection that passes on what is written to it. No error: the service has ended it, as it
// does when the script is over.
func (p *process) stream(ctx context.Context, log *skipping) error {
	dial, cancel := context.WithTimeout(ctx, p.s.cfg.Request)
	defer cancel()
	address := "ws" + strings.TrimPrefix(p.url("command", p.command, "logs"), "http") + "?follow=true"
	conn, response, err := websocket.Dial(dial, address, &websocket.DialOptions{HTTPClient: p.s.client.http, HTTPHeader: p.s.client.header()})
	if err != nil {
		if response != nil && response.StatusCode >= 400 {
			return p.s.client.refusal(response)
		}
		return fmt.Errorf("follow the script's output: %w", err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(largestPart)
	log.begin()

	reading, stop := context.WithCancelCause(ctx)
	pinged := make(chan struct{})
	go func() {
		defer close(pinged)
		for sleep(reading, pingEvery) == nil {
			pong, cancel := context.WithTimeout(reading, p.s.cfg.Request)
			if err := conn.Ping(pong); err != nil {
				stop(fmt.Errorf("the connection to Daytona stands still: %w", err))
			}
			cancel()
		}
	}()
	defer func() { stop(nil); <-pinged }()
	for {
		_, data, err := conn.Read(reading)
		if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
			return nil
		}
		if err != nil {
			return fmt.Errorf("follow the script's output: %w", err)
		}
		if _, err := log.Write(data); err != nil {
			return err
		}
		if log.to.(*output).ended() {
			return nil
		}
	}
}

// poll reads the log as it is now.
func (p *process) poll(ctx context.Context, log *skipping) error {
	var text []byte
	if err := p.s.client.json(ctx, request{method: http.MethodGet, url: p.url("command", p.command, "logs")}, nil, &text); err != nil {
		return err
	}
	log.begin()
	_, err := log.Write(text)
	return err
}

// over asks whether the script has ended.
func (p *process) over(ctx context.Context) (bool, error) {
	var command struct {
		ExitCode *int `json:"exitCode"`
	}
	err := p.s.client.json(ctx, request{method: http.MethodGet, url: p.url("command", p.command)}, nil, &command)
	return command.ExitCode != nil, err
}
