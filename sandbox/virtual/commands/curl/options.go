package curl

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// known lists the options: the long name, the letter or "-", and "b" for a switch (which "--no-NAME" turns off), "v" for
// one with a value, "i" for a switch and "iv" for a value that change nothing here, and "x" and "xv" for what no request
// of a sandbox may do.
const known = `
anyauth - i
basic - i
compressed - b
compressed-ssh - i
config K v
connect-timeout - v
continue-at C v
cookie b v
cookie-jar c v
create-dirs - b
data d v
data-ascii - v
data-binary - v
data-raw - v
data-urlencode - v
disable q i
dump-header D v
fail f b
fail-early - b
fail-with-body - b
form F v
form-string - v
get G b
globoff g b
head I b
header H v
http1.0 0 i
http1.1 - i
http2 - i
http2-prior-knowledge - i
include i b
insecure k b
ipv4 4 i
ipv6 6 i
json - v
junk-session-cookies j b
keepalive - i
keepalive-time - iv
limit-rate - iv
list-only l i
location L b
location-trusted - b
max-filesize - v
max-redirs - v
max-time m v
next : b
no-buffer N i
no-keepalive - i
no-progress-meter - i
oauth2-bearer - v
output o v
output-dir - v
parallel Z i
parallel-max - iv
path-as-is - b
post301 - b
post302 - b
post303 - b
progress-bar # i
progress-meter - i
proto - v
proto-default - v
proto-redir - v
range r v
raw - i
referer e v
remote-header-name J b
remote-name O b
remote-name-all - b
remote-time R b
remove-on-error - b
request X v
request-target - xv
retry - v
retry-all-errors - b
retry-connrefused - b
retry-delay - v
retry-max-time - v
show-error S b
silent s b
speed-limit Y iv
speed-time y iv
ssl - i
ssl-reqd - i
stderr - v
styled-output - i
tcp-fastopen - i
tcp-nodelay - i
tls-max - iv
tlsv1 1 i
tlsv1.0 - i
tlsv1.1 - i
tlsv1.2 - i
tlsv1.3 - i
trace - v
trace-ascii - v
trace-time - i
upload-file T v
url - v
url-query - v
user u v
user-agent A v
verbose v b
write-out w v
abstract-unix-socket - xv
cacert - xv
capath - xv
cert E xv
cert-type - xv
ciphers - xv
connect-to - xv
digest - x
dns-servers - xv
doh-url - xv
engine - xv
ftp-port P xv
http0.9 - x
http3 - x
interface - xv
key - xv
local-port - xv
mail-from - xv
mail-rcpt - xv
negotiate - x
netrc n x
netrc-file - xv
netrc-optional - x
noproxy - iv
ntlm - x
pinnedpubkey - xv
preproxy - xv
proxy x xv
proxy-header - xv
proxy-insecure - x
proxy-user U xv
proxytunnel p x
quote Q xv
resolve - xv
socks4 - xv
socks4a - xv
socks5 - xv
socks5-hostname - xv
telnet-option t xv
time-cond z v
unix-socket - xv
xattr - x
`

type option struct {
	name, letter, kind string
}

var options = func() (list []option) {
	for line := range strings.Lines(strings.TrimSpace(known)) {
		f := strings.Fields(line)
		list = append(list, option{f[0], f[1], f[2]})
	}
	return list
}()

// datum is a part of a body: -d and its kin, or -F.
type datum struct{ option, value string }

// config is the options up to the end, or to --next.
type config struct {
	on      map[string]bool   // switches
	last    map[string]string // values of which the last one counts
	urls    []string
	outputs []string // -o, and "" for -O, in the order of the URLs
	uploads []string
	headers []string
	cookies []string
	data    []datum
	forms   []datum
	queries []string
}

func newConfig() *config {
	return &config{on: map[string]bool{}, last: map[string]string{}}
}

// usageError is a command line that cannot be understood.
type usageError struct {
	text string
	code int
}

func (e *usageError) Error() string { return e.text }

func misuse(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...), 2} }

// parser reads command lines and files of options.
type parser struct {
	inv     *shell.Invocation
	configs []*config
	depth   int
}

func (p *parser) config() *config { return p.configs[len(p.configs)-1] }

func (p *parser) args(args []string) error {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		next := func() (string, bool) {
			if i++; i < len(args) {
				return args[i], true
			}
			return "", false
		}
		switch {
		case arg == "--":
			p.config().urls = append(p.config().urls, args[i+1:]...)
			return nil
		case strings.HasPrefix(arg, "--"):
			if err := p.long(arg, next); err != nil {
				return err
			}
		case strings.HasPrefix(arg, "-") && arg != "-":
			if err := p.letters(arg[1:], next); err != nil {
				return err
			}
		default:
			p.config().urls = append(p.config().urls, arg)
		}
	}
	return nil
}

func (p *parser) letters(rest string, next func() (string, bool)) error {
	for rest != "" {
		letter := rest[:1]
		rest = rest[1:]
		o, ok := byLetter(letter)
		if !ok {
			return misuse("option -%s: is unknown", letter)
		}
		value, has := "", false
		if strings.HasSuffix(o.kind, "v") {
			if value, has = rest, rest != ""; !has {
				value, has = next()
			}
			if !has {
				return misuse("option -%s: requires parameter", letter)
			}
			rest = ""
		}
		if err := p.set(o, "-"+letter, value, true); err != nil {
			return err
		}
	}
	return nil
}

func byLetter(letter string) (option, bool) {
	for _, o := range options {
		if o.letter == letter && letter != "-" {
			return o, true
		}
	}
	return option{}, false
}

