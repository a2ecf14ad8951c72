package container

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Between flue and what it has inside a container go frames: a byte that says what it is, the number of the stream that
// it belongs to and the length of what follows, each in four bytes, most significant first, and that.
const (
	frameCall   = 'c' // begins a stream to flue: a call of a command, as JSON
	frameScript = 's' // begins a stream to the keeper: a script, as JSON
	frameFile   = 'f' // begins a stream to the keeper: what to do with a file, as JSON
	frameWant   = 'w' // the other end may send more input
	frameInput  = 'i' // the next of a stdin; empty is its end
	frameStdout = 'o'
	frameStderr = 'e'
	frameData   = 'd' // content of a file
	frameKill   = 'k' // to the keeper: end the script
	frameEnd    = 'x' // how it ended, as JSON
	frameClosed = 'q' // the sender takes no more of this stream
)

// maxFrame bounds what one frame carries.
const maxFrame = 4 << 20

// frames are what goes in both directions of one stream. receive is for one goroutine, send for any.
type frames interface {
	send(kind byte, data []byte) error
	receive() (kind byte, data []byte, err error)
	Close() error
}

// connFrames are those of a connection that has but one stream.
type connFrames struct{ io.ReadWriteCloser }

func (c connFrames) send(kind byte, data []byte) error { return writeFrame(c, kind, 0, data) }

func (c connFrames) receive() (byte, []byte, error) {
	kind, _, data, err := readFrame(c)
	return kind, data, err
}

func writeFrame(w io.Writer, kind byte, stream uint32, data []byte) error {
	frame := make([]byte, 9, 9+len(data))
	frame[0] = kind
	binary.BigEndian.PutUint32(frame[1:], stream)
	binary.BigEndian.PutUint32(frame[5:], uint32(len(data)))
	_, err := w.Write(append(frame, data...)) // one write, so that frames of several goroutines stay whole
	return err
}

func readFrame(r io.Reader) (kind byte, stream uint32, data []byte, err error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[5:])
	if size > maxFrame {
		return 0, 0, nil, fmt.Errorf("a frame of %d bytes, and %d are the most", size, maxFrame)
	}
	data = make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return 0, 0, nil, io.ErrUnexpectedEOF
	}
	return head[0], binary.BigEndian.Uint32(head[1:]), data, nil
}

// frameWriter is an output as frames.
type frameWriter struct {
	to   frames
	kind byte
}

func (w frameWriter) Write(p []byte) (int, error) {
	const most = 64 << 10
	for n := 0; n < len(p); n += most {
		if err := w.to.send(w.kind, p[n:min(n+most, len(p))]); err != nil {
			return n, err
		}
	}
	return len(p), nil
}

// call is what a script asks for.
type call struct {
	Script uint32   `json:"script,omitempty"` // the stream of the script that it belongs to
	Name   string   `json:"name"`
	Args   []string `json:"args"`
	Dir    string   `json:"dir"`
}

// ended is how a call or a script ended.
type ended struct {
	Status int    `json:"status"`
	Unread int    `json:"unread,omitempty"` // of a call: bytes at the end of the last input
	Error  string `json:"error,omitempty"`  // of a script: why it could not be run
}
