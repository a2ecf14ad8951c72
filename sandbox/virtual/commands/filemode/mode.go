// Package filemode reads and writes file modes as chmod and ls do. Start at Parse and Letters.
package filemode

import (
	"io/fs"
	"strings"
)

// Bits are all that chmod sets.
const Bits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky

// Letters writes a mode as ls -l does.
func Letters(m fs.FileMode) string {
	b := []byte("-rwxrwxrwx")
	switch {
	case m.IsDir():
		b[0] = 'd'
	case m&fs.ModeSymlink != 0:
		b[0] = 'l'
	case m&fs.ModeCharDevice != 0:
		b[0] = 'c'
	case m&fs.ModeDevice != 0:
		b[0] = 'b'
	case m&fs.ModeNamedPipe != 0:
		b[0] = 'p'
	case m&fs.ModeSocket != 0:
		b[0] = 's'
	}
	for i := range 9 {
		if m&(1<<(8-i)) == 0 {
			b[i+1] = '-'
		}
	}
	special := func(bit fs.FileMode, at int, with, without byte) {
		if m&bit != 0 {
			if b[at] == 'x' {
				b[at] = with
			} else {
				b[at] = without
			}
		}
	}
	special(fs.ModeSetuid, 3, 's', 'S')
	special(fs.ModeSetgid, 6, 's', 'S')
	special(fs.ModeSticky, 9, 't', 'T')
	return string(b)
}

// Letter is the type of a file as find -type has it.
func Letter(m fs.FileMode) byte {
	if c := Letters(m)[0]; c != '-' {
		return c
	}
	return 'f'
}

// Exactly is the change to the mode m.
func Exactly(m fs.FileMode) Change {
	return Change{[]part{{who: 0o7777, op: '=', value: Octal(m), octal: true}}}
}

// Octal is the mode as chmod(2) takes it.
func Octal(m fs.FileMode) uint32 {
	n := uint32(m.Perm())
	if m&fs.ModeSetuid != 0 {
		n |= 0o4000
	}
	if m&fs.ModeSetgid != 0 {
		n |= 0o2000
	}
	if m&fs.ModeSticky != 0 {
		n |= 0o1000
	}
	return n
}

// FromOctal is the reverse of Octal.
func FromOctal(n uint32) fs.FileMode {
	m := fs.FileMode(n & 0o777)
	if n&0o4000 != 0 {
		m |= fs.ModeSetuid
	}
	if n&0o2000 != 0 {
		m |= fs.ModeSetgid
	}
	if n&0o1000 != 0 {
		m |= fs.ModeSticky
	}
	return m
}

// Change is a mode as chmod reads it: octal, or symbolic like u+rwx,go=.
type Change struct {
	parts []part
}

type part struct {
	who   uint32 // bits that it concerns
	all   bool   // no letter was given: the umask holds
	op    byte
	value uint32
	copy  byte // u, g or o: the bits of that class
	x     bool // X: run bit for directories and what has one already
	octal bool
	keep  bool // octal with few digits keeps a directory's setuid and setgid
}

// Parse reads a mode; ok is false if it is none.
func Parse(s string) (c Change, ok bool) {
	if s != "" && strings.Trim(s, "01234567") == "" {
		n := uint32(0)
		for _, d := range s {
			if n = n*8 + uint32(d-'0'); n > 0o7777 {
				return c, false
			}
		}
		return Change{[]part{{who: 0o7777, op: '=', value: n, octal: true, keep: len(s) < 5}}}, true
	}
	for _, clause := range strings.Split(s, ",") {
		i, who := 0, uint32(0)
		for ; i < len(clause) && strings.IndexByte("ugoa", clause[i]) >= 0; i++ {
			who |= map[byte]uint32{'u': 0o4700, 'g': 0o2070, 'o': 0o1007, 'a': 0o7777}[clause[i]]
		}
		if i == len(clause) {
			return c, false
		}
		for i < len(clause) {
			p := part{who: who, all: who == 0, op: clause[i]}
			if p.all {
				p.who = 0o7777
			}
			if strings.IndexByte("+-=", p.op) < 0 {
				return c, false
			}
			if i++; i < len(clause) && clause[i] >= '0' && clause[i] <= '7' {
				for ; i < len(clause) && clause[i] >= '0' && clause[i] <= '7'; i++ {
					if p.value = p.value*8 + uint32(clause[i]-'0'); p.value > 0o7777 {
						return c, false
					}
				}
				p.octal, p.all = true, false
				c.parts = append(c.parts, p)
				continue
			}
			if i < len(clause) && strings.IndexByte("ugo", clause[i]) >= 0 {
				p.copy = clause[i]
				i++
			} else {
				for ; i < len(clause) && strings.IndexByte("rwxXst", clause[i]) >= 0; i++ {
					switch clause[i] {
					case 'r':
						p.value |= 0o444
					case 'w':
						p.value |= 0o222
					case 'x':
						p.value |= 0o111
					case 'X':
						p.x = true
					case 's':
						p.value |= 0o6000
					case 't':
						p.value |= 0o1000
					}
				}
			}
			c.parts = append(c.parts, p)
		}
	}
	return c, len(c.parts) > 0
}

// Apply returns the mode that old becomes; the umask bounds clauses that name no class.
func (c Change) Apply(old fs.FileMode, umask fs.FileMode) fs.FileMode {
	m := Octal(old)
	for _, p := range c.parts {
		value := p.value
		switch p.copy {
		case 'u':
			value = (m >> 6 & 7) * 0o111
		case 'g':
			value = (m >> 3 & 7) * 0o111
		case 'o':
			value = (m & 7) * 0o111
		}
		if p.x && (old.IsDir() || m&0o111 != 0) {
			value |= 0o111
		}
		who := p.who
		if p.all {
			value &^= uint32(umask.Perm())
		}
		value &= who
		switch p.op {
		case '+':
			m |= value
		case '-':
			m &^= value
		case '=':
			if p.all {
				who = 0o7777
			}
			keep := uint32(0)
			if old.IsDir() && (!p.octal || p.keep) {
				keep = m & 0o6000
			}
			m = m&^who | value | keep
		}
	}
	return old.Type() | FromOctal(m)
}
