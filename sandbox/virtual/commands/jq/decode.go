package jq

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

const blockSize = 64 << 10 // bytes read at a time

// maxNesting is how many arrays and objects may be within each other in a text.
const maxNesting = 10000

// Decoder reads JSON texts that follow one another, as leniently as jq does. It follows jq in where it notices errors
// and in the lines and columns it tells.
type Decoder struct {
	r    *bufio.Reader
	work func(int) error

	line, column int // of the parser
	Newlines     int // complete lines read from r so far
	pending      []byte
	eof          bool
	err          error

	stack   []frame
	items   []any // the elements of all arrays that are open, so far
	next    any
	has     bool // next holds a value
	token   []byte
	state   byte // 0 outside of strings, '"' within, '\\' after a backslash
	escaped bool
	recent  []known // the last object's keys at each depth
	ready   bool    // next is a whole top-level value
}

type frame struct {
	object *Object // or
	begin  int     // of the array's elements
	isObj  bool
	key    string
	hasKey bool
	likely []any // the keys that may come, as values
}

// known are keys of an object, also as values.
type known struct {
	keys   *keys
	values []any
}

// NewDecoder reads from r and calls work for the bytes it reads.
func NewDecoder(r io.Reader, work func(int) error) *Decoder {
	return &Decoder{r: bufio.NewReaderSize(r, blockSize), work: work, line: 1}
}

// parseError is an error of the text.
type parseError string

// IsParseError says whether err is an error of a text, rather than of reading it.
func IsParseError(err error) bool {
	_, ok := err.(parseError)
	return ok
}

func (e parseError) Error() string { return string(e) }

// Next returns the next value, io.EOF after the last one, or a parse error, after which it goes on with the text behind it.
func (d *Decoder) Next() (any, error) {
	for {
		for len(d.pending) > 0 {
			if n := d.run(); n > 0 {
				d.token = append(d.token, d.pending[:n]...)
				d.column += n
				d.pending = d.pending[n:]
				continue
			}
			problem := d.scan(d.pending[0])
			d.pending = d.pending[1:]
			if problem != "" {
				err := parseError(fmt.Sprintf("%s at line %d, column %d", problem, d.line, d.column))
				d.reset()
				return nil, err
			}
			if d.ready {
				return d.take(), nil
			}
		}
		if d.err != nil {
			return nil, d.err
		}
		if d.eof {
			return d.finish()
		}
		line, err := d.r.ReadSlice('\n')
		if err == nil {
			d.Newlines++
		}
		d.eof = err == io.EOF
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			d.err = err
		}
		if err := d.work(len(line) + 1); err != nil {
			return nil, err
		}
		if d.line == 1 && d.column == 0 && len(line) > 2 && string(line[:3]) == "\ufeff" {
			line = line[3:]
		}
		d.pending = line
	}
}

func (d *Decoder) take() any {
	v := d.next
	d.next, d.has, d.ready = nil, false, false
	return v
}

func (d *Decoder) reset() {
	d.stack, d.items, d.next, d.has, d.token, d.state, d.ready = nil, nil, nil, false, d.token[:0], 0, false
}

func (d *Decoder) finish() (any, error) {
	fail := func(problem string) (any, error) {
		err := parseError(fmt.Sprintf("%s at EOF at line %d, column %d", problem, d.line, d.column))
		d.err = io.EOF
		return nil, err
	}
	if d.state != 0 {
		return fail("Unfinished string")
	}
	if problem := d.literal(); problem != "" {
		return fail(problem)
	}
	if len(d.stack) > 0 {
		return fail("Unfinished JSON term")
	}
	d.err = io.EOF
	if d.has {
		return d.take(), nil
	}
	return nil, io.EOF
}

// run is how many of the pending bytes go into the token as they are.
func (d *Decoder) run() int {
	switch d.state {
	case '"':
		for i, c := range d.pending {
			if c == '"' || c == '\\' || c == '\n' {
				return i
			}
		}
		return len(d.pending)
	case 0:
		for i, c := range d.pending {
			if separates[c] {
				return i
			}
		}
		return len(d.pending)
	}
	return 0
}

// separates are the bytes that end a literal.
var separates = [256]bool{'\x1e': true, ' ': true, '\t': true, '\r': true, '\n': true, '[': true, ']': true, '{': true, '}': true,
	',': true, ':': true, '"': true}

func (d *Decoder) scan(c byte) (problem string) {
	d.column++
	if c == '\n' {
		d.line++
		d.column = 0
	}
	switch d.state {
	case '\\':
		d.token, d.state, d.escaped = append(d.token, c), '"', true
		return ""
	case '"':
		switch c {
		case '"':
			d.state = 0
			s, problem := d.text()
			d.token, d.escaped = d.token[:0], false
			if problem != "" {
				return problem
			}
			return d.value(s)
		case '\\':
			d.state = '\\'
		}
		d.token = append(d.token, c)
		return ""
	}
	if !separates[c] {
		d.token = append(d.token, c)
		return ""
	}
	if problem := d.literal(); problem != "" {
		return problem
	}
	if problem := d.punctuation(c); problem != "" {
		return problem
	}
	d.ready = d.has && len(d.stack) == 0
	return ""
}

// text is the string that the token is. Where a key is expected, and it is that of the last object, it is the same string.
func (d *Decoder) text() (v any, problem string) {
	if n := len(d.stack); n > 0 && !d.escaped {
		if top := &d.stack[n-1]; top.isObj && !top.hasKey {
			if i := len(top.object.vals); i < len(top.likely) && top.likely[i] == string(d.token) {
				return top.likely[i], ""
			}
		}
	}
	return unescape(d.token, d.escaped)
}

