package container

import "os"

// podmanSocket is where a user's podman listens, or else that of the system.
func podmanSocket(runtimeDir string) string {
	if own := runtimeDir + "/podman/podman.sock"; runtimeDir != "" {
		if _, err := os.Stat(own); err == nil {
			return "unix://" + own
		}
	}
	return "unix:///run/podman/podman.sock"
}
