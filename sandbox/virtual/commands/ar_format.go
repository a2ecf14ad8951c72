package commands

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
)

const (
	arMagic  = "!<arch>\n"
	arHeader = 60 // bytes before each member: name, time, owner, group, mode, size and two bytes that end it
	arEnd    = "`\n"
)

// arMember is a file in an archive.
type arMember struct {
	name        string
	mtime       int64
	uid, gid    int
	permissions uint32
	data        []byte
	offset      int // of its header
}

func (m arMember) mode() fs.FileMode { return filemode.FromOctal(m.permissions & 0o7777) }

var errNoArchive = errors.New("file format not recognized")

// parseArchive reads an archive. The members share its memory; what linkers keep in it is left out.
func parseArchive(data []byte) (members []arMember, err error) {
	rest, ok := bytes.CutPrefix(data, []byte(arMagic))
	if !ok {
		return nil, errNoArchive
	}
	long := "" // the names that do not fit, as GNU keeps them
	for len(rest) > 0 {
		if len(rest) < arHeader || string(rest[58:60]) != arEnd {
			return nil, errNoArchive
		}
		m := arMember{offset: len(data) - len(rest)}
		field := func(from, to int) string { return strings.TrimRight(string(rest[from:to]), " ") }
		size, err := strconv.Atoi(field(48, 58))
		if err != nil || size < 0 || size > len(rest)-arHeader {
			return nil, errNoArchive
		}
		m.mtime, _ = strconv.ParseInt(field(16, 28), 10, 64)
		m.uid, _ = strconv.Atoi(field(28, 34))
		m.gid, _ = strconv.Atoi(field(34, 40))
		mode, _ := strconv.ParseUint(field(40, 48), 8, 32)
		m.permissions = uint32(mode)
		name := field(0, 16)
		m.data = rest[arHeader : arHeader+size]
		rest = rest[min(len(rest), arHeader+size+size%2):]
		switch {
		case name == "//":
			long = string(m.data)
			continue
		case name == "/" || name == "/SYM64/" || name == "__.SYMDEF":
			continue
		case strings.HasPrefix(name, "#1/"): // as BSD keeps long names
			n, err := strconv.Atoi(name[3:])
			if err != nil || n < 0 || n > len(m.data) {
				return nil, errNoArchive
			}
			m.name, m.data = strings.TrimRight(string(m.data[:n]), "\x00"), m.data[n:]
		case strings.HasPrefix(name, "/"):
			at, err := strconv.Atoi(name[1:])
			if err != nil || at < 0 || at > len(long) {
				return nil, errNoArchive
			}
			m.name, _, _ = strings.Cut(long[at:], "\n")
			m.name = strings.TrimSuffix(m.name, "/")
		default:
			m.name = strings.TrimSuffix(name, "/")
		}
		members = append(members, m)
	}
	return members, nil
}

// formatArchive writes an archive as GNU does.
func formatArchive(members []arMember) []byte {
	var long, body bytes.Buffer
	for _, m := range members {
		name := m.name + "/"
		if len(name) > 16 {
			at := long.Len()
			long.WriteString(name + "\n")
			name = "/" + strconv.Itoa(at)
		}
		fmt.Fprintf(&body, "%-16s%-12d%-6d%-6d%-8o%-10d%s", name, m.mtime, m.uid, m.gid, m.permissions, len(m.data), arEnd)
		body.Write(m.data)
		if len(m.data)%2 == 1 {
			body.WriteByte('\n')
		}
	}
	var out bytes.Buffer
	out.WriteString(arMagic)
	if long.Len() > 0 {
		if long.Len()%2 == 1 {
			long.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%-48s%-10d%s", "//", long.Len(), arEnd)
		out.Write(long.Bytes())
	}
	out.Write(body.Bytes())
	return out.Bytes()
}