func (p *parser) long(arg string, next func() (string, bool)) error {
	o, on, err := byName(arg)
	if err != nil {
		return err
	}
	value, has := "", true
	if strings.HasSuffix(o.kind, "v") {
		value, has = next()
	}
	if !has {
		return misuse("option %s: requires parameter", arg)
	}
	return p.set(o, arg, value, on)
}

// byName finds a long option, which may be abbreviated.
func byName(arg string) (o option, on bool, err error) {
	name := arg[2:]
	found, exact := []option(nil), false
	for _, known := range options {
		if known.name == name {
			return known, true, nil
		}
		if name != "" && strings.HasPrefix(known.name, name) {
			found = append(found, known)
		}
	}
	if off, ok := strings.CutPrefix(name, "no-"); ok {
		for _, known := range options {
			if known.name == off && !strings.HasSuffix(known.kind, "v") {
				return known, false, nil
			}
		}
	}
	switch {
	case len(found) == 1:
		return found[0], true, nil
	case len(found) > 1 && !exact:
		return o, false, misuse("option %s: is ambiguous", arg)
	}
	return o, false, misuse("option %s: is unknown", arg)
}

// set takes one option in.
func (p *parser) set(o option, said, value string, on bool) error {
	c := p.config()
	switch o.kind {
	case "i", "iv":
		return nil
	case "x", "xv":
		return misuse("option %s: the sandbox's network does not have this; requests go to the server itself, with its certificate checked", said)
	}
	switch o.name {
	case "next":
		if len(c.urls) == 0 {
			return nil
		}
		p.configs = append(p.configs, newConfig())
		p.config().on["silent"], p.config().on["show-error"] = c.on["silent"], c.on["show-error"]
	case "url":
		c.urls = append(c.urls, value)
	case "output":
		c.outputs = append(c.outputs, value)
	case "remote-name":
		if on {
			c.outputs = append(c.outputs, "")
		}
	case "upload-file":
		c.uploads = append(c.uploads, value)
	case "header":
		return p.header(value)
	case "cookie":
		c.cookies = append(c.cookies, value)
	case "data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json":
		c.data = append(c.data, datum{o.name, value})
	case "form", "form-string":
		c.forms = append(c.forms, datum{o.name, value})
	case "url-query":
		c.queries = append(c.queries, value)
	case "config":
		return p.file(said, value)
	case "connect-timeout", "max-time", "retry-delay", "retry-max-time":
		if _, err := seconds(value); err != nil {
			return misuse("option %s: expected a proper numerical parameter", said)
		}
		c.last[o.name] = value
	case "retry", "max-redirs":
		if n, err := strconv.Atoi(value); err != nil || n < -1 || n < 0 && o.name == "retry" {
			return misuse("option %s: expected a proper numerical parameter", said)
		}
		c.last[o.name] = value
	case "location-trusted":
		c.on["location"], c.on[o.name] = on, on
	default:
		if o.kind == "b" {
			c.on[o.name] = on
		} else {
			c.last[o.name] = value
		}
	}
	return nil
}

// header takes a header, or a file of them.
func (p *parser) header(value string) error {
	name, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		p.config().headers = append(p.config().headers, value)
		return nil
	}
	text, err := p.read(name)
	if err != nil {
		return &usageError{fmt.Sprintf("Failed to open %s", name), 26}
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			p.config().headers = append(p.config().headers, line)
		}
	}
	return nil
}

// file reads options from a file: NAME, NAME = VALUE or NAME: VALUE, a line each.
func (p *parser) file(said, name string) error {
	text, err := p.read(name)
	if p.depth++; err != nil || p.depth > 16 {
		return &usageError{fmt.Sprintf("option %s: error encountered when reading a file", said), 26}
	}
	defer func() { p.depth-- }()
	for line := range strings.Lines(text) {
		if p.inv.Budget.Work(len(line)) != nil {
			return cli.ErrStop
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		end := strings.IndexAny(line, " \t=:")
		if end < 0 {
			end = len(line)
		}
		key, value := line[:end], strings.TrimLeft(line[end:], " \t=:")
		if strings.HasPrefix(value, `"`) {
			value = unquote(value[1:])
		} else {
			value, _, _ = strings.Cut(value, " #")
			value = strings.TrimSpace(value)
		}
		if !strings.HasPrefix(key, "-") {
			key = "--" + key
		}
		args := []string{key}
		if value != "" {
			args = append(args, value)
		}
		if err := p.args(args); err != nil {
			return err
		}
	}
	return nil
}

// unquote reads to the closing quote.
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s) && s[i] != '"'; i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			i++
			c = s[i]
			if at := strings.IndexByte("tnrv", c); at >= 0 {
				c = "\t\n\r\v"[at]
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// read reads a file of the command line whole; "-" is standard input.
func (p *parser) read(name string) (string, error) { return readAll(p.inv, name) }

func readAll(inv *shell.Invocation, name string) (string, error) {
	r, err := cli.Open(inv, name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	var b strings.Builder
	err = cli.Copy(inv.Budget.Context(), inv.Budget, holder{inv, &b}, r)
	return b.String(), err
}

// holder counts what is read into memory.
type holder struct {
	inv *shell.Invocation
	w   io.Writer
}

// Write holds p and passes it on.
func (h holder) Write(p []byte) (int, error) {
	if err := h.inv.Budget.Hold(len(p)); err != nil {
		return 0, err
	}
	return h.w.Write(p)
}

// seconds reads a number of seconds.
func seconds(text string) (time.Duration, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= 0) {
		return 0, strconv.ErrSyntax
	}
	return time.Duration(min(f, 1e9) * float64(time.Second)), nil
}

func (c *config) seconds(name string) time.Duration {
	d, _ := seconds(c.last[name])
	return d
}

func (c *config) number(name string, absent int) int {
	if n, err := strconv.Atoi(c.last[name]); err == nil {
		return n
	}
	return absent
}
