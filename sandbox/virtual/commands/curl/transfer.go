package curl

import (
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// failure is what curl ends with: an exit status and its words.
type failure struct {
	code int
	text string
}

// transfer is one URL of the command line.
type transfer struct {
	*group
	url    string
	parts  []string // what sets and ranges of the URL are, for #1 in the output's name
	output string
	named  bool // it goes to a file: output, or the URL's last part
	upload string
	number int

	method   string
	referer  string
	hops     int
	began    time.Time
	before   time.Duration // until the last redirect was followed
	answer   *sandbox.Response
	fields   int // of the last answer
	current  *url.URL
	redirect string // where the answer points
	received int64
	sent     int64
	head     int // bytes of all heads
	asked    int // bytes of all requests
	file     string
	out      io.Writer
	closer   io.Closer
	failed   *failure
}

var transient = []int{408, 429, 500, 502, 503, 504}

// run carries the transfer out, with its attempts, and returns the exit status.
func (t *transfer) run() int {
	c := t.config
	retries, wait := c.number("retry", 0), time.Second
	first := t.inv.Now()
	for attempt := 0; ; attempt++ {
		t.began = t.inv.Now()
		t.failed = t.attempt(attempt)
		if t.closer != nil {
			t.closer.Close()
			t.closer, t.out = nil, nil
		}
		code := 0
		if t.answer != nil {
			code = t.answer.Code
		}
		again := t.failed != nil && (t.failed.code == 28 || t.failed.code == 7 && c.on["retry-connrefused"] || c.on["retry-all-errors"]) || slices.Contains(transient, code)
		limit := c.seconds("retry-max-time")
		if !again || attempt >= retries || t.ctx.Err() != nil || t.inv.Budget.Err() != nil || limit > 0 && t.inv.Now().Sub(first) >= limit {
			break
		}
		delay := wait
		if fixed := c.seconds("retry-delay"); fixed > 0 {
			delay = fixed
		}
		if t.answer != nil {
			if after, err := strconv.Atoi(firstOf(t.answer.Header["Retry-After"])); err == nil && after > 0 {
				delay = time.Duration(min(after, 3600)) * time.Second
			}
		}
		what := "HTTP error"
		if t.failed != nil && t.failed.code != 22 {
			what = map[int]string{28: "timeout", 7: "connection refused"}[t.failed.code]
			if what == "" {
				what = "(retrying all errors)"
			}
		}
		t.warn("Problem: %s. Will retry in %d seconds. %d retries left.", what, int(delay.Seconds()), retries-attempt)
		if !t.pause(delay) {
			break
		}
		wait = min(2*wait, 10*time.Minute)
	}
	status := 0
	if t.failed != nil {
		status = t.failed.code
		if t.failed.text != "" && (!c.on["silent"] || c.on["show-error"]) {
			fmt.Fprintf(t.stderrs(), "curl: (%d) %s\n", status, t.failed.text)
		}
		if c.on["remove-on-error"] && t.file != "" {
			t.inv.FS.Remove(t.inv.Path(t.file))
		}
	}
	if format, ok := c.last["write-out"]; ok {
		t.writeOut(format, status)
	}
	return status
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func (t *transfer) warn(format string, args ...any) {
	if !t.config.on["silent"] {
		fmt.Fprintf(t.stderrs(), "Warning: "+format+"\n", args...)
	}
}

// pause waits, unless the command is ended.
func (t *transfer) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.ctx.Done():
		return false
	}
}

