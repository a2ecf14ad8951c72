package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"

	"github.com/flue-run/flue/internal/chromium"
)

// console is the page of a session that was begun from the form.
func console(ctx context.Context, b *chromium.Browser, flue, project string) ([]byte, error) {
	server := exec.CommandContext(ctx, flue, "serve", "--address", "127.0.0.1:0", "--store", "memory")
	server.Dir = project
	stderr, err := server.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, err
	}
	defer server.Wait()
	defer server.Process.Signal(syscall.SIGTERM)
	said := bufio.NewReader(stderr)
	address := ""
	for address == "" {
		line, err := said.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("flue serve did not begin: %w", err)
		}
		_, after, _ := strings.Cut(line, "listening on ")
		address, _, _ = strings.Cut(after, " ")
	}
	go io.Copy(io.Discard, said) // until the server ends
	if err := b.Size(ctx, 1100, 900); err != nil {
		return nil, err
	}
	if err := b.Go(ctx, address+"/console/agents/support"); err != nil {
		return nil, err
	}
	form := fmt.Sprintf(`document.getElementById("payload.question").value = %q; document.querySelector("form.start button").click()`, question)
	if err := b.Eval(ctx, form, nil); err != nil {
		return nil, err
	}
	if err := b.Wait(ctx, `location.pathname.includes("/ses_") && document.querySelector("#summary .mark.completed")`); err != nil {
		return nil, err
	}
	if err := b.Eval(ctx, "scrollTo(0, 0)", nil); err != nil {
		return nil, err
	}
	return b.Picture(ctx)
}
