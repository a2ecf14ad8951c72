package s3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// sign signs a request with AWS Signature Version 4: all of it, the body included.
func (c *Client) sign(req *http.Request, body []byte) {
	sum := sha256.Sum256(body)
	payload := hex.EncodeToString(sum[:])
	when := c.Now().UTC().Format("20060102T150405Z")
	req.Header.Set("X-Amz-Date", when)
	req.Header.Set("X-Amz-Content-Sha256", payload)

	headers := map[string]string{"host": req.URL.Host}
	names := []string{"host"}
	for name, values := range req.Header {
		name = strings.ToLower(name)
		headers[name] = strings.TrimSpace(strings.Join(values, ","))
		names = append(names, name)
	}
	slices.Sort(names)
	var canonical strings.Builder
	canonical.WriteString(req.Method + "\n" + req.URL.EscapedPath() + "\n" + req.URL.RawQuery + "\n")
	for _, name := range names {
		canonical.WriteString(name + ":" + headers[name] + "\n")
	}
	signed := strings.Join(names, ";")
	canonical.WriteString("\n" + signed + "\n" + payload)

	scope := when[:8] + "/" + c.Region + "/s3/aws4_request"
	digest := sha256.Sum256([]byte(canonical.String()))
	key := []byte("AWS4" + c.SecretKey)
	for _, part := range []string{when[:8], c.Region, "s3", "aws4_request"} {
		key = mac(key, part)
	}
	signature := mac(key, "AWS4-HMAC-SHA256\n"+when+"\n"+scope+"\n"+hex.EncodeToString(digest[:]))
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+c.AccessKey+"/"+scope+
		", SignedHeaders="+signed+", Signature="+hex.EncodeToString(signature))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// query writes a query in the order and with the escapes that are signed.
func query(values url.Values) string {
	var pairs []string
	for name, list := range values {
		for _, value := range list {
			pairs = append(pairs, escape(name, false)+"="+escape(value, false))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escape writes every byte but letters, digits and -._~ as %XX; in a path, slashes stay, too.
func escape(s string, path bool) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 || path && c == '/':
			b.WriteByte(c)
		default:
			b.WriteString("%" + string(hexDigits[c>>4]) + string(hexDigits[c&15]))
		}
	}
	return b.String()
}