// attempt sends the request and follows where the answers lead.
func (t *transfer) attempt(attempt int) *failure {
	t.hops, t.received, t.sent, t.head, t.asked, t.answer, t.redirect = 0, 0, 0, 0, 0, nil, ""
	if t.url == "" {
		return &failure{3, "URL using bad/illegal format or missing URL"}
	}
	if t.inv.Fetch == nil {
		return &failure{6, fmt.Sprintf("Could not resolve host: %s (%s)", hostOf(t.url), cli.NoNetwork)}
	}
	u, f := t.address(t.url)
	if f != nil {
		return f
	}
	if t.upload != "" && strings.HasSuffix(u.Path, "/") && t.upload != "-" && t.upload != "." {
		u = u.JoinPath(url.PathEscape(path.Base(t.upload)))
	}
	b, err := t.bodyOf()
	if err != nil {
		var usage *usageError
		if errors.As(err, &usage) {
			if usage.text != "" {
				t.inv.Errorf("%s\ncurl: try 'curl --help' or 'curl --manual' for more information", usage.text)
			}
			return &failure{26, errOpen.Error()}
		}
		return &failure{26, err.Error()}
	}
	t.method = t.firstMethod(b)
	t.referer, _ = strings.CutSuffix(t.config.last["referer"], ";auto")
	ctx := t.ctx
	if limit := t.config.seconds("max-time"); limit > 0 {
		limited, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		ctx = limited
	}
	first := u
	for {
		t.current = u
		next, f := t.one(ctx, u, b, sameHost(u, first), attempt)
		if f != nil || next == nil {
			return f
		}
		if limit := t.config.number("max-redirs", 50); limit >= 0 && t.hops >= limit {
			return &failure{47, fmt.Sprintf("Maximum (%d) redirects followed", limit)}
		}
		t.hops++
		if t.inv.Budget.Command() != nil {
			return &failure{28, ""}
		}
		if strings.HasSuffix(t.config.last["referer"], ";auto") {
			t.referer = u.String()
		}
		if next.Scheme != "http" && next.Scheme != "https" || !t.permits(next.Scheme) {
			return &failure{1, "The redirect target URL could not be parsed: Unsupported URL scheme"}
		}
		if t.changesMethod() {
			t.method, b = "GET", nil
		}
		t.before = t.inv.Now().Sub(t.began)
		u = next
	}
}

func sameHost(a, b *url.URL) bool { return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) }

// changesMethod says whether a redirect makes a POST a GET.
func (t *transfer) changesMethod() bool {
	switch t.answer.Code {
	case 301, 302:
		return t.method == "POST" && !t.config.on[fmt.Sprint("post", t.answer.Code)]
	case 303:
		return t.method != "HEAD" && !(t.method == "POST" && t.config.on["post303"])
	}
	return false
}

// one sends one request and takes its answer. It returns the URL to follow, or nil when this was the last.
func (t *transfer) one(ctx context.Context, u *url.URL, b *body, own bool, attempt int) (*url.URL, *failure) {
	r := t.request(u, b, own)
	if b != nil {
		in, err := b.open()
		if err != nil {
			return nil, &failure{26, errOpen.Error()}
		}
		defer in.Close()
		r.Body = &counted{in, t}
	}
	answer, err := t.inv.Fetch(ctx, r)
	if err != nil {
		return nil, t.failure(ctx, err)
	}
	defer answer.Body.Close()
	t.answer, t.redirect = answer, ""
	t.head += len(answer.Head)
	t.asked += answer.Sent
	t.fields = max(strings.Count(answer.Head, "\n")-2, 0)
	t.jar.set(u, answer.Header["Set-Cookie"], t.inv.Now())
	if f := t.showHead(answer); f != nil {
		return nil, f
	}
	var next *url.URL
	if where := firstOf(answer.Header["Location"]); where != "" && answer.Code/100 == 3 {
		if to, err := u.Parse(escapeBytes(where, " <>\"`{}|^")); err == nil {
			to.Fragment, to.RawFragment = "", ""
			if to.Path == "" && to.Opaque == "" {
				to.Path = "/"
			}
			removeDots(to)
			t.redirect, next = to.String(), to
		}
	}
	if next != nil && t.config.on["location"] {
		if next.User != nil {
			return nil, &failure{3, "the redirect holds credentials, which the sandbox's network does not take"}
		}
		return next, nil
	}
	if answer.Code >= 400 && t.config.on["fail"] {
		return nil, &failure{22, fmt.Sprintf("The requested URL returned error: %d", answer.Code)}
	}
	if f := t.takeBody(ctx, answer, attempt); f != nil {
		return nil, f
	}
	if answer.Code >= 400 && t.config.on["fail-with-body"] {
		return nil, &failure{22, fmt.Sprintf("The requested URL returned error: %d", answer.Code)}
	}
	return nil, nil
}

// counted counts what is sent, and spends for it.
type counted struct {
	io.Reader
	t *transfer
}

