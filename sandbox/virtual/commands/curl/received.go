package curl

import (
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

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
