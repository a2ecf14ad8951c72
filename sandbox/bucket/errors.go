package bucket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/flue-run/flue/sandbox/bucket/s3"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// failed makes an error of the client, during an operation with ctx, one of vfs; nil stays.
func (b Bucket) failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	answer := answerIn(err)
	switch {
	case answer.Code == "NoSuchKey":
		return vfs.ErrNotExist
	case answer.Status == http.StatusPreconditionFailed, answer.Code == "ConditionalRequestConflict":
		return vfs.ErrStale
	case answer.Status == http.StatusForbidden:
		return vfs.ErrPermission
	case b.ctx.Err() != nil:
		return vfs.ErrIO // whoever waited has gone
	}
	return vfs.Error(string(vfs.ErrIO) + ": " + b.explain(ctx, err))
}

// answerIn is what the store answered, or nothing where it did not.
func answerIn(err error) (answer s3.Error) {
	var e *s3.Error
	if errors.As(err, &e) {
		answer = *e
	}
	return answer
}

// explain says what is wrong with an exchange and what to do. It takes the store's code and none of its text, which may
// repeat what was sent.
func (s *store) explain(ctx context.Context, err error) string {
	at := s.client.Endpoint.Host
	answer := answerIn(err)
	switch {
	case answer.Code == "NoSuchBucket":
		return fmt.Sprintf("there is no bucket %s at %s (NoSuchBucket)", s.bucket, at)
	case answer.Code == "InvalidAccessKeyId":
		return fmt.Sprintf("%s does not know the access_key (InvalidAccessKeyId)", at)
	case answer.Code == "SignatureDoesNotMatch":
		return fmt.Sprintf("the secret_key is not that of the access_key at %s (SignatureDoesNotMatch)", at)
	case answer.Code == "AuthorizationHeaderMalformed", answer.Code == "InvalidRegion", answer.Code == "IllegalLocationConstraintException", answer.Status/100 == 3:
		region := "another region"
		if answer.Region != "" && answer.Region != s.cfg.Region {
			region = answer.Region
		}
		return fmt.Sprintf("the bucket %s is not in the region %s but in %s (%s): set region", s.bucket, s.cfg.Region, region, answer.Code)
	case answer.Status == http.StatusForbidden && s.cfg.AccessKey == "":
		return fmt.Sprintf("%s does not show the bucket %s to everybody (%s): set access_key and secret_key", at, s.bucket, answer.Code)
	case answer.Status == http.StatusForbidden:
		return fmt.Sprintf("the access_key may not list the bucket %s at %s (%s)", s.bucket, at, answer.Code)
	case answer.Code != "":
		return fmt.Sprintf("%s answered %s (status %d)", at, answer.Code, answer.Status)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("%s did not answer within %v", at, s.cfg.Timeout)
	}
	var connection *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return fmt.Sprintf("the certificate of %s is not trusted: %v", at, certificate.Err)
	case errors.As(err, &connection):
		return fmt.Sprintf("%s cannot be reached: %v", at, connection.Err)
	}
	return fmt.Sprintf("%s cannot be reached, or does not speak S3", at)
}
