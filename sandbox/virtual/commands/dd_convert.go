package commands

import "bytes"

func (d *blockCopy) converted(b []byte) []byte {
	if d.conv["sync"] {
		pad := byte(0)
		if d.conv["block"] || d.conv["unblock"] {
			pad = ' '
		}
		for int64(len(b)) < d.ibs {
			b = append(b, pad)
		}
	}
	for i, c := range b {
		if d.conv["ascii"] {
			c = d.table[c]
			b[i] = c
		}
		switch {
		case d.conv["ucase"] && c >= 'a' && c <= 'z':
			b[i] = c - 32
		case d.conv["lcase"] && c >= 'A' && c <= 'Z':
			b[i] = c + 32
		}
		if d.table != nil && !d.conv["ascii"] {
			b[i] = d.table[b[i]]
		}
	}
	if d.conv["swab"] {
		for i := 0; i+1 < len(b); i += 2 {
			b[i], b[i+1] = b[i+1], b[i]
		}
	}
	return b
}

// code is how c is written in the output: EBCDIC has other blanks and newlines.
func (d *blockCopy) code(c byte) byte {
	if d.table == nil || d.conv["ascii"] {
		return c
	}
	return d.table[c]
}

// block makes records of cbs bytes of lines: longer ones are cut, shorter ones padded with blanks.
func (d *blockCopy) block(b []byte) []byte {
	var to []byte
	for _, c := range b {
		switch {
		case c == d.code('\n'):
			to = append(to, bytes.Repeat([]byte{d.code(' ')}, int(max(d.cbs-d.column, 0)))...)
			d.column = 0
			continue
		case d.column < d.cbs:
			to = append(to, c)
		}
		d.column++
	}
	return to
}

// unblock makes lines of records of cbs bytes, without the blanks at their ends.
func (d *blockCopy) unblock(b []byte) []byte {
	var to []byte
	for _, c := range b {
		if c == ' ' {
			d.blanks++
		} else {
			to = append(append(to, bytes.Repeat([]byte{' '}, int(d.blanks))...), c)
			d.blanks = 0
		}
		if d.column++; d.column == d.cbs {
			to = append(to, '\n')
			d.column, d.blanks = 0, 0
		}
	}
	return to
}
