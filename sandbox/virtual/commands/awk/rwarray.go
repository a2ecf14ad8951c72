package awk

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// arrayMagic begins a file that writea or writeall has made. Behind it comes an array: the number of its elements, then
// each one's key and value. A text is its length and its bytes; a value is its kind, and a number, a text or an array.
const arrayMagic = "flue awk array 1\n"

const arrayKind = 'a' // of an element that is an array; others have the number of their kind

func writeArray(in *interp, args []expr) value {
	return in.writeEncoded(in.text(args[0]), args[1].(arrayExpr).arrayOf(in))
}

// writeAll writes all variables of the program.
func writeAll(in *interp, args []expr) value {
	all := newArray()
	for name, slot := range in.prog.globals {
		if slices.Contains(systemNames, name) {
			continue
		}
		c := in.globals[slot]
		if c.arr != nil || c.kind != unset {
			all.cells[name], all.keys = &c, append(all.keys, name)
		}
	}
	return in.writeEncoded(in.text(args[0]), all)
}

func (in *interp) writeEncoded(name string, a *array) value {
	f, err := in.inv.Create(name)
	if err != nil {
		in.failed(err)
		return num(0)
	}
	_, err = f.Write(in.encodeArray([]byte(arrayMagic), a))
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		in.failed(err)
		return num(0)
	}
	return num(1)
}

func (in *interp) encodeArray(b []byte, a *array) []byte {
	keys := a.list()
	b = binary.AppendUvarint(b, uint64(len(keys)))
	for _, key := range keys {
		b = appendText(b, key)
		c := a.cells[key]
		if c.arr != nil {
			b = in.encodeArray(append(b, arrayKind), c.arr)
			continue
		}
		b = binary.BigEndian.AppendUint64(append(b, byte(c.kind)), math.Float64bits(c.n))
		b = appendText(b, c.s)
	}
	in.large(len(b))
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func readArray(in *interp, args []expr) value {
	a := args[1].(arrayExpr).arrayOf(in)
	in.clear(a)
	return in.readEncoded(in.text(args[0]), a)
}

// readAll sets the variables that the program has.
func readAll(in *interp, args []expr) value {
	all := newArray()
	if in.readEncoded(in.text(args[0]), all).n == 0 {
		return num(0)
	}
	for _, name := range all.list() {
		if slot, used := in.prog.globals[name]; used {
			c := all.cells[name]
			if c.arr != nil {
				in.globals[slot].arr = c.arr
			} else {
				in.set(&in.globals[slot], c.value)
			}
		}
	}
	return num(1)
}

func (in *interp) readEncoded(name string, a *array) value {
	s, err := readProgram(in.ctx, in.inv, name)
	rest, ok := strings.CutPrefix(s, arrayMagic)
	if err == nil && !ok {
		err = vfs.ErrInvalid
	}
	if err == nil {
		d := decoder{rest, true}
		in.decodeArray(&d, a, 0)
		if !d.ok {
			err = vfs.ErrInvalid
		}
	}
	if err != nil {
		in.failed(err)
		return num(0)
	}
	return num(1)
}

// decoder reads what encodeArray writes; ok is false once something is missing.
type decoder struct {
	rest string
	ok   bool
}

func (d *decoder) count() int {
	n, size := binary.Uvarint([]byte(d.rest[:min(len(d.rest), binary.MaxVarintLen64)]))
	if size <= 0 || n > uint64(len(d.rest)) {
		d.ok = false
		return 0
	}
	d.rest = d.rest[size:]
	return int(n)
}

func (d *decoder) bytes(n int) string {
	if n > len(d.rest) {
		d.ok = false
		return strings.Repeat("\x00", min(n, 8))
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

func (in *interp) decodeArray(d *decoder, a *array, depth int) {
	if depth > maxNesting {
		d.ok = false
	}
	for n := d.count(); n > 0 && d.ok; n-- {
		key := d.bytes(d.count())
		k := d.bytes(1)[0]
		if k == arrayKind {
			sub := newArray()
			in.element(a, key).arr = sub
			in.decodeArray(d, sub, depth+1)
			continue
		}
		v := value{kind: kind(k), n: math.Float64frombits(binary.BigEndian.Uint64([]byte(d.bytes(8))))}
		v.s = d.bytes(d.count())
		if v.kind > exact || v.kind == exact && len(v.s) == 0 {
			d.ok = false
			return
		}
		in.put(a, key, v)
	}
}
