package curl

import "strings"

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

func byLetter(letter string) (option, bool) {
	for _, o := range options {
		if o.letter == letter && letter != "-" {
			return o, true
		}
	}
	return option{}, false
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
