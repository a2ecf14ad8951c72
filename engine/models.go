package engine

import (
	"context"
	"fmt"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
)

// findModels resolves every model that the agent's steps may ask, so that a missing key is known before anything runs.
func (r *run) findModels(ctx context.Context, answered []model.Message) error {
	for _, step := range r.agent.Steps {
		if kind := step.Kind(); kind != "prompt" && kind != "skill" {
			continue
		}
		ids := r.modelIDs(step)
		if len(ids) == 0 {
			return &RequestError{fmt.Sprintf("agent %q has no model: set `model: provider/model-id` in .flue/flue.yaml or in the agent, or pass --model", r.agent.Name)}
		}
		var firstErr error
		usable := 0
		for _, id := range ids {
			if _, ok := r.models[id]; ok {
				usable++
				continue
			}
			m, err := r.cfg.Models(ctx, id, RunInfo{Run: r.id, Payload: r.payload, Answered: answered})
			if err != nil {
				if firstErr == nil {
					firstErr = err
				}
				continue
			}
			r.models[id] = m
			usable++
		}
		if usable == 0 {
			return firstErr
		}
	}
	return nil
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
