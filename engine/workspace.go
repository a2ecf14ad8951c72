package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// openSandbox makes the session's workspace as its last snapshot left it.
func (r *run) openSandbox(ctx context.Context) error {
	req := SandboxRequest{Spec: r.sandboxSpec(), Skills: r.skillFolders(), Session: r.key, Known: r.session.last > 0}
	if r.journal != nil {
		req.Note = func(text string) {
			r.journal.add(Event{Type: SandboxNote, Text: text})
			_ = r.journal.flush(ctx) // a store that is broken ends the run all the same
		}
	}
	var err error
	if r.box, err = r.cfg.Sandboxes(ctx, req); err != nil {
		return &Error{Type: SandboxFailed, Message: fmt.Sprintf("open the sandbox: %v", err), Err: err}
	}
	r.keeper, _ = r.box.(sandbox.Snapshotter)
	if r.keeper != nil && r.session.root != "" {
		if err := r.keeper.Restore(ctx, sessionBlobs{r}, r.session.root); err != nil {
			r.box.Close()
			return &Error{Type: SandboxFailed, Message: fmt.Sprintf("restore the workspace of session %s: %v", r.key, err), Err: err}
		}
	}
	return nil
}

// sessionBlobs are the store's blobs for the files of a run's session. A store that fails is no failure of the run.
type sessionBlobs struct{ *run }

func (b sessionBlobs) PutBlob(ctx context.Context, data []byte) (string, error) {
	hash, err := b.cfg.Store.PutBlob(ctx, b.key, data)
	return hash, b.failed(ctx, err)
}

func (b sessionBlobs) Blob(ctx context.Context, hash string) ([]byte, error) {
	data, err := b.cfg.Store.Blob(ctx, hash)
	if errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return data, b.failed(ctx, err)
}

func (b sessionBlobs) failed(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == nil && b.journal != nil {
		b.journal.fail(err)
	}
	return err
}

// Workspace opens the sandbox of a session with the files of its last snapshot; the caller closes it. A *RequestError says
// why there is none, such as an agent whose files are the host's.
func (e *Engine) Workspace(ctx context.Context, key store.Key) (sandbox.Sandbox, error) {
	agent := e.cfg.Project.Agents[key.Agent]
	if agent == nil {
		return nil, e.unknownAgent(key.Agent)
	}
	h, err := ReadHistory(ctx, e.cfg.Store, key)
	if err != nil {
		return nil, err
	}
	outside := &RequestError{Message: fmt.Sprintf("the files of agent %q are not in the store: nothing of them is kept with a session", key.Agent)}
	if box := (&run{Engine: e, agent: agent}).sandboxSpec(); !box.Capabilities().Kept {
		return nil, outside
	}
	r := &run{Engine: e, key: key, agent: agent, session: &session{root: h.Root}}
	if err := r.openSandbox(ctx); err != nil {
		return nil, err
	}
	if r.keeper == nil {
		r.box.Close()
		return nil, outside
	}
	return r.box, nil
}

// virtualSandbox is that of agents whose file says nothing of one.
var virtualSandbox = &spec.Sandbox{Type: "virtual"}

func (r *run) sandboxSpec() *spec.Sandbox {
	switch ref := r.agent.Sandbox; {
	case ref == nil:
		return virtualSandbox
	case ref.Inline != nil:
		return ref.Inline
	case r.cfg.Project.Sandboxes[ref.Name] != nil:
		return r.cfg.Project.Sandboxes[ref.Name]
	default:
		return &spec.Sandbox{Type: ref.Name}
	}
}

// snapshot notes the workspace's files in the log if they have changed.
func (r *run) snapshot(ctx context.Context) error {
	if r.keeper == nil {
		return nil
	}
	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	root, err := r.keeper.Snapshot(ctx, sessionBlobs{r})
	if err != nil {
		return fmt.Errorf("store the workspace: %w", err)
	}
	if root != r.session.root {
		r.session.root = root
		r.journal.add(Event{Type: Workspace, Root: root})
	}
	return nil
}
