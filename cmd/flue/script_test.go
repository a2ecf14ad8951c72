package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/flue-run/flue/model/modeltest"
	"github.com/flue-run/flue/sandbox/bucket/buckettest"
	"github.com/flue-run/flue/sandbox/container"
	"github.com/flue-run/flue/sandbox/daytona/daytonatest"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	container.Helper()
	testscript.Main(m, map[string]func(){"flue": main, "docs-mcp": docsServer, "flue-mortal": mortalProcess,
		"hello-world": main, "support": main, "desk": main, // what scripts build: the name says which program this one is
	})
}

// TestScripts runs what a user could have typed: one file of testdata/script each.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("CANARY_SECRET", "canary-5f3a9c")
			return copyExamples(env)
		},
		Cmds: scriptCommands,
	})
}

// copyExamples gives a script the folders examples and docs/clients, and a place for its server.
func copyExamples(env *testscript.Env) error {
	env.Values[servedKey] = &served{}
	for _, name := range []string{"examples", "docs/clients"} {
		if err := os.CopyFS(filepath.Join(env.WorkDir, name), os.DirFS(filepath.Join("..", "..", name))); err != nil {
			return err
		}
	}
	return nil
}

// scriptCommands are the commands that our scripts have besides testscript's own.
var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"commands":    commands,
	"exits":       exits,
	"spoil":       spoil,
	"modelserver": modelServer,
	"outputs":     scriptOutputs,
	"secretless":  secretless,
	"serve":       serve,
	"stopserve":   stopServe,
	"s3server":    s3Server,
	"daytona":     daytonaServer,
}

// exits is the script command `exits STATUS COMMAND ARGS…`: exec, with the exit status that is expected.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ARGS")
	}
	status := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		status = exit.ExitCode()
	}
	if fmt.Sprint(status) != args[0] {
		ts.Fatalf("exit status %d, want %s", status, args[0])
	}
}

// spoil is the script command `spoil FILE OFFSET`: it changes the byte that is so far from the file's end.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: spoil FILE OFFSET")
	}
	offset, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	// No other script may start a program meanwhile: it would inherit the open file, and a file that is open for writing
	// cannot be started.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR, 0)
	ts.Check(err)
	defer f.Close()
	info, err := f.Stat()
	ts.Check(err)
	b := []byte{0}
	_, err = f.ReadAt(b, info.Size()-offset)
	ts.Check(err)
	b[0] ^= 1
	_, err = f.WriteAt(b, info.Size()-offset)
	ts.Check(err)
}

// modelServer is the script command `modelserver ANSWERS REQUESTS`: a model on loopback that gives the answers in a file
// of JSON, one a line, and notes what it was asked, header and body, in another. Its address is in $MODEL_URL.
func modelServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: modelserver ANSWERS REQUESTS")
	}
	server := &modeltest.Server{}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		var answer modeltest.Answer
		ts.Check(json.Unmarshal([]byte(line), &answer))
		server.Add(answer)
	}
	log, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server.ServeHTTP(w, r)
		asked := server.Requests()
		last := asked[len(asked)-1]
		last.Header.Write(log)
		fmt.Fprintf(log, "%s %s\n\n", last.Path, last.Body)
	}))
	ts.Setenv("MODEL_URL", listening.URL+"/v1")
	ts.Defer(func() {
		listening.Close()
		log.Close()
	})
}

// daytonaServer is the script command `daytona`: Daytona's API on loopback, at $DAYTONA_URL with the key in
// $DAYTONA_API_KEY. `daytona vanish` deletes the sandboxes there, `daytona count N` counts them.
func daytonaServer(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		server, stop, err := daytonatest.Start(ts.MkAbs("daytona"))
		ts.Check(err)
		ts.Defer(stop)
		running, _ := ts.Value(servedKey).(*served)
		running.daytona = server
		ts.Setenv("DAYTONA_URL", server.URL)
		ts.Setenv("DAYTONA_API_KEY", daytonatest.Key)
		return
	}
	server := ts.Value(servedKey).(*served).daytona
	switch ids := server.IDs(); args[0] {
	case "vanish":
		for _, id := range ids {
			server.Vanish(id)
		}
	case "count":
		if len(args) != 2 || fmt.Sprint(len(ids)) != args[1] {
			ts.Fatalf("there are %d sandboxes: %v", len(ids), ids)
		}
	default:
		ts.Fatalf("usage: daytona [vanish | count N]")
	}
}

// s3Server is the script command `s3server BUCKET DIR`: an S3 server on loopback with the files of a folder, under the
// folder's name, in a bucket. Where it is and the keys that it knows are in $S3_ENDPOINT, $S3_REGION, $S3_ACCESS_KEY and
// $S3_SECRET_KEY.
func s3Server(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: s3server BUCKET DIR")
	}
	server, stop, err := buckettest.Start(args[0])
	ts.Check(err)
	ts.Defer(stop)
	dir := ts.MkAbs(args[1])
	ts.Check(filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		key, err := filepath.Rel(filepath.Dir(dir), name)
		if err != nil {
			return err
		}
		return server.Add(args[0], filepath.ToSlash(key), string(data))
	}))
	ts.Setenv("S3_ENDPOINT", server.URL)
	ts.Setenv("S3_REGION", buckettest.Region)
	ts.Setenv("S3_ACCESS_KEY", buckettest.AccessKey)
	ts.Setenv("S3_SECRET_KEY", buckettest.SecretKey)
}
