package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// hashedToken is a token as it stays in memory.
type hashedToken struct {
	name string
	hash [sha256.Size]byte
}

func hashTokens(tokens []Token) ([]hashedToken, error) {
	hashed := make([]hashedToken, len(tokens))
	for i, t := range tokens {
		if strings.TrimSpace(t.Value) == "" {
			return nil, fmt.Errorf("the token %q of server.tokens is empty: set the variable that it names", t.Name)
		}
		hashed[i] = hashedToken{t.Name, sha256.Sum256([]byte(t.Value))}
	}
	return hashed, nil
}

// admit says why a request is not let in; nil: it is.
func (s *Server) admit(r *http.Request, need access) error {
	switch {
	case need == open, need == signed:
		return nil
	case len(s.tokens) == 0:
		return fromHere(r)
	case need == signIn:
		return nil
	}
	if _, ok := s.client(r); !ok {
		return &apiError{status: http.StatusUnauthorized, kind: "unauthorized", message: "send a token that server.tokens lists: Authorization: Bearer …"}
	}
	return nil
}

// client is the name of the token that a request carries. Every token is compared, and each in constant time.
func (s *Server) client(r *http.Request) (name string, ok bool) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return s.named(strings.TrimSpace(value))
}

// named is the name of a token.
func (s *Server) named(token string) (name string, ok bool) {
	hash := sha256.Sum256([]byte(token))
	for _, t := range s.tokens {
		if subtle.ConstantTimeCompare(hash[:], t.hash[:]) == 1 {
			name, ok = t.name, true
		}
	}
	return name, ok
}

// fromHere refuses, where there are no tokens, what did not come straight from this machine: a page whose name was bound to
// a loopback address by DNS, and whatever a proxy passes on.
func fromHere(r *http.Request) error {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(header) != "" {
			return &apiError{status: http.StatusForbidden, kind: "token_needed", message: "the request came through a proxy: list tokens in server.tokens of .flue/flue.yaml to serve others than this machine"}
		}
	}
	if !loopbackName(r.Host) {
		return &apiError{status: http.StatusForbidden, kind: "forbidden_host", message: "without tokens the server is reached as localhost or by a loopback address only"}
	}
	return nil
}

// loopbackName says whether a host, with or without a port, can only be this machine.
func loopbackName(hostport string) bool {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}
