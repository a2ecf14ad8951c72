package wire

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/flue-run/flue/model"
)

func TestRefused(t *testing.T) {
	const key = "sk-canary-0123456789"
	for _, tt := range []struct {
		status  int
		body    string
		kind    model.ErrorKind
		message string
	}{
		{400, `{"error": {"message": "bad field", "type": "invalid_request_error"}}`, model.ErrInvalid, "bad field"},
		{400, `{"error": {"message": "This model's maximum context length is 8192 tokens"}}`, model.ErrOverflow, "This model's maximum context length is 8192 tokens"},
		{400, `{"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"}}`, model.ErrOverflow, "prompt is too long: 210000 tokens > 200000 maximum"},
		{400, `[{"error": {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."}}]`, model.ErrOverflow, "The input token count (9) exceeds the maximum number of tokens allowed (8)."},
		{400, ``, model.ErrOverflow, "an empty answer, Bad Request"},
		{413, ``, model.ErrOverflow, "an empty answer, Request Entity Too Large"},
		{500, `{"error": "context size has been exceeded"}`, model.ErrOverflow, "context size has been exceeded"},
		{400, `{"error": {"message": "Your credit balance is too low"}}`, model.ErrAuth, "Your credit balance is too low"},
		{400, `{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}`, model.ErrAuth, "API key not valid. Please pass a valid API key."},
		{401, `{"error": {"message": "Incorrect API key provided: ` + key + `"}}`, model.ErrAuth, "Incorrect API key provided: [redacted]"},
		{403, `forbidden`, model.ErrAuth, "forbidden"},
		{404, `{"detail": "no such model"}`, model.ErrInvalid, "no such model"},
		{422, `{"detail": [{"loc": ["x"]}]}`, model.ErrInvalid, `{"detail": [{"loc": ["x"]}]}`},
		{429, `{"error": {"message": "Please reduce the length of the messages"}}`, model.ErrRateLimit, "Please reduce the length of the messages"},
		{429, `{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}`, model.ErrAuth, "You exceeded your quota"},
		{408, ``, model.ErrTimeout, "an empty answer, Request Timeout"},
		{500, `{"error": null}`, model.ErrServer, `{"error": null}`},
		{502, `{"error": {"message": "Provider returned error", "metadata": {"raw": "upstream is down"}}}`, model.ErrServer, "Provider returned error: upstream is down"},
		{503, `<html>`, model.ErrOverloaded, "<html>"},
		{529, `{"error": {"message": "Overloaded"}}`, model.ErrOverloaded, "Overloaded"},
		{529, ``, model.ErrOverloaded, "an empty answer,"},
		{400, strings.Repeat("ä", 300), model.ErrInvalid, strings.Repeat("ä", 250)},
	} {
		c := NewClient(Config{Name: "p", Key: key}, nil)
		e := c.refused(&http.Response{StatusCode: tt.status}, []byte(tt.body))
		if e.Kind != tt.kind || e.Message != tt.message || e.Status != tt.status {
			t.Errorf("%d %s: got %s %q", tt.status, tt.body, e.Kind, e.Message)
		}
	}
}

func TestStreamError(t *testing.T) {
	a := &Answer{client: NewClient(Config{Name: "p"}, nil)}
	for object, want := range map[string]model.ErrorKind{
		`null`: "", `""`: "", `false`: "",
		`{"type": "overloaded_error", "message": "Overloaded"}`:                       model.ErrOverloaded,
		`{"type": "invalid_request_error", "message": "no"}`:                          model.ErrInvalid,
		`{"type": "invalid_request_error", "code": "context_length_exceeded"}`:        model.ErrOverflow,
		`{"code": "rate_limit_exceeded", "message": "reduce the length of the wait"}`: model.ErrRateLimit,
		`{"code": 502, "message": "bad gateway"}`:                                     model.ErrServer,
		`{"code": "429"}`: model.ErrRateLimit,
		`{"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}`: model.ErrOverloaded,
		`{"code": "invalid_prompt", "message": "flagged"}`:                              model.ErrInvalid,
		`{"code": "server_error", "message": "sorry"}`:                                  model.ErrServer,
		`"boom"`: model.ErrServer,
		`{}`:     model.ErrServer,
	} {
		e := a.StreamError(gjson.Parse(object))
		if e == nil && want != "" || e != nil && e.Kind != want {
			t.Errorf("%s: got %v, want %q", object, e, want)
		}
	}
	if e := a.StreamError(gjson.Result{}); e != nil {
		t.Errorf("no error at all: got %v", e)
	}
}

func TestRetryInfo(t *testing.T) {
	const details = `{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "quota", "details": [` +
		`{"@type": "type.googleapis.com/google.rpc.QuotaFailure"}, {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "%s"}]}}`
	for delay, want := range map[string]time.Duration{"34.5s": 34500 * time.Millisecond, "7s": 7 * time.Second, "-1s": 0, "9000h": 24 * time.Hour, "soon": 0} {
		for _, body := range []string{fmt.Sprintf(details, delay), "[" + fmt.Sprintf(details, delay) + "]"} {
			e := NewClient(Config{Name: "p"}, nil).refused(&http.Response{StatusCode: 429}, []byte(body))
			if e.Kind != model.ErrRateLimit || e.RetryAfter != want || e.Message != "quota" {
				t.Errorf("%s: got %+v, want %v", body, e, want)
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second},
		{"Retry-After", " 1.5 ", 1500 * time.Millisecond},
		{"Retry-After-Ms", "250", 250 * time.Millisecond},
		{"Retry-After", "Fri, 02 Jan 2026 03:05:05 GMT", time.Minute},
		{"Retry-After", "Fri, 02 Jan 2026 03:00:00 GMT", 0},
		{"Retry-After", "-3", 0},
		{"Retry-After", "NaN", 0},
		{"Retry-After", "1e300", 24 * time.Hour},
		{"Retry-After", "soon", 0},
		{"Retry-After", "", 0},
	} {
		if got := retryAfter(http.Header{tt.name: {tt.value}}, now); got != tt.want {
			t.Errorf("%s: %q: got %v, want %v", tt.name, tt.value, got, tt.want)
		}
	}
}
