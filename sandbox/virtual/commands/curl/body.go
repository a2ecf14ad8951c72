package curl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// body is what a request carries.
type body struct {
	open func() (io.ReadCloser, error)
	size int64  // -1: not known
	kind string // Content-Type, or ""
}

func bytesBody(text, kind string) *body {
	return &body{func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }, int64(len(text)), kind}
}

// dataOf joins -d and its kin.
func dataOf(inv *shell.Invocation, data []datum) (string, error) {
	var b strings.Builder
	for i, d := range data {
		text, err := datumText(inv, d)
		if err != nil {
			return "", err
		}
		if i > 0 && d.option != "json" {
			b.WriteByte('&')
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func datumText(inv *shell.Invocation, d datum) (string, error) {
	file := func(name string) string {
		text, err := readAll(inv, name)
		if err != nil {
			fmt.Fprintf(inv.Stderr, "Warning: Couldn't read data from file \"%s\", this makes an empty \nWarning: POST.\n", name)
		}
		return text
	}
	switch name, isFile := strings.CutPrefix(d.value, "@"); {
	case d.option == "data-urlencode":
		at := strings.IndexAny(d.value, "=@")
		if at < 0 {
			return formEncode(d.value), nil
		}
		content := d.value[at+1:]
		if d.value[at] == '@' {
			content = file(content)
		}
		if at == 0 {
			return formEncode(content), nil
		}
		return d.value[:at] + "=" + formEncode(content), nil
	case !isFile || d.option == "data-raw":
		return d.value, nil
	case d.option == "data-binary" || d.option == "json":
		return file(name), nil
	default:
		return strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(file(name)), inv.Budget.Err()
	}
}

// formEncode escapes all but what RFC 3986 leaves unreserved; a space is a plus.
func formEncode(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else if c == ' ' {
			b.WriteByte('+')
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

var errOpen = errors.New("Failed to open/read local data from file/application")

// formOf is the multipart body of -F.
func formOf(inv *shell.Invocation, forms []datum) (*body, error) {
	boundary := fmt.Sprintf("------------------------%016x", rand.Uint64())
	var b bytes.Buffer
	for _, f := range forms {
		name, content, ok := strings.Cut(f.value, "=")
		if !ok {
			return nil, &usageError{"", 2}
		}
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=\"%s\"", boundary, quoted(name))
		text, file, kind := content, "", ""
		if f.option == "form" {
			var err error
			if text, file, kind, err = formPart(inv, content); err != nil {
				return nil, err
			}
		}
		if file != "" {
			fmt.Fprintf(&b, "; filename=\"%s\"", quoted(file))
		}
		if kind != "" {
			fmt.Fprintf(&b, "\r\nContent-Type: %s", kind)
		}
		if inv.Budget.Hold(2*len(text)) != nil {
			return nil, errOpen
		}
		b.WriteString("\r\n\r\n" + text + "\r\n")
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return bytesBody(b.String(), "multipart/form-data; boundary="+boundary), nil
}

func quoted(name string) string {
	return strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace(name)
}

// formPart reads "content", "@file" or "<file", with ";type=" and ";filename=" behind it.
func formPart(inv *shell.Invocation, content string) (text, file, kind string, err error) {
	mark := byte(0)
	if content != "" && (content[0] == '@' || content[0] == '<') {
		mark, content = content[0], content[1:]
	}
	if strings.HasPrefix(content, `"`) {
		value := unquote(content[1:])
		end := 1
		for end < len(content) && content[end] != '"' {
			if content[end] == '\\' {
				end++
			}
			end++
		}
		text, content = value, content[min(end+1, len(content)):]
	} else {
		end := len(content)
		for i := range content {
			if rest := content[i:]; strings.HasPrefix(rest, ";type=") || strings.HasPrefix(rest, ";filename=") || strings.HasPrefix(rest, ";encoder=") || strings.HasPrefix(rest, ";headers=") {
				end = i
				break
			}
		}
		text, content = content[:end], content[end:]
	}
	for _, field := range strings.Split(content, ";") {
		if v, ok := strings.CutPrefix(field, "type="); ok {
			kind = v
		}
		if v, ok := strings.CutPrefix(field, "filename="); ok {
			file = strings.Trim(v, `"`)
		}
	}
	if mark == 0 {
		return text, file, kind, nil
	}
	name := text
	if text, err = readAll(inv, name); err != nil {
		return "", "", "", errOpen
	}
	if mark == '@' {
		if file == "" {
			file = path.Base(name)
		}
		if kind == "" {
			kind = mediaType(name)
		}
	}
	return text, file, kind, nil
}

// mediaType is what curl takes a file for, by its name.
func mediaType(name string) string {
	for suffix, kind := range map[string]string{".gif": "image/gif", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".svg": "image/svg+xml",
		".txt": "text/plain", ".htm": "text/html", ".html": "text/html", ".pdf": "application/pdf", ".xml": "application/xml"} {
		if strings.HasSuffix(strings.ToLower(name), suffix) {
			return kind
		}
	}
	return "application/octet-stream"
}

// bodyOf makes the body of a request out of the options, or nil.
func (t *transfer) bodyOf() (*body, error) {
	c := t.config
	switch {
	case t.upload != "":
		if t.upload == "-" || t.upload == "." {
			return &body{func() (io.ReadCloser, error) { return io.NopCloser(t.inv.Stdin), nil }, -1, ""}, nil
		}
		info, err := t.inv.FS.Stat(t.inv.Path(t.upload))
		if err != nil || info.IsDir() {
			return nil, &usageError{fmt.Sprintf("Can't open '%s'!", t.upload), 26}
		}
		return &body{func() (io.ReadCloser, error) { return t.inv.Open(t.upload) }, info.Size, ""}, nil
	case len(c.forms) > 0:
		return formOf(t.inv, c.forms)
	case len(c.data) > 0 && !c.on["get"]:
		text, err := dataOf(t.inv, c.data)
		kind := "application/x-www-form-urlencoded"
		if c.isJSON() {
			kind = "application/json"
		}
		return bytesBody(text, kind), err
	}
	return nil, nil
}

func (c *config) isJSON() bool {
	for _, d := range c.data {
		if d.option == "json" {
			return true
		}
	}
	return false
}
