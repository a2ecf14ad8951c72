package jq

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"
)

// format applies @name to one value.
func format(name string, v any) (string, error) {
	switch name {
	case "@text":
		return toString(v), nil
	case "@json":
		return toJSON(v), nil
	case "@csv", "@tsv":
		return row(name[1:], v)
	case "@html":
		return strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;", "'", "&#39;", `"`, "&quot;").Replace(toString(v)), nil
	case "@uri":
		return escapeURI(toString(v)), nil
	case "@sh":
		return shellWords(v)
	case "@base64":
		return base64.StdEncoding.EncodeToString([]byte(toString(v))), nil
	case "@base64d":
		s := toString(v)
		trimmed := strings.TrimRight(s, "=")
		out, err := base64.RawStdEncoding.DecodeString(trimmed)
		if err != nil && (len(trimmed)%4 == 1 || len(out) == 0) && trimmed != "" {
			return "", fail("%s is not valid base64 data", describe(v))
		}
		return validText(string(out)), nil
	case "@base32":
		return base32.StdEncoding.EncodeToString([]byte(toString(v))), nil
	case "@base32d":
		out, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(toString(v), "="))
		if err != nil {
			return "", fail("%s is not valid base32 data", describe(v))
		}
		return validText(string(out)), nil
	}
	return "", fail("%s is not a valid format", name[1:])
}

func row(kind string, v any) (string, error) {
	a, ok := v.(*Array)
	if !ok {
		return "", fail("%s cannot be %s-formatted, only an array can be", describe(v), kind)
	}
	sep := ","
	if kind == "tsv" {
		sep = "\t"
	}
	cells := make([]string, len(a.items))
	for i, x := range a.items {
		switch x := x.(type) {
		case nil:
		case bool, float64, Literal:
			cells[i] = toJSON(x)
			if f, ok := x.(float64); ok && f != f {
				cells[i] = ""
			}
		case string:
			if kind == "csv" {
				cells[i] = `"` + strings.ReplaceAll(x, `"`, `""`) + `"`
			} else {
				cells[i] = strings.NewReplacer("\t", `\t`, "\\", `\\`, "\n", `\n`, "\r", `\r`).Replace(x)
			}
		default:
			return "", fail("%s is not valid in a csv row", describe(x))
		}
	}
	return strings.Join(cells, sep), nil
}

func escapeURI(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func shellWords(v any) (string, error) {
	items := []any{v}
	if a, ok := v.(*Array); ok {
		items = a.items
	}
	words := make([]string, len(items))
	for i, x := range items {
		switch x := x.(type) {
		case string:
			words[i] = "'" + strings.ReplaceAll(x, "'", `'\''`) + "'"
		case *Array, *Object:
			return "", fail("%s can not be escaped for shell", describe(x))
		default:
			words[i] = toJSON(x)
		}
	}
	return strings.Join(words, " "), nil
}
