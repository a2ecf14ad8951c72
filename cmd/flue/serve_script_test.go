package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/flue-run/flue/sandbox/daytona/daytonatest"
	"github.com/rogpeppe/go-internal/testscript"
)

// served is the server of a script, if it has started one.
type served struct {
	stop    func() error
	daytona *daytonatest.Server // of the command daytona
}

// servedKey finds it among the values of a script.
const servedKey = "served"

// serve is the script command `serve [PROGRAM] [NAME=VALUE…] [ARGS…]`: flue serve with ARGS on a port that is free, until
// `stopserve` or the script's end. Its address is in $FLUE_URL, what it says in the file serve.log. PROGRAM is the path of
// one that flue has built.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serve [PROGRAM] [NAME=VALUE…] [ARGS…]")
	}
	program, err := os.Executable()
	ts.Check(err)
	name := "flue"
	if len(args) > 0 && filepath.IsAbs(args[0]) {
		program, name, args = args[0], filepath.Base(args[0]), args[1:]
	}
	cmd := &exec.Cmd{Path: program, Args: []string{name, "serve", "--address", "127.0.0.1:0"}, Dir: ts.MkAbs(".")}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "WORK"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	for len(args) > 0 && strings.Contains(args[0], "=") && !strings.HasPrefix(args[0], "-") {
		cmd.Env, args = append(cmd.Env, args[0]), args[1:]
	}
	cmd.Args = append(cmd.Args, args...)
	log, err := os.Create(ts.MkAbs("serve.log"))
	ts.Check(err)
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	said := bufio.NewReader(io.TeeReader(stderr, log))
	url := ""
	for url == "" && err == nil {
		var line string
		line, err = said.ReadString('\n')
		_, after, _ := strings.Cut(line, "listening on ")
		url, _, _ = strings.Cut(after, " ")
	}
	copied := make(chan struct{})
	go func() {
		io.Copy(io.Discard, said) // and so to the log
		close(copied)
	}()
	server := ts.Value(servedKey).(*served)
	server.stop = func() error {
		server.stop = nil
		defer log.Close()
		cmd.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
		defer late.Stop()
		<-copied
		return cmd.Wait()
	}
	if url == "" {
		server.stop()
		ts.Fatalf("flue serve did not begin:\n%s", ts.ReadFile("serve.log"))
	}
	ts.Setenv("FLUE_URL", url)
	ts.Defer(func() {
		if server.stop != nil {
			server.stop()
		}
	})
}

// stopServe is the script command `stopserve`: the server ends, and has finished its runs.
func stopServe(ts *testscript.TestScript, neg bool, args []string) {
	server := ts.Value(servedKey).(*served)
	if neg || len(args) > 0 || server.stop == nil {
		ts.Fatalf("usage: stopserve, after serve")
	}
	ts.Check(server.stop())
}