func (d *Decoder) value(v any) string {
	if d.has {
		return "Expected separator between values"
	}
	d.next, d.has = v, true
	if _, isNumber := number(v); !isNumber {
		d.ready = len(d.stack) == 0
	}
	return ""
}

func (d *Decoder) literal() string {
	if len(d.token) == 0 {
		return ""
	}
	if n, ok := smallInteger(d.token); ok {
		d.token = d.token[:0]
		return d.value(n)
	}
	token := string(d.token)
	d.token = d.token[:0]
	switch token {
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
	v, ok := parseNumber(token)
	if !ok {
		return "Invalid numeric literal"
	}
	return d.value(v)
}

func (d *Decoder) punctuation(c byte) string {
	var top *frame
	if len(d.stack) > 0 {
		top = &d.stack[len(d.stack)-1]
	}
	switch c {
	case '"':
		d.state = '"'
	case '[', '{':
		if len(d.stack) >= maxNesting {
			return "Exceeds depth limit for parsing"
		}
		if d.has {
			return "Expected separator between values"
		}
		f := frame{isObj: c == '{', begin: len(d.items)}
		if f.isObj {
			f.object = &Object{keys: &keys{}}
			if depth := len(d.stack); depth < len(d.recent) && d.recent[depth].keys != nil {
				f.object.keys, f.likely = d.recent[depth].keys, d.recent[depth].values
			}
		}
		d.stack = append(d.stack, f)
	case ':':
		switch {
		case !d.has:
			return "Expected string key before ':'"
		case top == nil || !top.isObj || top.hasKey:
			return "':' not as part of an object"
		}
		key, ok := d.next.(string)
		if !ok {
			return "Object keys must be strings"
		}
		top.key, top.hasKey, d.has, d.next = key, true, false, nil
	case ',':
		switch {
		case !d.has:
			return "Expected value before ','"
		case top == nil:
			return "',' not as part of an object or array"
		}
		return d.add(top)
	case ']':
		switch {
		case top == nil || top.isObj:
			return "Unmatched ']'"
		case d.has:
			d.add(top)
		case len(d.items) > top.begin:
			return "Expected another array element"
		}
		open := d.items[top.begin:]
		items := make([]any, len(open))
		copy(items, open)
		clear(open)
		d.items = d.items[:top.begin]
		return d.pop(NewArray(items))
	case '}':
		switch {
		case top == nil || !top.isObj || top.hasKey && !d.has:
			return "Unmatched '}'"
		case d.has:
			if problem := d.add(top); problem != "" {
				return problem
			}
		case top.object.Len() > 0:
			return "Expected another key-value pair"
		}
		d.remember(top.object)
		return d.pop(top.object)
	}
	return ""
}

// remember keeps the keys of an object that is complete for the next one at its depth.
func (d *Decoder) remember(o *Object) {
	for len(d.recent) < len(d.stack) {
		d.recent = append(d.recent, known{})
	}
	last := &d.recent[len(d.stack)-1]
	if last.keys == o.keys && len(last.values) >= len(o.vals) {
		return
	}
	last.keys, last.values = o.keys, make([]any, len(o.vals))
	for i, name := range o.Names() {
		last.values[i] = name
	}
}

func (d *Decoder) add(top *frame) string {
	if !top.isObj {
		d.items = append(d.items, d.next)
	} else if !top.hasKey {
		return "Objects must consist of key:value pairs"
	} else {
		o := top.object
		if n := len(o.vals); n < len(o.keys.names) && o.keys.names[n] == top.key {
			if n == cap(o.vals) {
				o.vals = append(make([]any, 0, len(o.keys.names)), o.vals...)
			}
			o.vals = append(o.vals, d.next) // nobody else has the object yet
		} else {
			o = o.With(top.key, d.next)
		}
		top.object, top.hasKey = o, false
	}
	d.next, d.has = nil, false
	return ""
}

func (d *Decoder) pop(v any) string {
	d.stack = d.stack[:len(d.stack)-1]
	d.next, d.has = v, true
	return ""
}

// unescape decodes the inside of a JSON string; bytes that are no UTF-8 become U+FFFD.
func unescape(b []byte, escaped bool) (s, problem string) {
	if !escaped {
		return validText(string(b)), ""
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		if i++; i >= len(b) {
			return "", "Expected escape character at end of string"
		}
		switch b[i] {
		case '"', '\\', '/':
			out = append(out, b[i])
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := hex4(b[i+1:])
			if !ok {
				return "", "Invalid \\uXXXX escape"
			}
			i += 4
			if r >= 0xD800 && r < 0xDC00 && i+2 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
				if low, ok := hex4(b[i+3:]); ok && low >= 0xDC00 && low < 0xE000 {
					r = 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return "", "Invalid escape"
		}
	}
	return validText(string(out)), ""
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// validText replaces each ill-formed part by one U+FFFD.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// ParseValue reads a string that is one JSON text.
func ParseValue(s string) (any, error) {
	text := bufio.NewReaderSize(strings.NewReader(s), min(len(s), blockSize))
	d := &Decoder{r: text, work: func(int) error { return nil }, line: 1}
	v, err := d.Next()
	if err != nil {
		return nil, err
	}
	if _, err := d.Next(); err != io.EOF {
		return nil, parseError("Unexpected extra JSON values")
	}
	return v, nil
}
