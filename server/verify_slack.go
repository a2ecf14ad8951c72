package server

import (
	"crypto/hmac"
	"encoding/hex"
	"strings"
	"time"
)

// verifySlack checks v0=<hex> over v0:<time>:<body>, the time standing in a header of its own.
func verifySlack(sign signFunc, header string, timestamps []string, body []byte, now time.Time) bool {
	text, ok := strings.CutPrefix(header, "v0=")
	if !ok || len(timestamps) != 1 || !recent(timestamps[0], now) {
		return false
	}
	signature, err := hex.DecodeString(text)
	return err == nil && hmac.Equal(signature, sign([]byte("v0:"+timestamps[0]+":"), body))
}
