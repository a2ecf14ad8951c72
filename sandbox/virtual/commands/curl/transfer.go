package curl

import (
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
)

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
