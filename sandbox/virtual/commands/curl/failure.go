package curl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// failure is what curl ends with: an exit status and its words.
type failure struct {
	code int
	text string
}

// failure makes of an error of the network curl's own.
func (t *transfer) failure(ctx context.Context, err error) *failure {
	var fe *sandbox.FetchError
	if ctx.Err() != nil {
		ms := t.inv.Now().Sub(t.began).Milliseconds()
		if t.answer == nil && (!errors.As(err, &fe) || strings.Contains(err.Error(), "onnecting")) {
			return &failure{28, fmt.Sprintf("Connection timed out after %d milliseconds", ms)}
		}
		if t.answer != nil && t.answer.Size >= 0 {
			return &failure{28, fmt.Sprintf("Operation timed out after %d milliseconds with %d out of %d bytes received", ms, t.received, t.answer.Size)}
		}
		return &failure{28, fmt.Sprintf("Operation timed out after %d milliseconds with %d bytes received", ms, t.received)}
	}
	if !errors.As(err, &fe) {
		return &failure{56, err.Error()}
	}
	code := map[sandbox.FetchStage]int{sandbox.FetchURL: 3, sandbox.FetchRefused: 7, sandbox.FetchResolve: 6, sandbox.FetchConnect: 7, sandbox.FetchTLS: 35,
		sandbox.FetchCertificate: 60, sandbox.FetchSend: 55, sandbox.FetchEmpty: 52, sandbox.FetchReceive: 56, sandbox.FetchFormat: 1, sandbox.FetchTimeout: 28}[fe.Stage]
	if fe.Stage == sandbox.FetchReceive && errors.Is(err, io.ErrUnexpectedEOF) && t.answer != nil {
		if t.answer.Size >= 0 {
			return &failure{18, fmt.Sprintf("transfer closed with %d bytes remaining to read", t.answer.Size-t.received)}
		}
		return &failure{18, "transfer closed with outstanding read data remaining"}
	}
	return &failure{code, err.Error()}
}

func isFetch(err error) bool {
	var fe *sandbox.FetchError
	return errors.As(err, &fe)
}
