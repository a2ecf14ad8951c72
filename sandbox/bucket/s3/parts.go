package s3

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// partSize is that of the parts in which large objects are sent, in bytes.
const partSize = 16 << 20

type part struct {
	PartNumber int
	ETag       string
}

// putParts writes an object in parts: it is what it was until the last step.
func (c *Client) putParts(ctx context.Context, key string, data []byte, when Condition) (tag string, err error) {
	answer, err := c.do(ctx, request{method: http.MethodPost, key: key, query: url.Values{"uploads": {""}}})
	if err != nil {
		return "", err
	}
	var begun struct{ UploadId string }
	if err := xml.Unmarshal(answer.body, &begun); err != nil || begun.UploadId == "" {
		return "", fmt.Errorf("begin an upload in parts: the answer has no id: %w", err)
	}
	upload := url.Values{"uploadId": {begun.UploadId}}
	defer func() {
		if err != nil { // else the store keeps the parts, and charges for them
			_, _ = c.do(context.WithoutCancel(ctx), request{method: http.MethodDelete, key: key, query: upload})
		}
	}()
	var done struct {
		XMLName xml.Name `xml:"CompleteMultipartUpload"`
		Part    []part
	}
	for number := 1; len(data) > 0; number++ {
		n := min(len(data), partSize)
		q := url.Values{"uploadId": {begun.UploadId}, "partNumber": {strconv.Itoa(number)}}
		answer, err := c.do(ctx, request{method: http.MethodPut, key: key, query: q, body: data[:n]})
		if err != nil {
			return "", err
		}
		done.Part = append(done.Part, part{number, answer.header.Get("ETag")})
		data = data[n:]
	}
	list, err := xml.Marshal(done)
	if err != nil {
		return "", err
	}
	if answer, err = c.do(ctx, request{method: http.MethodPost, key: key, query: upload, header: when.header(), body: list}); err != nil {
		return "", err
	}
	return answer.etag()
}

// etag is that in the body of an answer which may have begun as a success before the work was done.
func (a answer) etag() (string, error) {
	var result struct {
		XMLName    xml.Name
		ETag, Code string
	}
	if err := xml.Unmarshal(a.body, &result); err != nil {
		return "", fmt.Errorf("read the answer to a write: %w", err)
	}
	if result.XMLName.Local == "Error" {
		return "", &Error{Code: result.Code, Status: http.StatusOK}
	}
	return string(bytes.Trim([]byte(result.ETag), `"`)), nil
}
