package jq

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
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

// frame is an array or an object that is open.
type frame struct {
	isObj  bool
	hasKey bool   // of the value that comes
	begin  int    // in items
	likely *shape // an object of this shape so far, of which items has only the values; or nil
}

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

// parse goes on until a value is ready, the block is at its end, or there is a problem.
func (d *Decoder) parse() (ready bool, problem string) {
	b := d.block
	for d.pos < len(b) {
		if d.state != 0 {
			problem = d.inString()
		} else {
			from, pos := d.pos, d.pos
			for pos < len(b) && !separates[b[pos]] {
				pos++
			}
			if d.pos = pos; pos == len(b) {
				d.token = append(d.token, b[from:]...)
				return false, ""
			}
			problem = d.separator(b[from:pos])
		}
		if problem != "" {
			return false, problem
		}
		if d.has && len(d.stack) == 0 {
			return true, ""
		}
	}
	return false, ""
}

// separates are the bytes that end a literal.
var separates = [256]bool{'\x1e': true, ' ': true, '\t': true, '\r': true, '\n': true, '[': true, ']': true, '{': true, '}': true,
	',': true, ':': true, '"': true}

// blank are the bytes between the parts of a text.
var blank = [256]bool{' ': true, '\t': true, '\r': true, '\n': true}

// advance goes over the byte at pos.
func (d *Decoder) advance() byte {
	c := d.block[d.pos]
	if d.pos++; c == '\n' {
		d.line++
		d.begin = d.pos
	}
	return c
}

// separator takes what ends a literal, which may be empty.
func (d *Decoder) separator(token []byte) (problem string) {
	c := d.advance()
	if len(d.token) > 0 {
		token = append(d.token, token...)
		d.token = token[:0]
	}
	if len(token) > 0 {
		if problem := d.literal(token); problem != "" {
			return problem
		}
	}
	switch c {
	case '"':
		if n := plain(d.block[d.pos:]); !d.has && d.pos+n < len(d.block) && d.block[d.pos+n] == '"' {
			token := d.block[d.pos : d.pos+n]
			d.pos += n + 1
			return d.text(token)
		}
		d.state = '"'
		return ""
	case '[', '{':
		return d.open(c == '{')
	case ':':
		return d.colon()
	case ',':
		return d.comma()
	case ']':
		return d.endArray()
	case '}':
		return d.endObject()
	}
	return ""
}

// plain is how many bytes of a string stand for themselves and do not end a line.
func plain(b []byte) int {
	for i, c := range b {
		if c == '"' || c == '\\' || c == '\n' {
			return i
		}
	}
	return len(b)
}

// inString goes on with a string.
func (d *Decoder) inString() (problem string) {
	if d.state == '"' {
		n := plain(d.block[d.pos:])
		d.token = append(d.token, d.block[d.pos:d.pos+n]...)
		if d.pos += n; d.pos == len(d.block) {
			return ""
		}
	}
	c := d.advance()
	switch {
	case d.state == '\\':
		d.state, d.escaped = '"', true
	case c == '\\':
		d.state = '\\'
	case c == '"':
		d.state = 0
		problem = d.text(d.token)
		d.token, d.escaped = d.token[:0], false
		return problem
	}
	d.token = append(d.token, c)
	return ""
}

// text takes the inside of a string.
func (d *Decoder) text(token []byte) (problem string) {
	if d.escaped {
		s, problem := unescape(token)
		if problem != "" {
			return problem
		}
		return d.value(s)
	}
	return d.value(d.maker.text(token))
}

func (d *Decoder) value(v any) string {
	if d.has {
		return "Expected separator between values"
	}
	d.next, d.has = v, true
	return ""
}

func (d *Decoder) literal(token []byte) string {
	if n, ok := smallNumber(token); ok {
		return d.value(boxed(n))
	}
	switch string(token) {
	case "true":
		return d.value(true)
	case "false":
		return d.value(false)
	case "null":
		return d.value(nil)
	case "nan", "NaN":
		return d.value(math.NaN())
	}
	switch token[0] {
	case 't', 'f', 'n':
		return "Invalid literal"
	}
	v, ok := parseNumber(string(token))
	if !ok {
		return "Invalid numeric literal"
	}
	return d.value(v)
}

