package container

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
)

// mounts are the volumes of a container and the folders of the host that it may read.
func (s *server) mounts(ctx context.Context, name string) ([]mount.Mount, error) {
	keep, labels := "run", map[string]string{labelOurs: "1"}
	if s.cfg.Session != (Session{}) {
		whose, err := json.Marshal(s.cfg.Session)
		if err != nil {
			return nil, err
		}
		name, keep, labels[labelSession] = "flue-"+s.cfg.Session.hash(), "session", string(whose)
		if _, err := s.api.VolumeInspect(ctx, name+"-workspace", client.VolumeInspectOptions{}); errdefs.IsNotFound(err) {
			if s.cfg.Known {
				s.cfg.Note(NoteGone)
			}
		} else if err != nil {
			return nil, fmt.Errorf("look for the workspace: %w", err)
		}
		if err := recordVolumes(s.cfg.State, s.cfg.Session, s.name); err != nil {
			return nil, err
		}
	}
	labels[labelKeep] = keep
	var all []mount.Mount
	for volume, at := range volumesOf(name) {
		if keep == "run" {
			s.volumes = append(s.volumes, volume)
		}
		// Made with the container, it would have no labels at Podman.
		if _, err := s.api.VolumeCreate(ctx, client.VolumeCreateOptions{Name: volume, Labels: labels}); err != nil {
			return nil, fmt.Errorf("make a volume: %w", err)
		}
		all = append(all, mount.Mount{Type: mount.TypeVolume, Source: volume, Target: at})
	}
	for _, m := range s.cfg.Mounts {
		all = append(all, mount.Mount{Type: mount.TypeBind, Source: m.Source, Target: m.Path, ReadOnly: true})
	}
	return all, nil
}

// volumesOf are the volumes of a container or session, with where they are.
func volumesOf(name string) map[string]string {
	return map[string]string{name + "-workspace": Workspace, name + "-home": "/home/agent"}
}

// forgetVolumes removes those of a session.
func forgetVolumes(ctx context.Context, cfg Config, k kept) error {
	api, err := dialServer(cfg, k.Engine)
	if err != nil {
		return err
	}
	defer api.Close()
	for volume := range volumesOf("flue-" + k.hash()) {
		if _, err := api.VolumeRemove(ctx, volume, client.VolumeRemoveOptions{}); err != nil && !errdefs.IsNotFound(err) {
			return fmt.Errorf("%s: %w", k.Engine, err)
		}
	}
	return nil
}
