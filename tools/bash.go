package tools

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/sandbox"
)

//go:embed bash.md
var bashText string

var bashParameters = compact(`{
  "type": "object",
  "required": ["command"],
  "additionalProperties": false,
  "properties": {
    "command": {"type": "string", "minLength": 1, "description": "The script to run."},
    "timeout": {"type": "integer", "minimum": 1, "maximum": 3600, "description": "Seconds after which it is stopped. Default 120."}
  }
}`)

const bashTimeout = 120 * time.Second

// Bash makes the tool that runs a script in the sandbox.
func Bash(env Env) Tool {
	type arguments struct {
		Command string
		Timeout int // seconds
	}
	run := env.scripts()
	return define("bash", bashText, bashParameters, func(ctx context.Context, a arguments) (Result, error) {
		timeout := bashTimeout
		if a.Timeout > 0 {
			timeout = time.Duration(a.Timeout) * time.Second
		}
		text, _, err := run(ctx, a.Command, timeout)
		return Result{Text: text}, err // a script's exit status is often its answer, so it is no error
	})
}

// scripts is how a tool runs scripts in the sandbox, each with what the step is granted: it returns the output, with the
// exit status behind it if that is not 0, which is failed then.
func (env Env) scripts() func(ctx context.Context, script string, timeout time.Duration) (text string, failed bool, err error) {
	kept := &keeper{files: env.Sandbox.FS()}
	return func(ctx context.Context, script string, timeout time.Duration) (text string, failed bool, err error) {
		e := sandbox.Exec{Script: script, Timeout: timeout}
		if env.Grants != nil {
			e.Grants = env.Grants()
		}
		var mu sync.Mutex
		var output bytes.Buffer
		e.Output = func(stream sandbox.Stream, data []byte) {
			mu.Lock()
			defer mu.Unlock()
			output.Write(data)
			if env.OnOutput != nil {
				env.OnOutput(ctx, stream, data)
			}
		}
		result, err := env.Sandbox.Exec(ctx, e)
		if err != nil {
			return "", false, fmt.Errorf("running a script in the sandbox: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		if text, err = kept.shorten(ctx, valid(output.String()), env.limit()); err != nil {
			return "", false, err
		}
		return text + ending(result, timeout, text), result.ExitCode != 0 || result.Limit != "", nil
	}
}

// ending is what follows the output of a script: nothing for one that succeeded and wrote something.
func ending(r sandbox.ExecResult, timeout time.Duration, output string) string {
	var b strings.Builder
	if output != "" && !strings.HasSuffix(output, "\n") {
		b.WriteString("\n")
	}
	switch {
	case r.Limit == "timeout":
		fmt.Fprintf(&b, "stopped after %s: pass a longer timeout, or do less at once\n", timeout)
	case r.Limit != "":
		fmt.Fprintf(&b, "stopped by the limit on %s\n", r.Limit)
	}
	switch {
	case r.ExitCode != 0:
		fmt.Fprintf(&b, "exit status %d\n", r.ExitCode)
	case output == "":
		b.WriteString("(no output)\n")
	}
	return b.String()
}

// keeper stores outputs that are too long to show, in the sandbox, where read can open them.
type keeper struct {
	files sandbox.FS
	mu    sync.Mutex
	last  int
}

// shorten cuts the head of an output off that is too long, and says where all of it is.
func (k *keeper) shorten(ctx context.Context, text string, limit int) (string, error) {
	end, lines, size := tail(text, limit)
	if size == 0 {
		return text, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var name string
	for {
		k.last++
		name = fmt.Sprintf("/tmp/flue/output-%d.txt", k.last)
		if _, err := k.files.Stat(ctx, name); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", fmt.Errorf("keeping the output of a script: %w", err)
		}
	}
	note := fmt.Sprintf("[the first %s (%s) are left out; all of it is in %s]\n", count(lines, "line"), bytesText(int64(size)), name)
	if end == "" {
		note = fmt.Sprintf("[the last line alone is too long to show (%s); all of it is in %s: cut it with bash]\n", bytesText(int64(size)), name)
	}
	if err := k.files.Write(ctx, name, []byte(text)); err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("keeping the output of a script: %w", err)
		}
		note = fmt.Sprintf("[the first %s (%s) are left out and could not be kept: %v]\n", count(lines, "line"), bytesText(int64(size)), err)
	}
	return note + end, nil
}
