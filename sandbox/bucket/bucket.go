// Package bucket shows a bucket of an S3-compatible store to a sandbox, as folders and files. Start at Open; what it
// returns is mounted with vfs.FS.Mount or virtual.Config.Mounts.
//
// Nothing is read before it is needed: list.go makes folders of the keys' prefixes and keeps listings for a moment,
// read.go fetches parts of objects and keeps them by their ETag, write.go sends a file when it is closed, change.go
// does the rest. errors.go says what went wrong without saying any secret.
//
// A key that cannot be a file's path is not shown: one with an empty part, ".", "..", NUL or more than 255 bytes between
// slashes. Where a key is also the prefix of others, the folder is shown.
package bucket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/flue-run/flue/sandbox/bucket/s3"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Config says which bucket, where it is, and who asks.
type Config struct {
	Source               string // s3://bucket or s3://bucket/prefix
	Endpoint             string // https://host[:port], or http://; "" is that of Amazon
	Region               string // "" is us-east-1
	AccessKey, SecretKey string // both "" ask as nobody, as public buckets allow
	// PathStyle says whether the bucket is part of the path rather than of the host; nil: wherever the store is not
	// Amazon's, or the name has a dot, which the certificates of Amazon's hosts do not cover.
	PathStyle *bool
	Timeout   time.Duration    // of one operation with its retries, besides a second for each MiB sent; 0 is 30 s
	Fresh     time.Duration    // how long a listing is believed, for each 1,000 entries, up to a minute; 0 is 2 s
	Cache     int64            // bytes of content that are kept; 0 is 64 MiB
	MaxFile   int64            // bytes of a file that is written; 0 is 256 MiB
	Now       func() time.Time // nil is time.Now
}

// Bucket is the files below one prefix of a bucket. Its methods may be called from several goroutines, and one Bucket may
// be mounted in many sandboxes, which then share what it has read.
type Bucket struct {
	*store
	ctx context.Context
}

// store is what all views of a Bucket have in common.
type store struct {
	cfg       Config
	client    *s3.Client
	transport *http.Transport
	bucket    string
	prefix    string // "" or ending in a slash
	blocks    *blocks
	lists     listings
	unguarded atomic.Bool // the store does not know conditional writes
}

var (
	_ vfs.Writable = Bucket{}
	_ vfs.Remote   = Bucket{}
)

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// ParseSource splits s3://bucket/prefix; the prefix is "" or ends in a slash.
func ParseSource(source string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(source, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	if !ok || !bucketName.MatchString(bucket) {
		return "", "", fmt.Errorf("%q does not name a bucket: write s3://bucket or s3://bucket/prefix, the bucket in 3 to 63 small letters, digits, dots and hyphens", source)
	}
	if prefix = strings.TrimSuffix(prefix, "/"); prefix == "" {
		return bucket, "", nil
	}
	for part := range strings.SplitSeq(prefix, "/") {
		if !showable(part) {
			return "", "", fmt.Errorf("the prefix %q has a part that cannot be a folder: %q", prefix, part)
		}
	}
	return bucket, prefix + "/", nil
}

// Open checks that the bucket can be listed. Its errors say what to do, and hold no secret.
func Open(ctx context.Context, cfg Config) (Bucket, error) {
	s := &store{cfg: cfg}
	var err error
	if s.bucket, s.prefix, err = ParseSource(cfg.Source); err != nil {
		return Bucket{}, err
	}
	s.cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	s.cfg.Timeout = cmp.Or(cfg.Timeout, 30*time.Second)
	s.cfg.Fresh = cmp.Or(cfg.Fresh, 2*time.Second)
	s.cfg.MaxFile = cmp.Or(cfg.MaxFile, 256<<20)
	if cfg.Now == nil {
		s.cfg.Now = time.Now
	}
	s.blocks = newBlocks(cmp.Or(cfg.Cache, 64<<20))
	if err := s.connect(); err != nil {
		return Bucket{}, err
	}
	if err := (Bucket{s, ctx}).probe(); err != nil {
		s.transport.CloseIdleConnections()
		return Bucket{}, err
	}
	return Bucket{s, context.WithoutCancel(ctx)}, nil
}

// probe lists as little as can be.
func (b Bucket) probe() error {
	ctx, cancel := b.operation(0)
	defer cancel()
	if _, err := b.client.List(ctx, b.prefix, true, "", 1); err != nil {
		if b.ctx.Err() != nil {
			return context.Cause(b.ctx)
		}
		return errors.New(b.explain(ctx, err))
	}
	return nil
}

func (s *store) connect() error {
	endpoint := &url.URL{Scheme: "https", Host: "s3." + s.cfg.Region + ".amazonaws.com"}
	if s.cfg.Endpoint != "" {
		var err error
		endpoint, err = url.Parse(s.cfg.Endpoint)
		if err != nil || endpoint.Scheme != "http" && endpoint.Scheme != "https" || endpoint.Host == "" || endpoint.Path != "" && endpoint.Path != "/" ||
			endpoint.User != nil || endpoint.RawQuery != "" || endpoint.Fragment != "" {
			return errors.New("the endpoint is not an address of a store: write https://host or https://host:port, and nothing after it")
		}
	}
	if (s.cfg.AccessKey == "") != (s.cfg.SecretKey == "") {
		return errors.New("access_key and secret_key belong together: give both, or none for a public bucket")
	}
	inPath := strings.Contains(s.bucket, ".") || !strings.HasSuffix(endpoint.Hostname(), ".amazonaws.com")
	if s.cfg.PathStyle != nil {
		inPath = *s.cfg.PathStyle
	}
	s.transport = &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 15 * time.Second, IdleConnTimeout: 30 * time.Second,
		MaxIdleConnsPerHost: 8, DisableCompression: true, ForceAttemptHTTP2: true}
	s.client = &s3.Client{Endpoint: endpoint, Bucket: s.bucket, PathStyle: inPath, Region: s.cfg.Region, AccessKey: s.cfg.AccessKey,
		SecretKey: s.cfg.SecretKey, Now: s.cfg.Now, HTTP: &http.Client{Transport: s.transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}} // it would be another store
	return nil
}

// Close gives up the connections that are kept, and what was read.
func (b Bucket) Close() error {
	b.transport.CloseIdleConnections()
	b.blocks.clear()
	b.lists.forget()
	return nil
}

// During is the same bucket for calls that end with ctx.
func (b Bucket) During(ctx context.Context) vfs.Source { return Bucket{b.store, ctx} }

// operation is the context of one exchange with the store, in which size bytes are sent.
func (b Bucket) operation(size int64) (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, b.cfg.Timeout+time.Duration(size>>20)*time.Second)
}

// key is the object that a file's name means; of a folder's name, it is what all below begins with but for the slash.
func (s *store) key(name string) string { return s.prefix + name }

// folderKey is what the keys of a folder's content begin with, and the key of an object that keeps it while it is empty.
func (s *store) folderKey(name string) string {
	if name == "." {
		return s.prefix
	}
	return s.prefix + name + "/"
}
