package sqlite

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/flue-run/flue/store"
)

// A batch is the entries of one append, one behind the other. An entry is its run, its type, its time as a varint, a byte
// that says what its data is, and the data. Each text is its length as a uvarint, then its bytes.
const (
	noData     = 0
	inlineData = 1
	blobData   = 2 // the hash of a blob
)

// maxInline is how many bytes of an entry's data stay in its batch.
const maxInline = 8 << 10

// place is where the row of the batch is that begins with an entry.
func place(session, seq int64) int64 { return session<<32 | seq }

// encode makes a batch; keep makes a blob of what is too large for it, and returns its hash.
func encode(entries []store.Entry, keep func([]byte) string) []byte {
	var b []byte
	for _, e := range entries {
		b = appendText(b, e.Run)
		b = appendText(b, e.Type)
		b = binary.AppendVarint(b, nanos(e.Time))
		switch {
		case e.Data == nil:
			b = append(b, noData)
		case len(e.Data) > maxInline:
			b = appendText(append(b, blobData), keep(e.Data))
		default:
			b = appendText(append(b, inlineData), e.Data)
		}
	}
	return b
}

func appendText[T string | json.RawMessage](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

var errBatch = errors.New("the batch is damaged")

// decode reads a batch. Of data that is elsewhere, blob is the hash.
func decode(b []byte) (entries []stored, err error) {
	for len(b) > 0 {
		var e stored
		var at int64
		var n int
		if e.Run, b, err = cutText(b); err != nil {
			return nil, err
		}
		if e.Type, b, err = cutText(b); err != nil {
			return nil, err
		}
		if at, n = binary.Varint(b); n <= 0 || len(b) == n {
			return nil, errBatch
		}
		e.Time = fromNanos(at)
		kind := b[n]
		b = b[n+1:]
		var data []byte
		if kind != noData {
			if data, b, err = cut(b); err != nil {
				return nil, err
			}
		}
		switch kind {
		case noData:
		case inlineData:
			e.Data = data
		case blobData:
			e.blob = string(data)
		default:
			return nil, fmt.Errorf("%w: data of kind %d", errBatch, kind)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// stored is an entry whose data may be in a blob.
type stored struct {
	store.Entry
	blob string
}

func cutText(b []byte) (text string, rest []byte, err error) {
	data, rest, err := cut(b)
	return string(data), rest, err
}

func cut(b []byte) (data, rest []byte, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, errBatch
	}
	end := n + int(size)
	return b[n:end:end], b[end:], nil
}
