package curl

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"sort"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// writeOut prints -w's format.
func (t *transfer) writeOut(format string, status int) {
	if name, ok := strings.CutPrefix(format, "@"); ok {
		text, err := readAll(t.inv, name)
		if err != nil {
			t.warn("Failed to open %s: %v", name, err)
			return
		}
		format = text
	}
	values := t.variables(status)
	var w io.Writer = t.inv.Stdout
	var b strings.Builder
	flush := func() {
		io.WriteString(w, b.String())
		b.Reset()
	}
	for i := 0; i < len(format); i++ {
		rest := format[i:]
		switch {
		case strings.HasPrefix(rest, "%%"):
			b.WriteByte('%')
			i++
		case strings.HasPrefix(rest, "%{"):
			end := strings.IndexByte(rest, '}')
			if end < 0 {
				b.WriteString("%{")
				i++
				continue
			}
			i += end
			switch name := rest[2:end]; name {
			case "onerror":
				if status == 0 {
					flush()
					return
				}
			case "stdout", "stderr":
				flush()
				w = t.inv.Stdout
				if name == "stderr" {
					w = t.inv.Stderr
				}
			case "json":
				b.WriteString(jsonOf(values))
			case "header_json":
				b.WriteString(t.headerJSON())
			default:
				value, ok := values[name]
				if !ok {
					fmt.Fprintf(t.inv.Stderr, "curl: unknown --write-out variable: '%s'\n", name)
					value = ""
				}
				fmt.Fprint(&b, value)
			}
		case strings.HasPrefix(rest, "%header{"):
			end := strings.IndexByte(rest, '}')
			if end < 0 {
				b.WriteString("%header{")
				i += len("%header{") - 1
				continue
			}
			if t.answer != nil {
				for name, list := range t.answer.Header {
					if strings.EqualFold(name, rest[len("%header{"):end]) {
						b.WriteString(list[0])
					}
				}
			}
			i += end
		case len(rest) > 1 && rest[0] == '\\' && strings.IndexByte("rnt", rest[1]) >= 0:
			b.WriteByte("\r\n\t"[strings.IndexByte("rnt", rest[1])])
			i++
		default:
			b.WriteByte(rest[0])
		}
	}
	flush()
}

type number string // printed as it is, in JSON too

// variables are those of -w.
func (t *transfer) variables(status int) map[string]any {
	r := t.answer
	if r == nil {
		r = &sandbox.Response{}
	}
	total := t.inv.Now().Sub(t.began)
	at := func(d interface{ Seconds() float64 }) number { return number(fmt.Sprintf("%.6f", d.Seconds())) }
	whole := func(n int64) number { return number(fmt.Sprint(n)) }
	speed := func(n int64) number {
		if total <= 0 {
			return whole(n)
		}
		return whole(int64(float64(n) / total.Seconds()))
	}
	address := func(a netip.AddrPort) (string, number) {
		if !a.IsValid() {
			return "", "0"
		}
		return a.Addr().String(), number(fmt.Sprint(a.Port()))
	}
	message := ""
	if t.failed != nil {
		message = t.failed.text
	}
	effective, scheme := t.url, ""
	if t.current != nil {
		effective = t.current.String()
		if t.answer != nil {
			scheme = strings.ToUpper(t.current.Scheme)
		}
	}
	method := t.method
	if custom := t.config.last["request"]; custom != "" {
		method = custom
	}
	version := r.Proto
	if version == "" {
		version = "0"
	}
	v := map[string]any{
		"content_type": firstOf(r.Header["Content-Type"]), "errormsg": message, "exitcode": whole(int64(status)), "filename_effective": t.file,
		"http_code": number(fmt.Sprintf("%03d", r.Code)), "response_code": number(fmt.Sprintf("%03d", r.Code)), "http_connect": number("000"), "http_version": version,
		"method": method, "num_connects": whole(int64(min(t.hops+1, 1+t.hops))), "num_headers": whole(int64(t.fields)), "num_redirects": whole(int64(t.hops)),
		"proxy_ssl_verify_result": number("0"), "redirect_url": "", "referer": t.referer, "scheme": scheme, "ssl_verify_result": number("0"),
		"size_download": whole(t.received), "size_upload": whole(t.sent), "size_header": whole(int64(t.head)), "size_request": whole(int64(t.asked)),
		"speed_download": speed(t.received), "speed_upload": speed(t.sent), "time_total": at(total), "time_namelookup": at(t.before + r.Resolved),
		"time_connect": at(t.before + r.Connected), "time_appconnect": at(r.Secured), "time_pretransfer": at(t.before + max(r.Connected, r.Secured)),
		"time_starttransfer": at(t.before + r.Answered), "time_redirect": at(t.before), "url": t.url, "url_effective": effective,
		"urlnum": whole(int64(t.number)), "certs": "", "num_certs": number("0"), "ftp_entry_path": "",
	}
	if !t.config.on["location"] {
		v["redirect_url"] = t.redirect
	}
	v["local_ip"], v["local_port"] = address(r.Local)
	v["remote_ip"], v["remote_port"] = address(r.Remote)
	return v
}

func jsonOf(values map[string]any) string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		text, _ := json.Marshal(values[name])
		if n, ok := values[name].(number); ok {
			text = []byte(strings.TrimLeft(string(n[:max(len(n)-1, 0)]), "0") + string(n[max(len(n)-1, 0):]))
			if text[0] == '.' {
				text = append([]byte("0"), text...)
			}
		}
		if name == "filename_effective" && values[name] == "" {
			text = []byte("null")
		}
		fmt.Fprintf(&b, ",%q:%s", name, text)
	}
	return "{" + b.String()[1:] + `,"curl_version":"libcurl/` + version + `"}`
}

// headerJSON is the answer's fields, by lower-case names.
func (t *transfer) headerJSON() string {
	if t.answer == nil {
		return "{}"
	}
	lower := map[string][]string{}
	for name, list := range t.answer.Header {
		lower[strings.ToLower(name)] = list
	}
	text, _ := json.Marshal(lower)
	return string(text)
}
