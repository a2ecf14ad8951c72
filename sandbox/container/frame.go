package container

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Between the helper inside a container and flue go frames: a byte that says what it is, the length of what follows in
// four bytes, most significant first, and that.
const (
	frameCall   = 'c' // to flue, first: a call, as JSON
	frameInput  = 'i' // to flue: the next of its stdin; empty is the end
	frameWant   = 'w' // to the helper: flue would read stdin
	frameStdout = 'o' // to the helper
	frameStderr = 'e' // to the helper
	frameEnd    = 'x' // to the helper, last: the exit status and how much of the last input was not used, as JSON
)

// maxFrame bounds what one frame carries.
const maxFrame = 4 << 20

// call is what a script asks for.
type call struct {
	Name string   `json:"name"`
	Args []string `json:"args"`
	Dir  string   `json:"dir"`
}

// callEnd is how a call ended.
type callEnd struct {
	Status int `json:"status"`
	Unread int `json:"unread"` // bytes at the end of the last input
}

func writeFrame(w io.Writer, kind byte, data []byte) error {
	frame := make([]byte, 5, 5+len(data))
	frame[0] = kind
	binary.BigEndian.PutUint32(frame[1:], uint32(len(data)))
	_, err := w.Write(append(frame, data...)) // one write, so that frames of several goroutines stay whole
	return err
}

func readFrame(r io.Reader) (kind byte, data []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > maxFrame {
		return 0, nil, fmt.Errorf("a frame of %d bytes, and %d are the most", size, maxFrame)
	}
	data = make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return 0, nil, err
	}
	return head[0], data, nil
}
