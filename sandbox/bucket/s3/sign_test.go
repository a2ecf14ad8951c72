package s3

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestSign has the examples of the manual of S3, "Signature Calculations for the Authorization Header".
func TestSign(t *testing.T) {
	c := &Client{Endpoint: &url.URL{Scheme: "https", Host: "s3.amazonaws.com"}, Bucket: "examplebucket", Region: "us-east-1",
		AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		Now: func() time.Time { return time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC) }}
	for _, x := range []struct {
		r    request
		want string
	}{
		{request{method: "GET", key: "test.txt", header: http.Header{"Range": {"bytes=0-9"}}}, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
		{request{method: "PUT", key: "test$file.text", body: []byte("Welcome to Amazon S3."), header: http.Header{"Date": {"Fri, 24 May 2013 00:00:00 GMT"}, "X-Amz-Storage-Class": {"REDUCED_REDUNDANCY"}}},
			"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
		{request{method: "GET", query: url.Values{"lifecycle": {""}}}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
		{request{method: "GET", query: url.Values{"prefix": {"J"}, "max-keys": {"2"}}}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
	} {
		req, err := http.NewRequest(x.r.method, c.address(x.r), nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range x.r.header {
			req.Header[name] = values
		}
		c.sign(req, x.r.body)
		if got := req.Header.Get("Authorization"); !strings.HasSuffix(got, "Signature="+x.want) {
			t.Errorf("%s %s: %s", req.Method, req.URL, got)
		}
	}
}
