// Package buckettest is an S3 server for tests: gofakes3 on loopback, behind a check of signatures of its own. Start at New.
package buckettest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// The only keys that a Server knows, and the region that it is in.
const (
	AccessKey = "AKIATESTTESTTESTTEST"
	SecretKey = "secret/of+the+test/bucket0123456789abcde"
	Region    = "eu-test-1"
)

// Server holds buckets in memory. Its methods may be called from several goroutines.
type Server struct {
	URL     string
	backend gofakes3.Backend

	mu       sync.Mutex
	requests []string
	public   map[string]bool
	fault    func(w http.ResponseWriter, r *http.Request) bool
}

// New starts a server with the buckets given. It ends with the test.
func New(t testing.TB, buckets ...string) *Server {
	t.Helper()
	s, stop, err := Start(buckets...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return s
}

// Start starts a server with the buckets given, until stop is called.
func Start(buckets ...string) (s *Server, stop func(), err error) {
	s = &Server{backend: s3mem.New(), public: map[string]bool{}}
	for _, name := range buckets {
		if err := s.backend.CreateBucket(name); err != nil {
			return nil, nil, err
		}
	}
	store := gofakes3.New(s.backend, gofakes3.WithIntegrityCheck(true)).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(store, w, r) }))
	s.URL = server.URL
	return s, server.Close, nil
}

// MakePublic lets everybody read a bucket.
func (s *Server) MakePublic(bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.public[bucket] = true
}

// Fault is asked about each request before it is served, and says whether it has answered it; nil: it is no longer asked.
func (s *Server) Fault(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Requests are those since the last call, such as "GET /bucket/key".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.requests
	s.requests = nil
	return list
}

func (s *Server) serve(store http.Handler, w http.ResponseWriter, r *http.Request) {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	fault, public := s.fault, s.public[bucket]
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	if r.Header.Get("Authorization") == "" {
		if !public || r.Method != http.MethodGet && r.Method != http.MethodHead {
			Answer(w, http.StatusForbidden, "AccessDenied")
			return
		}
	} else if code := checkSignature(r); code != "" {
		Answer(w, 0, code)
		return
	}
	store.ServeHTTP(w, r)
}

// Answer writes an error as S3 does; status 0 is the usual one of the code.
func Answer(w http.ResponseWriter, status int, code string) {
	usual := map[string]int{"SlowDown": 503, "AuthorizationHeaderMalformed": 400, "XAmzContentSHA256Mismatch": 400, "NotImplemented": 501}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(cmp.Or(status, usual[code], http.StatusForbidden))
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>your key %s is not liked</Message><Region>%s</Region></Error>`, code, AccessKey, Region)
}

// Add makes an object.
func (s *Server) Add(bucket, key, content string) error {
	meta := map[string]string{"Last-Modified": time.Now().UTC().Format(http.TimeFormat)}
	_, err := s.backend.PutObject(bucket, key, meta, strings.NewReader(content), int64(len(content)), nil)
	return err
}

// Put makes an object, or fails the test.
func (s *Server) Put(t testing.TB, bucket, key, content string) {
	t.Helper()
	if err := s.Add(bucket, key, content); err != nil {
		t.Fatal(err)
	}
}

// Get is the content of an object, and whether there is one.
func (s *Server) Get(t testing.TB, bucket, key string) (string, bool) {
	t.Helper()
	o, err := s.backend.GetObject(bucket, key, nil)
	if gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchKey) {
		return "", false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer o.Contents.Close()
	var b strings.Builder
	buf := make([]byte, 64<<10)
	for {
		n, err := o.Contents.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String(), true
		}
	}
}

// Delete removes an object.
func (s *Server) Delete(t testing.TB, bucket, key string) {
	t.Helper()
	if _, err := s.backend.DeleteObject(bucket, key); err != nil {
		t.Fatal(err)
	}
}

// Keys are those of a bucket, in order.
func (s *Server) Keys(t testing.TB, bucket string) []string {
	t.Helper()
	list, err := s.backend.ListBucket(bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{}
	for _, o := range list.Contents {
		keys = append(keys, o.Key)
	}
	return keys
}
