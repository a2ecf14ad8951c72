package git

import (
	"bytes"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// operand reads a file that the command line names; "-" is standard input.
func (r *repo) operand(name string) ([]byte, error) {
	if name == "-" {
		return r.stdin()
	}
	child := *r.inv
	child.Dir = r.at
	data, err := r.inv.FS.ReadFile(child.Path(name))
	if err != nil {
		return nil, fatal("could not read file '%s': %v", name, err)
	}
	return data, r.hold(len(data))
}

// stdin reads standard input whole.
func (r *repo) stdin() ([]byte, error) {
	var b bytes.Buffer
	err := cli.Copy(r.ctx, r.inv.Budget, holder{r, &b}, r.inv.Stdin)
	return b.Bytes(), err
}

// holder counts what is read into memory.
type holder struct {
	r *repo
	b *bytes.Buffer
}

// Write holds p and keeps it.
func (h holder) Write(p []byte) (int, error) {
	if err := h.r.hold(len(p)); err != nil {
		return 0, err
	}
	return h.b.Write(p)
}
