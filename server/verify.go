package server

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/spec"
)

// replayWindow is how far a signed time may be from now.
const replayWindow = 5 * time.Minute

// verify says whether a call was signed with secret, as a filled-in webhook has it. It sees the body as bytes: nothing is
// parsed before. An empty secret verifies nothing.
func verify(w spec.Webhook, secret []byte, header http.Header, body []byte, now time.Time) bool {
	values := header.Values(w.Verify.Header)
	if len(secret) == 0 || len(values) != 1 {
		return false
	}
	sign := signer(w.Verify.HMAC, secret)
	switch w.Preset {
	case "slack":
		return verifySlack(sign, values[0], header.Values("X-Slack-Request-Timestamp"), body, now)
	case "stripe":
		return verifyStripe(sign, values[0], body, now)
	}
	text, ok := strings.CutPrefix(values[0], w.Verify.Prefix)
	if !ok {
		return false
	}
	signature, err := decoders[w.Verify.Encoding](text)
	return err == nil && hmac.Equal(signature, sign(body))
}

// signFunc is the signature of parts of bytes, one behind the other.
type signFunc func(parts ...[]byte) []byte

var hashes = map[string]func() hash.Hash{"sha256": sha256.New, "sha1": sha1.New, "sha512": sha512.New}

func signer(algorithm string, secret []byte) signFunc {
	return func(parts ...[]byte) []byte {
		mac := hmac.New(hashes[algorithm], secret)
		for _, part := range parts {
			mac.Write(part) // never fails
		}
		return mac.Sum(nil)
	}
}

// decoders read a signature in each encoding that there is.
var decoders = map[string]func(string) ([]byte, error){"hex": hex.DecodeString, "base64": base64.StdEncoding.DecodeString}

// recent says whether a time in seconds since 1970, as it was signed, is near now: an older call may be a recorded one.
func recent(seconds string, now time.Time) bool {
	n, err := strconv.ParseUint(seconds, 10, 40)
	if err != nil {
		return false
	}
	return now.Sub(time.Unix(int64(n), 0)).Abs() <= replayWindow
}
