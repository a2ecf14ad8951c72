package fetch

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"

	"github.com/flue-run/flue/sandbox"
)

// maxHead is how many bytes an answer's head may have, those of 1xx before it included.
const maxHead = 256 << 10

// exchange is one request and its answer on a connection, and the body that is read from it.
type exchange struct {
	conn net.Conn
	ctx  context.Context
	stop func() bool
	sent chan error
	body io.ReadCloser
	busy bool // a goroutine sends the body
}

// ask sends a request, and reads the answer's head.
func (e *exchange) ask(r sandbox.Request, head string, answer *sandbox.Response) error {
	r.Trace(sandbox.TraceSent, head)
	if _, err := io.WriteString(e.conn, head); err != nil {
		return e.fail(sandbox.FetchSend, "Send failure: %w", err)
	}
	if r.Body != nil {
		e.busy = true
		go func() { e.sent <- e.send(r) }()
	}
	in := bufio.NewReaderSize(e.conn, 16<<10)
	var raw bytes.Buffer
	for {
		raw.Reset()
		if err := e.readHead(in, &raw); err != nil {
			return err
		}
		parsed, err := http.ReadResponse(bufio.NewReader(io.MultiReader(bytes.NewReader(raw.Bytes()), in)), &http.Request{Method: r.Method})
		if err != nil {
			return e.fail(sandbox.FetchFormat, "the answer is not HTTP: %w", err)
		}
		r.Trace(sandbox.TraceReceived, raw.String())
		answer.Head += raw.String()
		if len(answer.Head) > maxHead {
			return e.fail(sandbox.FetchReceive, "the answer's head is larger than %d KiB", maxHead>>10)
		}
		if parsed.StatusCode/100 == 1 && parsed.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		answer.Proto = fmt.Sprintf("%d.%d", parsed.ProtoMajor, parsed.ProtoMinor)
		answer.Code, answer.Header, answer.Size = parsed.StatusCode, parsed.Header, parsed.ContentLength
		e.body, answer.Body = parsed.Body, e
		return nil
	}
}

// send sends the body, framed.
func (e *exchange) send(r sandbox.Request) error {
	if r.Size >= 0 {
		n, err := io.Copy(e.conn, io.LimitReader(r.Body, r.Size))
		if err == nil && n < r.Size {
			err = io.ErrUnexpectedEOF
			e.conn.Close()
		}
		return err
	}
	buf := make([]byte, 16<<10)
	for {
		n, err := r.Body.Read(buf)
		if n > 0 {
			if _, err := fmt.Fprintf(e.conn, "%x\r\n%s\r\n", n, buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			_, err := io.WriteString(e.conn, "0\r\n\r\n")
			return err
		}
		if err != nil {
			e.conn.Close()
			return err
		}
	}
}

// readHead reads to the first empty line.
func (e *exchange) readHead(in *bufio.Reader, raw *bytes.Buffer) error {
	for {
		line, err := in.ReadSlice('\n')
		raw.Write(line)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && raw.Len() <= maxHead:
			continue
		case raw.Len() > maxHead:
			return e.fail(sandbox.FetchReceive, "the answer's head is larger than %d KiB", maxHead>>10)
		case err == io.EOF && raw.Len() == 0:
			return e.fail(sandbox.FetchEmpty, "Empty reply from server")
		case err != nil:
			return e.fail(sandbox.FetchReceive, "Recv failure: %w", err)
		case len(bytes.TrimRight(line, "\r\n")) == 0:
			return nil
		case raw.Len() == len(line) && !bytes.HasPrefix(line, []byte("HTTP/")):
			return e.fail(sandbox.FetchFormat, "Received HTTP/0.9 when not allowed")
		}
	}
}

// fail makes an error of the stage, or of the context that ended it.
func (e *exchange) fail(stage sandbox.FetchStage, format string, args ...any) error {
	if e.ctx.Err() != nil {
		return fail(sandbox.FetchTimeout, "%w", context.Cause(e.ctx))
	}
	err := fmt.Errorf(format, args...)
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return fail(stage, "Recv failure: Connection reset by peer")
	case errors.Is(err, syscall.EPIPE):
		return fail(stage, "Send failure: Broken pipe")
	}
	return &sandbox.FetchError{Stage: stage, Err: err}
}

// Read reads the answer's body.
func (e *exchange) Read(p []byte) (int, error) {
	n, err := e.body.Read(p)
	if err != nil && err != io.EOF {
		err = e.fail(sandbox.FetchReceive, "%w", err)
	}
	return n, err
}

// Close ends the connection, and waits for the body's sender.
func (e *exchange) Close() error {
	e.stop()
	err := e.conn.Close()
	if e.busy {
		<-e.sent
		e.busy = false
	}
	return err
}
