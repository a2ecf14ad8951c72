package buckettest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$`)

// checkSignature checks a request as the manual of AWS Signature Version 4 says, and returns S3's code for what is wrong.
func checkSignature(r *http.Request) (code string) {
	m := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		return "AuthorizationHeaderMalformed"
	}
	key, day, region, signed, signature := m[1], m[2], m[3], strings.Split(m[4], ";"), m[5]
	payload, when := r.Header.Get("X-Amz-Content-Sha256"), r.Header.Get("X-Amz-Date")
	switch {
	case key != AccessKey:
		return "InvalidAccessKeyId"
	case region != Region:
		return "AuthorizationHeaderMalformed"
	case !slices.Contains(signed, "host") || !slices.Contains(signed, "x-amz-date") || !strings.HasPrefix(when, day):
		return "SignatureDoesNotMatch"
	}
	for name := range r.Header { // what says something to S3 must be signed
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(signed, name) {
			return "SignatureDoesNotMatch"
		}
	}
	request := canonical(r, signed, payload)
	sum := sha256.Sum256([]byte(request))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", when, day + "/" + region + "/s3/aws4_request", hex.EncodeToString(sum[:])}, "\n")
	secret := []byte("AWS4" + SecretKey)
	for _, part := range []string{day, region, "s3", "aws4_request", text} {
		secret = mac(secret, part)
	}
	if !hmac.Equal([]byte(hex.EncodeToString(secret)), []byte(signature)) {
		return "SignatureDoesNotMatch"
	}
	if len(payload) != 64 { // UNSIGNED-PAYLOAD, or signed piece by piece
		return ""
	}
	body, err := io.ReadAll(r.Body)
	if sum := sha256.Sum256(body); err != nil || hex.EncodeToString(sum[:]) != payload {
		return "XAmzContentSHA256Mismatch"
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return ""
}

// canonical is the request as it is signed.
func canonical(r *http.Request, signed []string, payload string) string {
	query := []string{}
	for name, values := range r.URL.Query() {
		for _, value := range values {
			query = append(query, escape(name, false)+"="+escape(value, false))
		}
	}
	slices.Sort(query)
	lines := []string{r.Method, escape(r.URL.Path, true), strings.Join(query, "&")}
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = r.Host
		}
		lines = append(lines, name+":"+strings.Join(strings.Fields(value), " "))
	}
	return strings.Join(append(lines, "", strings.Join(signed, ";"), payload), "\n")
}

// escape leaves what RFC 3986 calls unreserved as it is, and slashes in a path.
func escape(s string, path bool) string {
	s = strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(s))
	if path {
		s = strings.ReplaceAll(s, "%2F", "/")
	}
	return s
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	io.WriteString(h, text)
	return h.Sum(nil)
}
