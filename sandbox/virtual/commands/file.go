package commands

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// magics are the first bytes of what file tells apart, with its name and its media type.
var magics = []struct{ prefix, name, media string }{
	{"\x89PNG\r\n\x1a\n", "PNG image data", "image/png"}, {"\xff\xd8\xff", "JPEG image data", "image/jpeg"},
	{"GIF87a", "GIF image data, version 87a", "image/gif"}, {"GIF89a", "GIF image data, version 89a", "image/gif"},
	{"%PDF-", "PDF document", "application/pdf"}, {"PK\x03\x04", "Zip archive data", "application/zip"},
	{"\x1f\x8b", "gzip compressed data", "application/gzip"}, {"BZh", "bzip2 compressed data", "application/x-bzip2"},
	{"\xfd7zXZ\x00", "XZ compressed data", "application/x-xz"}, {"\x28\xb5\x2f\xfd", "Zstandard compressed data", "application/zstd"},
	{"\x7fELF", "ELF", "application/x-executable"}, {"SQLite format 3\x00", "SQLite 3.x database", "application/vnd.sqlite3"},
	{"RIFF", "RIFF (little-endian) data", "application/octet-stream"}, {"OggS", "Ogg data", "application/ogg"},
	{"\x00asm", "WebAssembly (wasm) binary module", "application/wasm"}, {"<?xml", "XML 1.0 document, ASCII text", "text/xml"},
	{"<!DOCTYPE html", "HTML document, ASCII text", "text/html"}, {"<html", "HTML document, ASCII text", "text/html"},
}

func fileCommand(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "bhikLsz", Long: "brief=b mime=i mime-type mime-encoding dereference=L no-dereference=h",
		Usage: "[OPTION]... FILE...\nTell what the FILEs contain.\n\n  -b  without names  -i, --mime, --mime-type  media types  -L  follow links\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	brief, follow, mime, charset := false, false, false, false
	for _, o := range p.Options {
		switch o.Key {
		case "b":
			brief = true
		case "L":
			follow = true
		case "i":
			mime, charset = true, true
		case "mime-type":
			mime = true
		case "mime-encoding":
			charset = true
		}
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	width := 0
	for _, name := range p.Operands {
		width = max(width, len(name))
	}
	for _, name := range p.Operands {
		kind, media, set := describeFile(inv, name, follow)
		text := kind
		switch {
		case mime && charset:
			text = media + "; charset=" + set
		case mime:
			text = media
		case charset:
			text = set
		}
		if !brief {
			text = fmt.Sprintf("%-*s %s", width+1, name+":", text)
		}
		if _, err := io.WriteString(inv.Stdout, text+"\n"); err != nil {
			return 1
		}
	}
	return status
}

// describeFile names the kind of a file, its media type and its character set.
func describeFile(inv *shell.Invocation, name string, follow bool) (kind, media, charset string) {
	stat := inv.FS.Lstat
	if follow {
		stat = inv.FS.Stat
	}
	var r io.ReadCloser
	if name == "-" {
		r = io.NopCloser(inv.Stdin)
	} else {
		info, err := stat(inv.Path(name))
		if err != nil {
			if shown, e := cli.Stat(inv, name); e == nil { // of <( )
				info, err = shown, nil
			}
		}
		switch {
		case err == vfs.ErrNotExist:
			kind = "cannot open `" + name + "' (No such file or directory)"
			return kind, kind, kind
		case err != nil:
			kind = fmt.Sprintf("cannot open `%s' (%v)", name, err)
			return kind, kind, kind
		case info.IsDir():
			return "directory", "inode/directory", "binary"
		case info.Mode&fs.ModeSymlink != 0:
			if _, err := inv.FS.Stat(inv.Path(name)); err != nil {
				return "broken symbolic link to " + info.Target, "inode/symlink", "binary"
			}
			return "symbolic link to " + info.Target, "inode/symlink", "binary"
		case info.Mode&fs.ModeDevice != 0:
			return "character special", "inode/chardevice", "binary"
		}
		if r, err = inv.Open(name); err != nil {
			kind = fmt.Sprintf("cannot open `%s' (%v)", name, err)
			return kind, kind, kind
		}
	}
	defer r.Close()
	buf := make([]byte, cli.BlockSize)
	n, _ := io.ReadFull(r, buf)
	return describeBytes(buf[:n])
}

func describeBytes(b []byte) (kind, media, charset string) {
	if len(b) == 0 {
		return "empty", "inode/x-empty", "binary"
	}
	for _, m := range magics {
		if bytes.HasPrefix(b, []byte(m.prefix)) {
			set := "binary"
			if strings.HasPrefix(m.media, "text/") {
				set = "us-ascii"
			}
			return m.name, m.media, set
		}
	}
	if len(b) > 262 && string(b[257:262]) == "ustar" {
		return "POSIX tar archive (GNU)", "application/x-tar", "binary"
	}
	text, set := textKind(b)
	if text == "" {
		return "data", "application/octet-stream", "binary"
	}
	if first, _, _ := bytes.Cut(b, []byte("\n")); bytes.HasPrefix(b, []byte("#!")) {
		program := strings.Fields(strings.TrimPrefix(string(first), "#!"))
		if len(program) > 0 {
			return scriptKind(program) + " script, " + text + " executable", "text/x-shellscript", set
		}
	}
	if t := bytes.TrimSpace(b); len(t) > 1 && (t[0] == '{' && t[len(t)-1] == '}' && bytes.Contains(t, []byte(`":`)) ||
		t[0] == '[' && t[len(t)-1] == ']') {
		return "JSON text data", "application/json", set
	}
	return text + lineEnds(b), "text/plain", set
}

// textKind says which text it is; "" if it is none.
func textKind(b []byte) (kind, charset string) {
	ascii := true
	for _, c := range b {
		if c < ' ' && strings.IndexByte("\a\b\t\n\v\f\r\x1b", c) < 0 || c == 0x7f {
			return "", ""
		}
		ascii = ascii && c < 0x80
	}
	switch {
	case ascii:
		return "ASCII text", "us-ascii"
	case utf8.Valid(b) || utf8.Valid(b[:max(0, len(b)-3)]):
		if bytes.HasPrefix(b, []byte("\ufeff")) {
			return "Unicode text, UTF-8 (with BOM) text", "utf-8"
		}
		return "Unicode text, UTF-8 text", "utf-8"
	}
	return "ISO-8859 text", "iso-8859-1"
}

func lineEnds(b []byte) string {
	switch crlf, lf := bytes.Count(b, []byte("\r\n")), bytes.Count(b, []byte("\n")); {
	case lf == 0:
		return ", with no line terminators"
	case crlf == lf:
		return ", with CRLF line terminators"
	case crlf > 0:
		return ", with CRLF, LF line terminators"
	}
	return ""
}

// scriptKind names a script's interpreter.
func scriptKind(program []string) string {
	name := program[0]
	if strings.HasSuffix(name, "/env") && len(program) > 1 {
		name = program[1]
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	switch {
	case base == "bash":
		return "Bourne-Again shell"
	case base == "sh" || base == "dash":
		return "POSIX shell"
	case strings.HasPrefix(base, "python"):
		return "Python"
	case base == "node":
		return "Node.js"
	case base == "perl":
		return "Perl"
	case base == "ruby":
		return "Ruby"
	}
	return strings.Join(program, " ")
}
