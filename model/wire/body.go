package wire

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"slices"
)

// Raw is JSON that goes into a request as it is. Of a json.RawMessage every byte is looked at again, and what tools take as
// parameters is most of a short request.
type Raw []byte

// pieces are the body of a request. What is Raw stays where it is: it is not copied for each request.
type pieces [][]byte

// reader reads all pieces, from the beginning.
func (p pieces) reader() io.ReadCloser {
	rest := net.Buffers(slices.Clone(p))
	return io.NopCloser(&rest)
}

func (p pieces) size() (n int64) {
	for _, piece := range p {
		n += int64(len(piece))
	}
	return n
}

// body is params as JSON. A field of a map[string]any may be Raw.
func body(params any) (pieces, error) {
	fields, ok := params.(map[string]any)
	if !ok {
		all, err := json.Marshal(params)
		return pieces{all}, err
	}
	var all pieces
	next := make([]byte, 0, 1<<10) // what is not Raw
	begin := byte('{')
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		next = append(append(append(next, begin), key...), ':')
		begin = ','
		if raw, ok := fields[name].(Raw); ok {
			all = append(all, next, raw)
			next = next[len(next):]
			continue
		}
		value, err := json.Marshal(fields[name])
		if err != nil {
			return nil, err
		}
		next = append(next, value...)
	}
	if begin == '{' {
		next = append(next, begin)
	}
	return append(all, append(next, '}')), nil
}
