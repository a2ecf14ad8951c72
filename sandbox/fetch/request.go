package fetch

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// requestHead is the first lines of a request. A field that could begin another one is refused.
func requestHead(r sandbox.Request, t target) (string, error) {
	var b strings.Builder
	if !isToken(r.Method) {
		return "", fail(sandbox.FetchURL, "%q is no method", r.Method)
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.Method, t.request)
	var host strings.Builder
	for _, f := range r.Header {
		if !isToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") {
			return "", fail(sandbox.FetchURL, "the header %q is malformed", f.Name)
		}
		switch strings.ToLower(f.Name) {
		case "content-length", "transfer-encoding", "connection", "upgrade":
			continue // what frames the request is written here
		case "host":
			if !strings.EqualFold(f.Value, t.authority) { // it would choose another site of the same server
				return "", fail(sandbox.FetchRefused, "the header Host must be that of the URL, %s", t.authority)
			}
			continue
		}
		fmt.Fprintf(&host, "%s: %s\r\n", f.Name, f.Value)
	}
	fmt.Fprintf(&b, "Host: %s\r\n%s", t.authority, host.String())
	switch {
	case r.Body == nil:
	case r.Size < 0:
		b.WriteString("Transfer-Encoding: chunked\r\n")
	default:
		fmt.Fprintf(&b, "Content-Length: %d\r\n", r.Size)
	}
	b.WriteString("\r\n")
	return b.String(), nil
}

func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}
