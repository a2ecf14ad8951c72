package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"
)

// maxEvent is how long one event of a stream, or one answer that is not a stream, may be.
const maxEvent = 16 << 20

var errTooLong = errors.New("an event is longer than 16 MiB")

// eventReader reads the data of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
// It differs from a browser in one thing: a last event that no blank line follows counts, since some servers leave it
// out.
type eventReader struct {
	r    *bufio.Reader
	data []byte // of the event being read
	long []byte // a line that is longer than r's buffer
	bom  bool   // the start of the stream has been looked at
}

// buffers are those of readers whose streams are over: each is larger than most answers.
var buffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 16<<10) }}

// newEventReader reads r until close.
func newEventReader(r io.Reader) *eventReader {
	e := &eventReader{r: buffers.Get().(*bufio.Reader)}
	e.r.Reset(r)
	return e
}

// close gives the buffer to the next stream. The data of the last event is valid still.
func (e *eventReader) close() {
	if e.r == nil {
		return
	}
	e.r.Reset(nil)
	buffers.Put(e.r)
	e.r = nil
}

// next returns the data of the next event that has any; it is valid until the next call. Comments, other fields and
// empty events are passed over. The error is io.EOF at the end.
func (e *eventReader) next() ([]byte, error) {
	e.data = e.data[:0]
	lines := 0
	for {
		line, err := e.line()
		if err != nil && err != io.EOF {
			return nil, err
		}
		ended := err == io.EOF
		if value, ok := dataField(line); ok {
			if lines++; lines > 1 {
				e.data = append(e.data, '\n')
			}
			if e.data = append(e.data, value...); len(e.data) > maxEvent {
				return nil, errTooLong
			}
		}
		if len(line) > 0 && !ended {
			continue
		}
		if len(e.data) > 0 {
			return e.data, nil // at the end of the stream, the next call meets it again
		}
		if ended {
			return nil, io.EOF
		}
		lines = 0
	}
}

// line reads up to a line feed and cuts that and a carriage return before it off.
func (e *eventReader) line() ([]byte, error) {
	line, err := e.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		e.long = append(e.long[:0], line...)
		for err == bufio.ErrBufferFull {
			line, err = e.r.ReadSlice('\n')
			if e.long = append(e.long, line...); len(e.long) > maxEvent {
				return nil, errTooLong
			}
		}
		line = e.long
	}
	if !e.bom {
		e.bom = true
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), err
}

// dataField is the value of a data line.
func dataField(line []byte) ([]byte, bool) {
	value, ok := bytes.CutPrefix(line, []byte("data"))
	if !ok || len(value) == 0 {
		return nil, ok // "data" alone is the field with an empty value
	}
	value, ok = bytes.CutPrefix(value, []byte(":"))
	return bytes.TrimPrefix(value, []byte(" ")), ok
}