// top is the innermost array or object that is open, or nil.
func (d *Decoder) top() *frame {
	if n := len(d.stack); n > 0 {
		return &d.stack[n-1]
	}
	return nil
}

func (d *Decoder) open(isObj bool) string {
	if len(d.stack) >= maxNesting {
		return "Exceeds depth limit for parsing"
	}
	if d.has {
		return "Expected separator between values"
	}
	f := frame{isObj: isObj, begin: len(d.items)}
	if isObj {
		f.likely = d.maker.likely(len(d.stack))
	}
	d.stack = append(d.stack, f)
	d.likelyKey(&d.stack[len(d.stack)-1])
	return ""
}

// likelyKey goes over the key that comes, if it is the one that the last object had at this place.
func (d *Decoder) likelyKey(top *frame) {
	if top.likely == nil {
		return
	}
	for d.pos < len(d.block) && blank[d.block[d.pos]] {
		d.advance()
	}
	i := len(d.items) - top.begin
	if i == len(top.likely.tokens) {
		return
	}
	if token := top.likely.tokens[i]; len(token) <= len(d.block)-d.pos && string(d.block[d.pos:d.pos+len(token)]) == token {
		d.pos += len(token)
		top.hasKey = true
	}
}

// unlikely makes an object one whose keys are in items.
func (d *Decoder) unlikely(top *frame) {
	if top.likely == nil {
		return
	}
	values := slices.Clone(d.items[top.begin:])
	d.items = d.items[:top.begin]
	for i, v := range values {
		d.items = append(d.items, top.likely.names[i], v)
	}
	top.likely = nil
}

func (d *Decoder) colon() string {
	top := d.top()
	switch {
	case !d.has:
		return "Expected string key before ':'"
	case top == nil || !top.isObj || top.hasKey:
		return "':' not as part of an object"
	}
	if _, ok := d.next.(string); !ok {
		return "Object keys must be strings"
	}
	d.unlikely(top)
	top.hasKey = true
	d.items = append(d.items, d.next)
	d.next, d.has = nil, false
	return ""
}

func (d *Decoder) comma() string {
	top := d.top()
	switch {
	case !d.has:
		return "Expected value before ','"
	case top == nil:
		return "',' not as part of an object or array"
	}
	problem := d.add(top)
	if problem == "" {
		d.likelyKey(top)
	}
	return problem
}

// add puts the value that was read into the array or object that is open.
func (d *Decoder) add(top *frame) string {
	if top.isObj && !top.hasKey {
		return "Objects must consist of key:value pairs"
	}
	top.hasKey = false
	d.items = append(d.items, d.next)
	d.next, d.has = nil, false
	return ""
}

func (d *Decoder) endArray() string {
	top := d.top()
	switch {
	case top == nil || top.isObj:
		return "Unmatched ']'"
	case d.has:
		d.add(top)
	case len(d.items) > top.begin:
		return "Expected another array element"
	}
	d.close(d.maker.array(d.items[top.begin:]))
	return ""
}

func (d *Decoder) endObject() string {
	top := d.top()
	switch {
	case top == nil || !top.isObj || top.hasKey && !d.has:
		return "Unmatched '}'"
	case d.has:
		if problem := d.add(top); problem != "" {
			return problem
		}
	case len(d.items) > top.begin:
		return "Expected another key-value pair"
	}
	if parts := d.items[top.begin:]; top.likely != nil {
		d.close(d.maker.object(top.likely.keys, parts))
	} else {
		d.close(d.maker.newShape(len(d.stack)-1, parts))
	}
	return ""
}

// close ends the array or object that is open, which is v.
func (d *Decoder) close(v any) {
	last := len(d.stack) - 1
	begin := d.stack[last].begin
	d.used = max(d.used, len(d.items))
	d.items, d.stack = d.items[:begin], d.stack[:last]
	d.next, d.has = v, true
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
