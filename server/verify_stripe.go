package server

import (
	"crypto/hmac"
	"encoding/hex"
	"strings"
	"time"
)

// maxStripeSignatures is how many signatures a header may list: Stripe sends one for each secret that is not yet expired.
const maxStripeSignatures = 16

// verifyStripe checks t=<time>,v1=<hex>[,v1=<hex>…] over <time>.<body>; one of the signatures has to fit. Those of other
// schemes than v1 do not count.
func verifyStripe(sign signFunc, header string, body []byte, now time.Time) bool {
	timestamp, signatures := "", [][]byte(nil)
	for item := range strings.SplitSeq(header, ",") {
		switch key, value, _ := strings.Cut(strings.TrimSpace(item), "="); key {
		case "t":
			if timestamp != "" {
				return false
			}
			timestamp = value
		case "v1":
			if signature, err := hex.DecodeString(value); err == nil {
				signatures = append(signatures, signature)
			}
		}
	}
	if len(signatures) == 0 || len(signatures) > maxStripeSignatures || !recent(timestamp, now) {
		return false
	}
	want, valid := sign([]byte(timestamp+"."), body), false
	for _, signature := range signatures {
		valid = hmac.Equal(signature, want) || valid
	}
	return valid
}
