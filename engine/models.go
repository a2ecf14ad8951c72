package engine

import (
	"context"
	"fmt"
	"sync"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
)

// modelSet finds each model once for each conversation of a run: what a scripted one remembers belongs to one.
type modelSet struct {
	find func(ctx context.Context, id string, run RunInfo) (Model, error)
	run  RunInfo

	mu    sync.Mutex
	found []foundModel // few
}

type foundModel struct {
	task, id string
	Model
}

func (s *modelSet) get(ctx context.Context, task, id string) (Model, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.found {
		if f := &s.found[i]; f.task == task && f.id == id {
			return f.Model, nil
		}
	}
	info := s.run
	if task != "" {
		info.Answered = nil
	}
	m, err := s.find(ctx, id, info)
	if err == nil {
		s.found = append(s.found, foundModel{task, id, m})
	}
	return m, err
}

// findModels resolves the models that the agent's steps ask, so that a missing key is known before anything runs.
func (r *run) findModels(ctx context.Context, answered []model.Message) error {
	r.models = &modelSet{find: r.cfg.Models, run: RunInfo{Run: r.id, Payload: r.payload, Answered: answered}}
	return r.findStepModels(ctx, r.agent.Steps)
}

func (r *run) findStepModels(ctx context.Context, steps []*spec.Step) error {
	for _, step := range steps {
		var err error
		switch step.Kind() {
		case "prompt", "skill", "task":
			if _, err = r.chain(ctx, step); err == nil {
				_, err = r.writers(ctx, nil)
			}
		case "parallel":
			err = r.findStepModels(ctx, step.Parallel)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// chain is the models that a step may ask, in order; those that cannot be asked are left out while one can.
func (r *run) chain(ctx context.Context, step *spec.Step) ([]Model, error) {
	ids := r.modelIDs(step)
	if len(ids) == 0 {
		return nil, &RequestError{Message: fmt.Sprintf("agent %q has no model: set `model: provider/model-id` in .flue/flue.yaml or in the agent, or pass --model", r.agent.Name)}
	}
	var chain []Model
	var firstErr error
	for _, id := range ids {
		m, err := r.models.get(ctx, r.task, id)
		if err == nil {
			chain = append(chain, m)
		} else if firstErr == nil {
			firstErr = err
		}
	}
	if len(chain) == 0 {
		return nil, firstErr
	}
	return chain, nil
}

// writers is the models that may write a summary, in order: the agent's own for that, then those of the conversation.
func (r *run) writers(ctx context.Context, conversation []Model) ([]Model, error) {
	id := r.agent.Compaction.Model
	if id == "" || r.cfg.Model != "" {
		return conversation, nil
	}
	m, err := r.models.get(ctx, r.task, id)
	return append([]Model{m}, conversation...), err
}

// modelIDs is the chain of models for a step: the override, else the step's, its role's, the agent's, the project's.
func (r *run) modelIDs(step *spec.Step) spec.ModelList {
	if r.cfg.Model != "" {
		return spec.ModelList{r.cfg.Model}
	}
	lists := []spec.ModelList{step.Model, nil, r.agent.Model, r.cfg.Project.Settings.Model}
	if role := r.role(step); role != nil {
		lists[1] = role.Model
	}
	for _, list := range lists {
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

func (r *run) role(step *spec.Step) *spec.Role {
	name := step.Role
	if name == "" {
		name = r.agent.Role
	}
	return r.cfg.Project.Roles[name]
}
