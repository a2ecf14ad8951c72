package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
)

// jsonlRequest is one line of `flue sh --jsonl`.
type jsonlRequest struct {
	ID        json.RawMessage        `json:"id"`
	Script    string                 `json:"script"`
	Cwd       string                 `json:"cwd"`
	Env       map[string]string      `json:"env"`
	Files     map[string]string      `json:"files"` // path → content
	Links     map[string]string      `json:"links"` // path → target
	Dirs      []string               `json:"dirs"`
	Modes     map[string]fs.FileMode `json:"modes"`
	Stdin     string                 `json:"stdin"`
	TimeoutMS int64                  `json:"timeout_ms"`
}

// serveJSONL answers requests, in order, until the input ends.
func serveJSONL(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			if _, err := out.Write(answerJSONL(ctx, line)); err != nil {
				return fmt.Errorf("write a reply: %w", err)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a request: %w", err)
		}
	}
}

// answerJSONL runs one request in a sandbox of its own. What is wrong with a request is a reply with status 2.
func answerJSONL(ctx context.Context, line []byte) []byte {
	var req jsonlRequest
	if err := json.Unmarshal(bytesIn(line), &req); err != nil {
		return jsonlReply(req.ID, "", "flue: not a request: "+err.Error()+"\n", exitUsage)
	}
	result, err := req.run(ctx)
	if err != nil {
		return jsonlReply(req.ID, "", "flue: "+err.Error()+"\n", exitUsage)
	}
	return jsonlReply(req.ID, result.Stdout, result.Stderr, result.ExitCode)
}

func (req *jsonlRequest) run(ctx context.Context) (sandbox.ExecResult, error) {
	env := map[string]string{}
	for name, value := range req.Env {
		env[name] = rawBytes(value)
	}
	box, err := virtual.New(virtual.Config{Dir: rawBytes(req.Cwd), Env: env, Databases: sqlitedb.Engine{}})
	if err != nil {
		return sandbox.ExecResult{}, err
	}
	defer box.Close()
	if err := req.lay(box); err != nil {
		return sandbox.ExecResult{}, err
	}
	return box.Exec(ctx, sandbox.Exec{Script: rawBytes(req.Script), Stdin: strings.NewReader(rawBytes(req.Stdin)),
		Timeout: time.Duration(req.TimeoutMS) * time.Millisecond})
}

// lay puts the request's files into the sandbox.
func (req *jsonlRequest) lay(box *virtual.Sandbox) error {
	files := box.Files()
	for _, name := range req.Dirs {
		if err := files.MkdirAll(rawBytes(name), 0o755); err != nil {
			return fmt.Errorf("make directory %s: %w", name, err)
		}
	}
	for name, text := range req.Files {
		name = rawBytes(name)
		if err := files.MkdirAll(path.Dir(name), 0o755); err != nil {
			return fmt.Errorf("make directory %s: %w", path.Dir(name), err)
		}
		if info, err := files.Stat(name); err == nil && !info.Mode.IsRegular() {
			continue // a device of the sandbox stays what it is
		}
		if err := files.WriteFile(name, []byte(rawBytes(text)), 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	for name, target := range req.Links {
		if err := files.MkdirAll(path.Dir(name), 0o755); err != nil {
			return fmt.Errorf("make directory %s: %w", path.Dir(name), err)
		}
		if err := files.Symlink(rawBytes(target), rawBytes(name)); err != nil {
			return fmt.Errorf("link %s: %w", name, err)
		}
	}
	for name, mode := range req.Modes {
		if err := files.Chmod(rawBytes(name), mode); err != nil {
			return fmt.Errorf("chmod %s: %w", name, err)
		}
	}
	return nil
}

// jsonlReply is one line of output.
func jsonlReply(id json.RawMessage, stdout, stderr string, code int) []byte {
	if id == nil {
		id = json.RawMessage("null")
	}
	b := append([]byte(`{"id":`), id...)
	b = append(b, `,"stdout":`...)
	b = appendJSON(b, stdout)
	b = append(b, `,"stderr":`...)
	b = appendJSON(b, stderr)
	return fmt.Appendf(b, ",\"code\":%d}\n", code)
}

// Bytes that are not UTF-8 travel as the escapes \udc80 to \udcff (Python's surrogateescape), which encoding/json would
// replace. On the way in they are held as the private characters below until the strings are decoded.
const heldBytes = 0x10ff00

// bytesIn rewrites the escapes of single bytes in a line of JSON.
func bytesIn(line []byte) []byte {
	if !strings.Contains(string(line), `\udc`) && !strings.Contains(string(line), `\uDC`) {
		return line
	}
	var out []byte
	for i := 0; i < len(line); {
		if line[i] != '\\' || i+1 >= len(line) {
			out = append(out, line[i])
			i++
			continue
		}
		if line[i+1] != 'u' || i+6 > len(line) {
			out = append(out, line[i], line[i+1])
			i += 2
			continue
		}
		unit := strings.ToLower(string(line[i+2 : i+6]))
		switch {
		case unit >= "dc80" && unit <= "dcff":
			var value rune
			fmt.Sscanf(unit, "%x", &value)
			out = utf8.AppendRune(out, heldBytes+value-0xdc00)
			i += 6
		case unit >= "d800" && unit <= "dbff" && i+12 <= len(line): // the first half of a pair
			out = append(out, line[i:i+12]...)
			i += 12
		default:
			out = append(out, line[i:i+6]...)
			i += 6
		}
	}
	return out
}

// rawBytes turns held bytes of a decoded string into themselves.
func rawBytes(s string) string {
	var b []byte
	for i, r := range s {
		if r >= heldBytes+0x80 && r <= heldBytes+0xff {
			if b == nil {
				b = append(make([]byte, 0, len(s)), s[:i]...)
			}
			b = append(b, byte(r-heldBytes))
		} else if b != nil {
			b = utf8.AppendRune(b, r)
		}
	}
	if b == nil {
		return s
	}
	return string(b)
}

// appendJSON appends s as a JSON string, bytes that are not UTF-8 as their escapes.
func appendJSON(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, `\udc`...)
			b = append(b, hex[s[i]>>4], hex[s[i]&15])
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20 || r == 0x2028 || r == 0x2029:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = append(b, s[i:i+size]...)
		}
		i += size
	}
	return append(b, '"')
}