// Read reads the body.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.t.sent += int64(n)
	if e := c.t.inv.Budget.Work(n + 1); e != nil {
		return n, e
	}
	return n, err
}

// failure makes of an error of the network curl's own.
func (t *transfer) failure(ctx context.Context, err error) *failure {
	var fe *sandbox.FetchError
	if ctx.Err() != nil {
		ms := t.inv.Now().Sub(t.began).Milliseconds()
		if t.answer == nil && (!errors.As(err, &fe) || strings.Contains(err.Error(), "onnecting")) {
			return &failure{28, fmt.Sprintf("Connection timed out after %d milliseconds", ms)}
		}
		if t.answer != nil && t.answer.Size >= 0 {
			return &failure{28, fmt.Sprintf("Operation timed out after %d milliseconds with %d out of %d bytes received", ms, t.received, t.answer.Size)}
		}
		return &failure{28, fmt.Sprintf("Operation timed out after %d milliseconds with %d bytes received", ms, t.received)}
	}
	if !errors.As(err, &fe) {
		return &failure{56, err.Error()}
	}
	code := map[sandbox.FetchStage]int{sandbox.FetchURL: 3, sandbox.FetchRefused: 7, sandbox.FetchResolve: 6, sandbox.FetchConnect: 7, sandbox.FetchTLS: 35,
		sandbox.FetchCertificate: 60, sandbox.FetchSend: 55, sandbox.FetchEmpty: 52, sandbox.FetchReceive: 56, sandbox.FetchFormat: 1, sandbox.FetchTimeout: 28}[fe.Stage]
	if fe.Stage == sandbox.FetchReceive && errors.Is(err, io.ErrUnexpectedEOF) && t.answer != nil {
		if t.answer.Size >= 0 {
			return &failure{18, fmt.Sprintf("transfer closed with %d bytes remaining to read", t.answer.Size-t.received)}
		}
		return &failure{18, "transfer closed with outstanding read data remaining"}
	}
	return &failure{code, err.Error()}
}

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

func isFetch(err error) bool {
	var fe *sandbox.FetchError
	return errors.As(err, &fe)
}

// received counts the bytes of a body as they come.
type received struct {
	io.Reader
	t *transfer
}

// Read reads the body.
func (r *received) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.t.received += int64(n)
	if e := r.t.inv.Budget.Work(n + 1); e != nil {
		return n, e
	}
	return n, err
}

// decoded undoes the encoding of a body that --compressed asked for. What comes out is bounded where it is written.
func (t *transfer) decoded(answer *sandbox.Response, in io.Reader) (io.Reader, *failure) {
	encoding := strings.ToLower(firstOf(answer.Header["Content-Encoding"]))
	if !t.config.on["compressed"] || t.method == "HEAD" || answer.Size == 0 {
		return in, nil
	}
	switch encoding {
	case "", "identity", "none":
		return in, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, &failure{61, "Error while processing content unencoding: invalid header"}
		}
		return z, nil
	case "deflate":
		head := make([]byte, 2)
		if _, err := io.ReadFull(in, head); err != nil {
			return nil, &failure{61, "Error while processing content unencoding: invalid header"}
		}
		again := io.MultiReader(strings.NewReader(string(head)), in)
		if head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
			z, err := zlib.NewReader(again)
			if err != nil {
				return nil, &failure{61, "Error while processing content unencoding: invalid header"}
			}
			return z, nil
		}
		return flate.NewReader(again), nil
	}
	return nil, &failure{61, "Unrecognized content encoding type. libcurl understands deflate, gzip content encodings."}
}

// trace tells -v what goes to and fro.
func (t *transfer) trace() func(sandbox.TraceKind, string) {
	if !t.config.on["verbose"] {
		return nil
	}
	w := t.stderrs()
	return func(kind sandbox.TraceKind, text string) {
		for line := range strings.Lines(text) {
			fmt.Fprintf(w, "%c %s\n", kind, strings.TrimRight(line, "\r\n"))
		}
	}
}

// stderrs is where messages go.
func (t *transfer) stderrs() io.Writer {
	if name := t.config.last["stderr"]; name == "-" {
		return t.inv.Stdout
	}
	return t.inv.Stderr
}
