package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of what a client may send.
const (
	maxHeader = 32 << 10 // bytes
	maxBody   = 1 << 20  // bytes
	maxLarge  = 8        // bodies above maxBody at once: whoever calls a webhook needs no token
	maxDepth  = 128      // of nesting in JSON
)

// readBody reads a body of JSON, whatever its bytes say; nil where there is none.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	if kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" ||
		params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, unsupported("a body is JSON, in UTF-8: send Content-Type: application/json")
	}
	return s.readRaw(w, r, limit)
}

// readRaw reads a body as it is.
func (s *Server) readRaw(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		w.Header().Set("Accept-Encoding", "identity")
		return nil, unsupported("a body is sent as it is, without Content-Encoding")
	}
	tooLarge := &apiError{status: http.StatusRequestEntityTooLarge, kind: "too_large", message: fmt.Sprintf("the body is larger than %d bytes", limit)}
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(s.cfg.Patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("set a deadline for a body: %w", err)
	}
	limited := http.MaxBytesReader(w, r.Body, limit)
	body, err := io.ReadAll(io.LimitReader(limited, maxBody+1))
	if err == nil && len(body) > maxBody {
		select {
		case s.large <- struct{}{}:
			context.AfterFunc(r.Context(), func() { <-s.large }) // when the request has been answered
		default:
			return nil, &apiError{status: http.StatusServiceUnavailable, kind: "busy", retry: time.Second,
				message: fmt.Sprintf("%d bodies larger than %d bytes are being read; try again", maxLarge, maxBody)}
		}
		var rest []byte
		rest, err = io.ReadAll(limited)
		body = append(body, rest...)
	}
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &apiError{status: http.StatusRequestTimeout, kind: "timeout", message: fmt.Sprintf("the body did not come within %s", s.cfg.Patience)}
	case err != nil:
		return nil, &apiError{status: http.StatusBadRequest, kind: "invalid_body", message: "the body broke off"}
	}
	// From here on the server watches the connection only to see that the client is gone.
	if err := control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("take back the deadline for a body: %w", err)
	}
	return body, nil
}

func unsupported(message string) *apiError {
	return &apiError{status: http.StatusUnsupportedMediaType, kind: "unsupported_media_type", message: message}
}

// readPayload reads a body that is one JSON value; nil where there is none.
func (s *Server) readPayload(w http.ResponseWriter, r *http.Request) (json.RawMessage, error) {
	body, err := s.readBody(w, r, maxBody)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	return body, checkJSON(body)
}

// readFields reads a body that is an object with known fields.
func (s *Server) readFields(w http.ResponseWriter, r *http.Request, into any) error {
	body, err := s.readPayload(w, r)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return invalid("the body: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// invalid says what of a request is wrong.
func invalid(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, kind: "invalid_request", message: fmt.Sprintf(format, args...)}
}

// checkJSON says why a text is not one JSON value that is safe to work with. It needs no stack for what nests.
func checkJSON(text []byte) error {
	wrong := func(message string) error {
		return &apiError{status: http.StatusBadRequest, kind: "invalid_json", message: "the body is not JSON: " + message}
	}
	if !utf8.Valid(text) {
		return wrong("it is not UTF-8")
	}
	if nesting(text) > maxDepth {
		return &apiError{status: http.StatusBadRequest, kind: "invalid_json", message: fmt.Sprintf("the body nests deeper than %d levels", maxDepth)}
	}
	if json.Valid(text) {
		return nil
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(text, new(json.RawMessage)); errors.As(err, &syntax) {
		return wrong(fmt.Sprintf("byte %d: %v", syntax.Offset, err))
	} else if err != nil {
		return wrong(err.Error())
	}
	return nil
}

// nesting is how deep arrays and objects nest in a JSON text.
func nesting(text []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']' || c == '}':
			depth--
		}
	}
	return deepest
}
