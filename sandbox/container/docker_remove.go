package container

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	dockertypes "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// close removes the container, and what was its alone.
func (s *server) close() error { return errors.Join(s.remove(), s.api.Close()) }

// removeTime is how long the server may take to remove a container and its volumes.
const removeTime = 30 * time.Second

func (s *server) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), removeTime)
	defer cancel()
	var errs []error
	if s.conn.Conn != nil {
		s.conn.Close()
	}
	if s.id != "" {
		_, err := s.api.ContainerRemove(ctx, s.id, client.ContainerRemoveOptions{Force: true})
		if err != nil && !errdefs.IsNotFound(err) {
			// Podman cannot remove one that is just ending, as this one is: its connection has been closed.
			ended := s.api.ContainerWait(ctx, s.id, client.ContainerWaitOptions{Condition: dockertypes.WaitConditionNotRunning})
			select {
			case <-ended.Result:
			case <-ended.Error:
			}
			_, err = s.api.ContainerRemove(ctx, s.id, client.ContainerRemoveOptions{Force: true})
		}
		if err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("remove the container: %w", err))
		}
	}
	for _, volume := range s.volumes {
		if _, err := s.api.VolumeRemove(ctx, volume, client.VolumeRemoveOptions{}); err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("remove the volume %s: %w", volume, err))
		}
	}
	return errors.Join(errs...)
}

// bornWithin is how long it may take from making a volume or container to starting the container.
const bornWithin = 10 * time.Minute

// sweep removes containers whose flue has gone, and the volumes that were theirs alone. It asks for little and looks itself:
// Podman refuses to look for a state that it does not know, and of two labels is content with one.
func (s *server) sweep(ctx context.Context) error {
	ours := make(client.Filters).Add("label", labelOurs+"=1")
	found, err := s.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		return err
	}
	var left []string // volumes
	for _, c := range found.Items {
		over := c.State == dockertypes.StateExited || c.State == dockertypes.StateDead
		if unborn := c.State == dockertypes.StateCreated && time.Since(time.Unix(c.Created, 0)) > bornWithin; !over && !unborn {
			continue
		}
		if _, err := s.api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true}); err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
			return err
		}
		for _, name := range c.Names {
			left = slices.AppendSeq(left, maps.Keys(volumesOf(strings.TrimPrefix(name, "/"))))
		}
	}
	volumes, err := s.api.VolumeList(ctx, client.VolumeListOptions{Filters: ours.Clone().Add("dangling", "true")})
	if err != nil {
		return err
	}
	for _, v := range volumes.Items {
		made, err := time.Parse(time.RFC3339, v.CreatedAt)
		if v.Labels[labelKeep] != "run" || !slices.Contains(left, v.Name) && (err != nil || time.Since(made) < bornWithin) {
			continue
		}
		if _, err := s.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{}); err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
			return err
		}
	}
	return nil
}
