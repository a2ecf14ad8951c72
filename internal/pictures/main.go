// Command pictures makes the pictures of the README from the real thing: examples/support in a terminal and in the console.
// It needs Chromium and tmux. `make pictures` runs it, in the repository's root, with the built program.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/flue-run/flue/internal/chromium"
)

const question = "Can I still get a refund after three weeks?"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pictures FLUE FOLDER")
		os.Exit(2)
	}
	if err := pictures(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func pictures(flue, folder string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	flue, err := filepath.Abs(flue)
	if err != nil {
		return err
	}
	project, err := os.MkdirTemp("", "pictures")
	if err != nil {
		return err
	}
	defer os.RemoveAll(project)
	if err := os.CopyFS(project, os.DirFS("examples/support")); err != nil {
		return err
	}
	browser, err := chromium.Start(ctx, chromium.Find(), 1100, 780)
	if err != nil {
		return err
	}
	defer browser.Close()
	for name, take := range map[string]func(context.Context, *chromium.Browser, string, string) ([]byte, error){"run.png": terminal, "console.png": console} {
		png, err := take(ctx, browser, flue, project)
		if err == nil {
			png, err = small(png)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), png, 0o644); err != nil {
			return err
		}
	}
	return nil
}
