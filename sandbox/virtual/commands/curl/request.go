package curl

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// address makes of a URL as it was typed one that can be asked for.
func (t *transfer) address(text string) (*url.URL, *failure) {
	malformed := &failure{3, "URL using bad/illegal format or missing URL"}
	scheme, _, ok := strings.Cut(text, "://")
	if !ok {
		scheme, text = "http", "http://"+strings.TrimPrefix(text, "//")
	}
	scheme = strings.ToLower(scheme)
	if scheme != "http" && scheme != "https" || !t.permits(scheme) {
		return nil, &failure{1, fmt.Sprintf("Protocol %q not supported or disabled in libcurl", scheme)}
	}
	u, err := url.Parse(escapeBytes(text, ""))
	if err != nil || u.Host == "" || strings.ContainsAny(text, " \t\r\n") {
		return nil, malformed
	}
	if u.User != nil {
		return nil, &failure{3, "the URL holds credentials, which the sandbox's network does not take; use -u"}
	}
	u.Fragment, u.RawFragment = "", ""
	if !t.config.on["path-as-is"] {
		removeDots(u)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	t.addQuery(u)
	return u, nil
}

// addQuery adds what -G and --url-query say.
func (t *transfer) addQuery(u *url.URL) {
	var more []string
	if t.config.on["get"] && len(t.config.data) > 0 {
		text, err := dataOf(t.inv, t.config.data)
		if err == nil && text != "" {
			more = append(more, text)
		}
	}
	for _, q := range t.config.queries {
		if plain, ok := strings.CutPrefix(q, "+"); ok {
			more = append(more, plain)
		} else if text, err := datumText(t.inv, datum{"data-urlencode", q}); err == nil {
			more = append(more, text)
		}
	}
	if len(more) > 0 {
		if u.RawQuery != "" {
			more = append([]string{u.RawQuery}, more...)
		}
		u.RawQuery = escapeBytes(strings.Join(more, "&"), " \"<>")
	}
}

// permits says whether --proto has a scheme.
func (t *transfer) permits(scheme string) bool {
	list, ok := t.config.last["proto"]
	if t.hops > 0 {
		if redirects, set := t.config.last["proto-redir"]; set {
			list, ok = redirects, true
		}
	}
	allowed := true
	for i, word := range strings.Split(list, ",") {
		if !ok {
			break
		}
		if i == 0 && strings.HasPrefix(word, "=") {
			allowed = false
		}
		name := strings.TrimLeft(word, "=+-")
		if name == scheme || name == "all" {
			allowed = !strings.HasPrefix(word, "-")
		}
	}
	return allowed
}

// escapeBytes encodes what is not ASCII, control characters, and those of more.
func escapeBytes(text, more string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c < ' ' || c >= 0x7f || strings.IndexByte(more, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// removeDots takes "." and ".." out of a path, as RFC 3986 does.
func removeDots(u *url.URL) {
	escaped := u.EscapedPath()
	if !strings.Contains(escaped, "/.") {
		return
	}
	var kept []string
	segments := strings.Split(strings.TrimPrefix(escaped, "/"), "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".":
		case "..":
			kept = kept[:max(len(kept)-1, 0)]
		default:
			kept = append(kept, s)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	escaped = "/" + strings.Join(kept, "/")
	if path, err := url.PathUnescape(escaped); err == nil {
		u.Path, u.RawPath = path, escaped
	}
}

// method is that of the first request.
func (t *transfer) firstMethod(b *body) string {
	c := t.config
	switch {
	case c.on["head"]:
		return "HEAD"
	case t.upload != "":
		return "PUT"
	case b != nil:
		return "POST"
	}
	return "GET"
}

// request makes the fields of one request. own says whether it goes where the first one went, which alone is told what
// identifies the user.
func (t *transfer) request(u *url.URL, b *body, own bool) sandbox.Request {
	c := t.config
	r := sandbox.Request{URL: u.String(), Method: t.method, Dial: c.seconds("connect-timeout"), Trace: t.trace()}
	if custom := c.last["request"]; custom != "" {
		r.Method = custom
	}
	own = own || c.on["location-trusted"]
	custom := c.headers
	given := func(name string) bool {
		return slices.ContainsFunc(custom, func(line string) bool { return strings.EqualFold(headerName(line), name) })
	}
	add := func(name, value string) {
		if !given(name) && value != "" {
			r.Header = append(r.Header, sandbox.Field{Name: name, Value: value})
		}
	}
	if user, ok := c.last["user"]; ok && own {
		if !strings.Contains(user, ":") {
			user += ":"
		}
		add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user)))
	}
	if token := c.last["oauth2-bearer"]; own && token != "" {
		add("Authorization", "Bearer "+token)
	}
	if from, _ := t.resumeFrom(); from > 0 && t.upload == "" {
		add("Range", fmt.Sprintf("bytes=%d-", from))
	} else if c.last["range"] != "" {
		add("Range", "bytes="+c.last["range"])
	}
	agent, set := c.last["user-agent"]
	if !set {
		agent = "curl/" + version
	}
	add("User-Agent", agent)
	accept := "*/*"
	if c.isJSON() {
		accept = "application/json"
	}
	add("Accept", accept)
	if c.on["compressed"] {
		add("Accept-Encoding", "deflate, gzip")
	}
	add("Referer", t.referer)
	if !given("Cookie") {
		add("Cookie", t.jar.header(u, own, t.inv.Now()))
	}
	for _, line := range custom {
		name := headerName(line)
		if !own && (strings.EqualFold(name, "Authorization") || strings.EqualFold(name, "Cookie")) {
			continue
		}
		if value, ok := headerValue(line); ok {
			r.Header = append(r.Header, sandbox.Field{Name: name, Value: value})
		}
	}
	if b != nil {
		add("Content-Type", b.kind)
		r.Size = b.size
	}
	return r
}

func headerName(line string) string {
	if end := strings.IndexAny(line, ":;"); end >= 0 {
		return strings.TrimSpace(line[:end])
	}
	return line
}

// headerValue is the value of "Name: value", or of "Name;", which is sent empty; "Name:" sends none.
func headerValue(line string) (string, bool) {
	if name, value, ok := strings.Cut(line, ":"); ok && !strings.Contains(name, ";") {
		value = strings.TrimSpace(value)
		return value, value != ""
	}
	return "", strings.HasSuffix(line, ";")
}
