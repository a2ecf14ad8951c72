package jq

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

const blockSize = 64 << 10 // bytes read at a time

// maxNesting is how many arrays and objects may be within each other in a text.
const maxNesting = 10000

// Decoder reads JSON texts that follow one another, as leniently as jq does. It follows jq in where it notices errors
// and in the lines and columns it tells.
type Decoder struct {
	r    *bufio.Reader
	work func(int) error
	err  error // of reading
	eof  bool

	block []byte // whole lines, as long as there are any
	pos   int    // in block
	line  int    // of pos
	begin int    // of the line, in block; it may have begun before the block

	token   []byte // what came of a string or a literal before the block
	state   byte   // 0 outside of strings, '"' within, '\\' after a backslash
	escaped bool   // the string has backslashes

	next  any
	has   bool    // next holds a value
	stack []frame // the arrays and objects that are open
	items []any   // what is in them: values, and in objects keys and values by turns, unless their shape is likely
	used  int     // how many items there were at once
	maker maker
}

// stacks are items of decoders that have come to their end. They are empty.
var stacks = sync.Pool{New: func() any { return new([]any) }}

// longStack is how many items are not kept.
const longStack = 16 << 10

// NewDecoder reads from r and calls work for the bytes it reads.
func NewDecoder(r io.Reader, work func(int) error) *Decoder {
	return &Decoder{r: bufio.NewReaderSize(r, blockSize), work: work, line: 1, items: *stacks.Get().(*[]any)}
}

// parseError is an error of the text.
type parseError string

// IsParseError says whether err is an error of a text, rather than of reading it.
func IsParseError(err error) bool {
	_, ok := err.(parseError)
	return ok
}

func (e parseError) Error() string { return string(e) }

// Newlines is how many lines have been begun to be read and have an end.
func (d *Decoder) Newlines() int {
	n := d.line - 1
	if d.pos > d.begin && bytes.IndexByte(d.block[d.pos:], '\n') >= 0 {
		n++
	}
	return n
}

// Next returns the next value, io.EOF after the last one, or a parse error, after which it goes on with the text behind it.
func (d *Decoder) Next() (any, error) {
	for {
		ready, problem := d.parse()
		switch {
		case problem != "":
			err := parseError(fmt.Sprintf("%s at line %d, column %d", problem, d.line, d.pos-d.begin))
			d.reset()
			return nil, err
		case ready:
			return d.take(), nil
		case d.err != nil:
			return nil, d.err
		case d.eof:
			return d.finish()
		}
		if err := d.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads the next block: the lines that have come, or a part of one.
func (d *Decoder) fill() error {
	d.begin -= len(d.block)
	_, err := d.r.Peek(1)
	block, _ := d.r.Peek(d.r.Buffered())
	if end := bytes.LastIndexByte(block, '\n') + 1; end > 0 {
		block, err = block[:end], nil
		d.r.Discard(end)
	} else if err == nil {
		block, err = d.r.ReadSlice('\n')
	}
	if d.eof = err == io.EOF; err != nil && !d.eof && err != bufio.ErrBufferFull {
		d.err = err
	}
	if d.line == 1 && d.begin == 0 {
		block = bytes.TrimPrefix(block, []byte("\ufeff"))
	}
	d.block, d.pos = block, 0
	return d.work(len(block) + 1)
}

// take hands the value out, and forgets what it is made of.
func (d *Decoder) take() any {
	v := d.next
	clear(d.items[:d.used])
	d.used = 0
	d.next, d.has = nil, false
	return v
}

func (d *Decoder) reset() {
	d.stack, d.items, d.next, d.has, d.token, d.state, d.escaped = nil, nil, nil, false, d.token[:0], 0, false
}

func (d *Decoder) finish() (any, error) {
	fail := func(problem string) (any, error) {
		d.err = io.EOF
		return nil, parseError(fmt.Sprintf("%s at EOF at line %d, column %d", problem, d.line, d.pos-d.begin))
	}
	if d.state != 0 {
		return fail("Unfinished string")
	}
	if len(d.token) > 0 {
		problem := d.literal(d.token)
		d.token = d.token[:0]
		if problem != "" {
			return fail(problem)
		}
	}
	if len(d.stack) > 0 {
		return fail("Unfinished JSON term")
	}
	d.err = io.EOF
	if d.has {
		return d.take(), nil
	}
	if items := d.items; cap(items) > 0 && cap(items) <= longStack {
		d.items = nil
		stacks.Put(&items)
	}
	return nil, io.EOF
}

// ParseValue reads a string that is one JSON text.
func ParseValue(s string) (any, error) {
	d := &Decoder{block: []byte(strings.TrimPrefix(s, "\ufeff")), eof: true, line: 1}
	v, err := d.Next()
	if err != nil {
		return nil, err
	}
	if _, err := d.Next(); err != io.EOF {
		return nil, parseError("Unexpected extra JSON values")
	}
	return v, nil
}
