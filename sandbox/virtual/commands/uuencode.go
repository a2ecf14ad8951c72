package commands

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func uuencode(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "me", Long: "base64=m encode-file-name=e", Usage: "[OPTION]... [INFILE] NAME\nEncode INFILE, or standard input, as text that uudecode writes to NAME.\n\n  -m, --base64  in base64\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	in, name, mode := "-", "", 0o666&^int(inv.Umask)
	switch len(p.Operands) {
	case 1:
		name = p.Operands[0]
	case 2:
		in, name = p.Operands[0], p.Operands[1]
		if info, err := inv.FS.Stat(inv.Path(in)); err == nil {
			mode = int(info.Mode.Perm())
		}
	default:
		return spec.Misuse(inv, "one or two operands are needed")
	}
	data, err := readAll(ctx, inv, in)
	defer inv.Budget.Release(len(data))
	if err != nil {
		inv.Errorf("%s: %v", in, err)
		return 1
	}
	out := inv.Buffered(inv.Stdout)
	if len(p.Options) > 0 {
		fmt.Fprintf(out, "begin-base64 %o %s\n", mode, name)
		text := base64.StdEncoding.EncodeToString(data)
		for ; len(text) > 60; text = text[60:] {
			out.WriteString(text[:60] + "\n")
		}
		if text != "" {
			out.WriteString(text + "\n")
		}
		out.WriteString("====\n")
	} else {
		fmt.Fprintf(out, "begin %o %s\n", mode, name)
		for ; len(data) > 0; data = data[min(45, len(data)):] {
			uuLine(out, data[:min(45, len(data))])
		}
		out.WriteString("`\nend\n")
	}
	if out.Flush() != nil {
		return 1
	}
	return 0
}

// uuLine writes a line: how many bytes it has, and for three bytes each four characters from "`", for 0, on.
func uuLine(out *bufio.Writer, line []byte) {
	char := func(v byte) byte {
		if v &= 0x3f; v == 0 {
			return '`'
		}
		return v + ' '
	}
	out.WriteByte(char(byte(len(line))))
	for i := 0; i < len(line); i += 3 {
		var b [3]byte
		copy(b[:], line[i:])
		out.Write([]byte{char(b[0] >> 2), char(b[0]<<4 | b[1]>>4), char(b[1]<<2 | b[2]>>6), char(b[2])})
	}
	out.WriteByte('\n')
}

func uudecode(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "o:", Long: "output-file:=o", Usage: "[OPTION]... [FILE]...\nDecode what uuencode wrote.\n\n  -o, --output-file=FILE  write to FILE instead of the name in the text\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	target := ""
	for _, o := range p.Options {
		target = o.Value
	}
	return max(status, cli.EachInput(inv, p.Operands, func(name string, r io.Reader) error {
		lines := cli.NewLines(ctx, inv.Budget, r, '\n')
		defer lines.Close()
		return uuRead(inv, lines, target)
	}))
}

func uuRead(inv *shell.Invocation, lines *cli.Lines, target string) error {
	var fields []string
	encoded64 := false
	for fields == nil {
		line, _, err := lines.Next()
		if err == io.EOF {
			return fmt.Errorf("no `begin' line")
		}
		if err != nil {
			return err
		}
		text := strings.TrimRight(string(line), "\r")
		if parts := strings.SplitN(text, " ", 3); len(parts) == 3 && (parts[0] == "begin" || parts[0] == "begin-base64") {
			fields, encoded64 = parts, parts[0] == "begin-base64"
		}
	}
	mode, err := strconv.ParseUint(fields[1], 8, 12)
	if err != nil {
		return fmt.Errorf("no `begin' line")
	}
	if target == "" {
		target = fields[2]
	}
	var w io.Writer = inv.Stdout
	if target != "-" && target != "/dev/stdout" {
		f, err := inv.OpenFile(inv.Path(target), vfs.Write|vfs.Create|vfs.Truncate, 0o666)
		if err != nil {
			return err
		}
		defer f.Close()
		defer inv.FS.Chmod(inv.Path(target), fs.FileMode(mode))
		w = f
	}
	for {
		line, _, err := lines.Next()
		if err == io.EOF {
			return fmt.Errorf("No `end' line")
		}
		if err != nil {
			return err
		}
		text := strings.TrimRight(string(line), "\r")
		var data []byte
		switch {
		case encoded64 && text == "====", !encoded64 && text == "end":
			return nil
		case encoded64:
			if data, err = base64.StdEncoding.DecodeString(text); err != nil {
				return fmt.Errorf("illegal line")
			}
		default:
			data = uuDecodeLine(text)
		}
		if _, err := w.Write(data); err != nil {
			return cli.ErrStop
		}
	}
}

func uuDecodeLine(text string) []byte {
	if text == "" {
		return nil
	}
	value := func(i int) byte {
		if i >= len(text) {
			return 0
		}
		return (text[i] - ' ') & 0x3f
	}
	size := int(value(0))
	data := make([]byte, 0, size+2)
	for i := 1; len(data) < size; i += 4 {
		a, b, c, d := value(i), value(i+1), value(i+2), value(i+3)
		data = append(data, a<<2|b>>4, b<<4|c>>2, c<<6|d)
	}
	return data[:size]
}
