package fetch

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// prefix is one entry of an allow-list.
type prefix struct {
	scheme, port string
	host         string // without "*."
	below        bool   // any host below it: "*.example.com"; with an empty host, every one
	path         string // decoded; ends with "/", or is a path whose end is a segment's
}

// parsePrefix reads "https://host[:port][/path]".
func parsePrefix(text string) (prefix, error) {
	bad := func(why string) (prefix, error) {
		return prefix{}, fmt.Errorf("%q %s; write a URL prefix such as https://api.example.com/v1/", text, why)
	}
	scheme, rest, ok := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "http" && scheme != "https" {
		return bad("does not begin with https:// or http://")
	}
	if strings.ContainsAny(rest, "?#") {
		return bad("has a query or fragment, which no prefix can have")
	}
	p := prefix{}
	authority, _, _ := strings.Cut(rest, "/")
	parsed := text
	switch name, wild := strings.CutPrefix(authority, "*."); {
	case wild:
		p.below, parsed = true, scheme+"://"+name+rest[len(authority):]
	case authority == "*" || strings.HasPrefix(authority, "*:"):
		p.below, parsed = true, scheme+"://any"+rest[1:]
	}
	t, err := parseTarget(parsed)
	if err != nil {
		return bad("cannot be used: " + err.Error())
	}
	p.scheme, p.host, p.port, p.path = t.scheme, t.host, t.port, t.path
	if authority == "*" || strings.HasPrefix(authority, "*:") {
		p.host = ""
	}
	return p, nil
}

func (p prefix) matches(t target) bool {
	if p.scheme != t.scheme || p.port != t.port {
		return false
	}
	switch {
	case p.below && p.host != "" && !strings.HasSuffix(t.host, "."+p.host):
		return false
	case !p.below && p.host != t.host:
		return false
	}
	return p.path == "/" || t.path == p.path || strings.HasPrefix(t.path, strings.TrimSuffix(p.path, "/")+"/")
}

// target is a URL that can be asked for, in the one form that is compared and dialed.
type target struct {
	scheme, host, port string
	path               string // decoded
	request            string // path and query as they are sent
	authority          string // host and port as the Host field has them
	allowed            bool   // by an entry
	named              bool   // by one that is not a pattern
}

// parseTarget reads a URL strictly: what two programs could read in two ways is refused.
func parseTarget(text string) (target, error) {
	var t target
	for _, c := range []byte(text) {
		if c <= ' ' || c >= 0x7f || c == '\\' {
			return t, errors.New("it has a space, a backslash, or a character that is not ASCII; encode it as %XX, and a host's name in punycode")
		}
	}
	u, err := url.Parse(text)
	if err != nil {
		return t, errors.New("it is malformed")
	}
	t.scheme = u.Scheme
	switch {
	case t.scheme != "http" && t.scheme != "https":
		return t, errors.New("only https and http can be fetched")
	case u.User != nil || strings.Contains(u.Host, "@"):
		return t, errors.New("it holds credentials; leave them out of the URL")
	case u.Opaque != "" || u.Host == "":
		return t, errors.New("it has no host")
	}
	if t.host, err = hostName(u); err != nil {
		return t, err
	}
	t.port = u.Port()
	if t.port == "" {
		t.port = map[string]string{"http": "80", "https": "443"}[t.scheme]
		if strings.HasSuffix(u.Host, ":") {
			return t, errors.New("it has an empty port")
		}
	}
	if n, err := strconv.ParseUint(t.port, 10, 16); err != nil || n == 0 || t.port[0] == '0' {
		return t, errors.New("its port is none")
	}
	escaped := u.EscapedPath()
	if escaped == "" {
		escaped = "/"
	}
	if t.path, err = cleanPath(escaped); err != nil {
		return t, err
	}
	t.request = escaped
	if u.RawQuery != "" || u.ForceQuery {
		t.request += "?" + u.RawQuery
	}
	t.authority = t.host
	if strings.Contains(t.host, ":") {
		t.authority = "[" + t.host + "]"
	}
	if u.Port() != "" {
		t.authority += ":" + t.port
	}
	return t, nil
}

// hostName is the host in lower case: an address, or a name of letters, digits, hyphens and underscores.
func hostName(u *url.URL) (string, error) {
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Zone() != "" || strings.Contains(host, ":") != strings.HasPrefix(u.Host, "[") {
			return "", errors.New("its address is not in the usual form")
		}
		return ip.String(), nil
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || len(label) > 63 {
			return "", errors.New("its host is not a name: letters, digits and hyphens between single dots")
		}
	}
	last := labels[len(labels)-1]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return "", errors.New("its host is a number; write an address as four decimal numbers")
	}
	return host, nil
}

// cleanPath decodes a path, and refuses one that a server could take for another: with "." or ".." segments, however
// often encoded, or encoded slashes, backslashes and zero bytes.
func cleanPath(escaped string) (string, error) {
	refused := errors.New(`its path has "." or ".." segments, or encoded slashes`)
	decoded := escaped
	for round := 0; ; round++ {
		for _, segment := range strings.Split(decoded, "/") {
			name, _, _ := strings.Cut(segment, ";") // some servers drop what follows
			if name == "." || name == ".." {
				return "", refused
			}
		}
		next, err := url.PathUnescape(decoded)
		if err != nil {
			if round == 0 {
				return "", errors.New("its path is wrongly encoded")
			}
			break
		}
		if strings.Count(next, "/") != strings.Count(decoded, "/") || strings.ContainsAny(next, "\\\x00") {
			return "", refused
		}
		if next == decoded {
			break
		}
		if round == 4 {
			return "", errors.New("its path is encoded too often")
		}
		decoded = next
	}
	once, err := url.PathUnescape(escaped)
	return once, err
}
