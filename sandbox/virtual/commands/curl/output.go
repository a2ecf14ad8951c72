package curl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// showHead writes an answer's head where it is wanted: -i, -I and -D.
func (t *transfer) showHead(answer *sandbox.Response) *failure {
	if name := t.config.last["dump-header"]; name != "" {
		if name == "-" {
			io.WriteString(t.inv.Stdout, answer.Head)
		} else if f := t.appendTo(name, answer.Head, t.hops == 0); f != nil {
			return f
		}
	}
	if !t.config.on["include"] && !t.config.on["head"] {
		return nil
	}
	if f := t.openOutput(answer, 0); f != nil {
		return f
	}
	if _, err := io.WriteString(t.out, answer.Head); err != nil {
		return &failure{23, "Failure writing output to destination"}
	}
	return nil
}

func (t *transfer) appendTo(name, text string, first bool) *failure {
	flag := vfs.Write | vfs.Create | vfs.Append
	if first {
		flag = vfs.Write | vfs.Create | vfs.Truncate
	}
	f, err := t.inv.OpenFile(t.inv.Path(name), flag, 0o666&^t.inv.Umask)
	if err == nil {
		_, err = io.WriteString(f, text)
		f.Close()
	}
	if err != nil {
		t.warn("Failed to open the file %s: %v", name, err)
		return &failure{23, "Failure writing output to destination"}
	}
	return nil
}

// resumeFrom is where -C begins.
func (t *transfer) resumeFrom() (int64, bool) {
	value, ok := t.config.last["continue-at"]
	if !ok {
		return 0, false
	}
	if value != "-" {
		n, _ := strconv.ParseInt(value, 10, 63)
		return n, true
	}
	name := t.outputName(nil)
	if info, err := t.inv.FS.Stat(t.inv.Path(name)); name != "" && err == nil {
		return info.Size, true
	}
	return 0, true
}

// outputName is the file that the body goes to; "" is standard output.
func (t *transfer) outputName(answer *sandbox.Response) string {
	if !t.named || t.output == "-" {
		return ""
	}
	name := t.output
	if name == "" {
		if u, err := url.Parse(t.url); err == nil {
			if name = path.Base(u.EscapedPath()); strings.HasSuffix(u.Path, "/") || name == "." || name == "/" {
				name = ""
			}
		}
		if answer != nil && t.config.on["remote-header-name"] {
			for _, field := range strings.Split(firstOf(answer.Header["Content-Disposition"]), ";") {
				if v, ok := strings.CutPrefix(strings.TrimSpace(field), "filename="); ok {
					name = path.Base(strings.ReplaceAll(strings.Trim(v, `"`), `\`, "/"))
				}
			}
		}
		if name == "" || name == "." || name == ".." || name == "/" {
			return "/" // no name: it cannot be written to
		}
	}
	for i, p := range t.parts {
		name = strings.ReplaceAll(name, fmt.Sprint("#", i+1), p)
	}
	if dir := t.config.last["output-dir"]; dir != "" && !path.IsAbs(name) {
		name = dir + "/" + name
	}
	return name
}

// openOutput opens what the body goes to, once.
func (t *transfer) openOutput(answer *sandbox.Response, from int64) *failure {
	if t.out != nil {
		return nil
	}
	name := t.outputName(answer)
	if name == "" {
		t.out = t.inv.Stdout
		return nil
	}
	if name == "/" {
		return &failure{23, "Failed writing received data to disk/application"}
	}
	if t.config.on["create-dirs"] {
		t.inv.FS.MkdirAll(path.Dir(t.inv.Path(name)), 0o750)
	}
	flag := vfs.Write | vfs.Create | vfs.Truncate
	if from > 0 {
		flag = vfs.Write | vfs.Create | vfs.Append
	}
	f, err := t.inv.OpenFile(t.inv.Path(name), flag, 0o666&^t.inv.Umask)
	if err != nil {
		t.warn("Failed to open the file %s: %v", name, err)
		return &failure{23, "Failure writing output to destination"}
	}
	t.file, t.out, t.closer = name, f, f
	return nil
}

// takeBody writes the answer's body where it belongs.
func (t *transfer) takeBody(ctx context.Context, answer *sandbox.Response, attempt int) *failure {
	from, resumes := t.resumeFrom()
	if resumes && from > 0 && t.upload == "" && answer.Code == 416 {
		return nil // all of it is there
	}
	if resumes && from > 0 && t.upload == "" && answer.Code == 200 {
		return &failure{33, "HTTP server doesn't seem to support byte ranges. Cannot resume."}
	}
	if attempt > 0 && !resumes {
		from = 0
	}
	if f := t.openOutput(answer, from); f != nil {
		return f
	}
	in := &received{answer.Body, t}
	limit, _ := cli.Size(t.config.last["max-filesize"])
	if limit > 0 && answer.Size > limit {
		return &failure{63, "Maximum file size exceeded"}
	}
	body, f := t.decoded(answer, in)
	if f != nil {
		return f
	}
	if limit > 0 {
		body = io.LimitReader(body, limit+1)
	}
	err := cli.Copy(t.ctx, t.inv.Budget, t.out, body)
	switch {
	case errors.Is(err, cli.ErrStop) && t.inv.Budget.Err() == nil && t.ctx.Err() == nil:
		return &failure{23, "Failure writing output to destination"}
	case err != nil && ctx.Err() != nil || errors.Is(err, cli.ErrStop):
		return t.failure(ctx, err)
	case err != nil && isFetch(err):
		return t.failure(ctx, err)
	case err != nil:
		return &failure{61, "Error while processing content unencoding: " + err.Error()}
	case limit > 0 && t.received > limit:
		return &failure{63, "Exceeded the maximum allowed file size"}
	}
	if when, err := time.Parse(time.RFC1123, firstOf(answer.Header["Last-Modified"])); t.config.on["remote-time"] && t.file != "" && err == nil {
		t.inv.FS.Chtimes(t.inv.Path(t.file), when)
	}
	return nil
}
