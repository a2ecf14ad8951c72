package wire

import (
	"cmp"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/flue-run/flue/model"
)

// overflows are what servers say, in lower case, when a request is longer than the model's window.
var overflows = []string{
	"context_length_exceeded",         // OpenAI and many that copy it, as a code
	"maximum context length",          // OpenAI, vLLM, DeepSeek, Together, OpenRouter, Mistral
	"exceeds the context window",      // OpenAI
	"prompt is too long",              // Anthropic
	"exceed context limit",            // Anthropic: input length and max_tokens together
	"request_too_large",               // Anthropic
	"maximum number of tokens",        // Google
	"maximum prompt length",           // xAI
	"reduce the length of the",        // Groq, Cerebras
	"exceed_context_size",             // llama.cpp, as a type
	"exceeds the available context",   // llama.cpp
	"context size has been exceeded",  // llama.cpp, in a stream
	"greater than the context length", // LM Studio
	"exceeded max context length",     // Ollama
	"exceeded model token limit",      // Moonshot
	"context window exceeds limit",    // MiniMax
	"too large for model with",        // Mistral
	"must be <=",                      // text-generation-inference: `inputs` tokens + `max_new_tokens`
}

// unpaid are errors that look like a rate limit or a bad request, but that only the account's owner can mend.
var unpaid = []string{"insufficient_quota", "credit balance is too low", "api_key_invalid", "api key not valid"}

// kinds are the types and codes that errors inside an answer carry.
var kinds = map[string]model.ErrorKind{
	"overloaded_error":      model.ErrOverloaded,
	"server_is_overloaded":  model.ErrOverloaded,
	"rate_limit_error":      model.ErrRateLimit,
	"rate_limit_exceeded":   model.ErrRateLimit,
	"timeout_error":         model.ErrTimeout,
	"invalid_request_error": model.ErrInvalid,
	"invalid_prompt":        model.ErrInvalid,
	"not_found_error":       model.ErrInvalid,
	"authentication_error":  model.ErrAuth,
	"permission_error":      model.ErrAuth,
	"billing_error":         model.ErrAuth,
	"invalid_api_key":       model.ErrAuth,
}

// refused is the error for an answer with another status than 200.
func (c *Client) refused(res *http.Response, body []byte) *model.Error {
	e := &model.Error{
		Kind: model.KindOfStatus(res.StatusCode), Provider: c.Name, Status: res.StatusCode,
		Message: c.redact(message(body)), RetryAfter: cmp.Or(retryAfter(res.Header, time.Now()), retryInfo(body)),
	}
	if to := res.Header.Get("Location"); to != "" && res.StatusCode < 400 {
		e.Message = c.redact("it redirects to " + to + ", which is not followed; change base_url")
	}
	switch {
	case says(body, unpaid):
		e.Kind = model.ErrAuth
	case (e.Kind == model.ErrInvalid || e.Kind == model.ErrServer) && says(body, overflows):
		e.Kind = model.ErrOverflow
	case res.StatusCode == http.StatusBadRequest && len(body) == 0: // so do Cerebras and some proxies
		e.Kind = model.ErrOverflow
	}
	if e.Message == "" {
		e.Message = strings.TrimSpace("an empty answer, " + http.StatusText(res.StatusCode))
	}
	return e
}

// StreamError is what an error object inside an answer of status 200 means, or nil if there is none: null does not
// count, which some servers send with every event.
func (a *Answer) StreamError(object gjson.Result) *model.Error {
	if !object.Exists() || object.Type == gjson.Null || object.Type == gjson.False || object.Raw == `""` {
		return nil
	}
	raw := `{"error":` + object.Raw + `}`
	e := &model.Error{Kind: model.ErrServer, Provider: a.client.Name, Message: a.client.redact(message([]byte(raw))),
		RetryAfter: retryInfo([]byte(raw))}
	for _, field := range []string{"type", "code"} {
		v := object.Get(field)
		if kind, ok := kinds[v.String()]; ok {
			e.Kind = kind
		} else if status := int(v.Int()); status >= 400 && status < 600 {
			e.Kind, e.Status = model.KindOfStatus(status), status
		}
	}
	switch {
	case says([]byte(raw), unpaid):
		e.Kind = model.ErrAuth
	case e.Kind != model.ErrRateLimit && says([]byte(raw), overflows):
		e.Kind = model.ErrOverflow
	}
	return e
}

func says(body []byte, phrases []string) bool {
	text := strings.ToLower(string(body))
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(text, p) })
}

// message finds the words meant for people in an error answer.
func message(body []byte) string {
	text := strings.TrimSpace(string(body))
	if !gjson.Valid(text) {
		return cut(text, 500)
	}
	for _, path := range []string{"error.message", "error", "message", "detail", "0.error.message"} {
		v := gjson.Get(text, path)
		if v.Type != gjson.String || v.Str == "" {
			continue
		}
		if more := gjson.Get(text, "error.metadata.raw"); more.Type == gjson.String { // OpenRouter: the provider's own
			return cut(v.Str+": "+more.Str, 500)
		}
		return cut(v.Str, 500)
	}
	return cut(text, 500)
}

// retryAfter reads when to try again: milliseconds, seconds or a date. 0 is not said, or now.
func retryAfter(h http.Header, now time.Time) time.Duration {
	for _, f := range []struct {
		header string
		unit   time.Duration
	}{{"Retry-After-Ms", time.Millisecond}, {"Retry-After", time.Second}} {
		v := strings.TrimSpace(h.Get(f.header))
		if n, err := strconv.ParseFloat(v, 64); err == nil && !math.IsNaN(n) {
			return time.Duration(min(max(n, 0)*float64(f.unit), float64(24*time.Hour)))
		}
		if at, err := http.ParseTime(v); err == nil {
			return min(max(at.Sub(now), 0), 24*time.Hour)
		}
	}
	return 0
}

// retryInfo reads when to try again from an error of Google's, or of a list of them. 0 is not said.
func retryInfo(body []byte) time.Duration {
	for _, path := range []string{"error.details.#.retryDelay|0", "0.error.details.#.retryDelay|0"} {
		if d, err := time.ParseDuration(gjson.GetBytes(body, path).Str); err == nil {
			return min(max(d, 0), 24*time.Hour)
		}
	}
	return 0
}

// redact takes out of a text what the client was given as a secret: providers repeat keys in their errors.
func (c *Client) redact(text string) string {
	for _, value := range append(slices.Collect(maps.Values(c.Headers)), c.Key) {
		if value = strings.TrimPrefix(value, "Bearer "); len(value) >= 8 {
			text = strings.ReplaceAll(text, value, "[redacted]")
		}
	}
	return text
}

// cut shortens text to n bytes without splitting a character.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "")
}
