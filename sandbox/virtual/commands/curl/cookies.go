package curl

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// cookie is one line of a cookie file.
type cookie struct {
	domain      string // without a dot before it
	below       bool   // hosts below the domain have it too
	path        string
	secure      bool
	expires     int64 // seconds; 0: with the session
	name, value string
	httpOnly    bool
}

// jar is the cookies of one call.
type jar struct {
	on   bool
	list []cookie
	text string // of -b NAME=VALUE
}

const maxCookies = 1000

// load takes -b in: a file, or "NAME=VALUE; …".
func (j *jar) load(inv *shell.Invocation, c *config) {
	for _, value := range c.cookies {
		if strings.Contains(value, "=") {
			if j.text != "" {
				j.text += ";"
			}
			j.text += value
			continue
		}
		j.on = true
		text, err := readAll(inv, value)
		if err != nil || value == "" {
			continue
		}
		for line := range strings.Lines(text) {
			j.line(strings.TrimRight(line, "\r\n"), inv.Now(), c.on["junk-session-cookies"])
		}
	}
	j.on = j.on || c.last["cookie-jar"] != ""
}

// line reads a line of a cookie file: Netscape's format, or a Set-Cookie header.
func (j *jar) line(line string, now time.Time, noSession bool) {
	rest, httpOnly := strings.CutPrefix(line, "#HttpOnly_")
	f := strings.Split(rest, "\t")
	if strings.HasPrefix(rest, "#") || len(f) < 6 {
		return
	}
	expires, _ := strconv.ParseInt(f[4], 10, 64)
	if expires != 0 && expires < now.Unix() || expires == 0 && noSession {
		return
	}
	value := ""
	if len(f) > 6 {
		value = f[6]
	}
	j.put(cookie{domain: strings.ToLower(strings.TrimPrefix(f[0], ".")), below: f[1] == "TRUE", path: f[2], secure: f[3] == "TRUE", expires: expires,
		name: f[5], value: value, httpOnly: httpOnly})
}

func (j *jar) put(c cookie) {
	for i, old := range j.list {
		if old.name == c.name && old.domain == c.domain && old.path == c.path {
			j.list[i] = c
			return
		}
	}
	if len(j.list) < maxCookies {
		j.list = append(j.list, c)
	}
}

// set takes the Set-Cookie fields of an answer in.
func (j *jar) set(u *url.URL, fields []string, now time.Time) {
	for _, field := range fields {
		if !j.on || len(field) > 8<<10 {
			return
		}
		parts := strings.Split(field, ";")
		name, value, ok := strings.Cut(strings.TrimSpace(parts[0]), "=")
		if !ok || name == "" {
			continue
		}
		c := cookie{domain: u.Hostname(), path: defaultPath(u.EscapedPath()), name: strings.TrimSpace(name), value: strings.TrimSpace(value)}
		drop, aged := false, false
		for _, attribute := range parts[1:] {
			key, v, _ := strings.Cut(strings.TrimSpace(attribute), "=")
			v = strings.Trim(strings.TrimSpace(v), `"`)
			switch strings.ToLower(key) {
			case "domain":
				v = strings.ToLower(strings.TrimPrefix(v, "."))
				if v == "" {
					continue
				}
				// A host may set a cookie for the domain that it is below, and for no other.
				if v != u.Hostname() && (!strings.HasSuffix(u.Hostname(), "."+v) || !strings.Contains(v, ".")) {
					drop = true
				}
				c.domain, c.below = v, strings.Trim(v, "0123456789.:") != ""
			case "path":
				if strings.HasPrefix(v, "/") {
					c.path = v
				}
			case "secure":
				c.secure = true
			case "httponly":
				c.httpOnly = true
			case "max-age":
				if n, err := strconv.ParseInt(v, 10, 40); err == nil {
					c.expires, aged = max(now.Unix()+n, 1), true
				}
			case "expires":
				if t, err := cookieTime(v); err == nil && !aged {
					c.expires = max(t.Unix(), 1)
				}
			}
		}
		if drop || c.secure && u.Scheme != "https" {
			continue
		}
		j.put(c)
	}
	j.list = slices.DeleteFunc(j.list, func(c cookie) bool { return c.expires != 0 && c.expires <= now.Unix() })
}

func cookieTime(text string) (t time.Time, err error) {
	for _, layout := range []string{time.RFC1123, "Mon, 02-Jan-2006 15:04:05 MST", "Mon, 02-Jan-06 15:04:05 MST", time.ANSIC, time.RFC850} {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, err
}

func defaultPath(p string) string {
	if i := strings.LastIndexByte(p, '/'); i > 0 {
		return p[:i]
	}
	return "/"
}

// header is the Cookie field for a URL; own says whether -b's text belongs to its host.
func (j *jar) header(u *url.URL, own bool, now time.Time) string {
	var found []cookie
	for _, c := range j.list {
		host, p := u.Hostname(), u.EscapedPath()
		if p == "" {
			p = "/"
		}
		fits := host == c.domain || c.below && strings.HasSuffix(host, "."+c.domain)
		inside := p == c.path || strings.HasPrefix(p, strings.TrimSuffix(c.path, "/")+"/")
		if fits && inside && (!c.secure || u.Scheme == "https") && (c.expires == 0 || c.expires > now.Unix()) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b cookie) int { return len(b.path) - len(a.path) })
	var parts []string
	for _, c := range found {
		parts = append(parts, c.name+"="+c.value)
	}
	if j.text != "" && own {
		parts = append(parts, j.text)
	}
	return strings.Join(parts, "; ")
}

// save is the cookie file.
func (j *jar) save() string {
	var b strings.Builder
	b.WriteString("# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n# This file was generated by libcurl! Edit at your own risk.\n\n")
	yes := map[bool]string{true: "TRUE", false: "FALSE"}
	for _, c := range j.list {
		domain := c.domain
		if c.below {
			domain = "." + domain
		}
		if c.httpOnly {
			domain = "#HttpOnly_" + domain
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", domain, yes[c.below], c.path, yes[c.secure], c.expires, c.name, c.value)
	}
	return b.String()
}
