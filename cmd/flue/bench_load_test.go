package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// service is a server in a process of its own.
type service struct {
	name, host string
	process    *exec.Cmd
	ready      time.Duration // from its start to its first answer
}

// launch starts a program that says "listening on URL" and is stopped with b. probe is what it is asked to see whether it is ready.
func launch(b *testing.B, name, probe string, env []string, args ...string) *service {
	b.Helper()
	s := &service{name: name, process: exec.Command(args[0], args[1:]...)}
	s.process.Env = append(env, "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"))
	out, in, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	s.process.Stdout, s.process.Stderr = in, in
	begun := time.Now()
	if err := s.process.Start(); err != nil {
		b.Fatal(err)
	}
	in.Close()
	said := bufio.NewReader(out)
	for s.host == "" {
		line, err := said.ReadString('\n')
		if err != nil {
			b.Fatalf("%s did not begin: %s", name, line)
		}
		_, after, _ := strings.Cut(line, "listening on http://")
		s.host = strings.TrimSpace(strings.SplitN(after, " ", 2)[0])
	}
	var drained sync.WaitGroup
	drained.Go(func() { io.Copy(io.Discard, said); out.Close() }) // its log costs what it costs
	b.Cleanup(func() {
		s.process.Process.Signal(os.Interrupt)
		drained.Wait()
		s.process.Wait()
	})
	c := s.dial(b)
	defer c.Close()
	c.ask(b, "GET "+probe+" HTTP/1.1\r\nHost: localhost\r\n\r\n")
	s.ready = time.Since(begun)
	return s
}

// memory is what of the process is resident, in MB.
func (s *service) memory(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		b.Skip(err) // only Linux tells it there
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kilobytes) / 1024
}

// settled is the memory of the process once it has been idle for a while.
func (s *service) settled(b *testing.B) float64 {
	b.Helper()
	least := s.memory(b)
	for range 16 {
		time.Sleep(250 * time.Millisecond)
		least = min(least, s.memory(b))
	}
	return least
}

// connection is a client that costs little beside the server: it sends bytes that are ready and looks for the end of the answer.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func (s *service) dial(b *testing.B) *connection {
	b.Helper()
	c, err := net.Dial("tcp", s.host)
	if err != nil {
		b.Fatal(err)
	}
	return &connection{c, bufio.NewReader(c)}
}

// ask sends a request and reads the whole answer.
func (c *connection) ask(t testing.TB, request string) []byte {
	if _, err := io.WriteString(c, request); err != nil {
		t.Error(err)
		return nil
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%s, %v: %s", res.Status, err, body)
	}
	return body
}

// post starts a run of an agent; headers end with \r\n each.
func post(path, headers, payload string) string {
	return fmt.Sprintf("POST /agents/%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
		path, headers, len(payload), payload)
}

// loaded is how many requests were answered, how many in a second, and the median time that an answer took.
type loaded struct {
	runs      int
	perSecond float64
	median    time.Duration
}

// load has so many connections ask the same, each again and again, for a while.
func (s *service) load(b *testing.B, connections int, request string, while time.Duration) loaded {
	b.Helper()
	var all sync.WaitGroup
	times := make([][]time.Duration, connections)
	clients := make([]*connection, connections)
	for i := range clients {
		clients[i] = s.dial(b)
		defer clients[i].Close()
	}
	begun := time.Now()
	for i, c := range clients {
		all.Go(func() {
			for time.Since(begun) < while && !b.Failed() {
				asked := time.Now()
				if body := c.ask(b, request); !bytes.Contains(body, []byte("word word")) {
					b.Errorf("%s answers %s", s.name, body)
					return
				}
				times[i] = append(times[i], time.Since(asked))
			}
		})
	}
	all.Wait()
	took := time.Since(begun)
	every := slices.Concat(times...)
	if len(every) == 0 || b.Failed() {
		b.FailNow()
	}
	slices.Sort(every)
	return loaded{len(every), float64(len(every)) / took.Seconds(), every[len(every)/2]}
}

// stream is how long a run takes whose answer is 2,000 chunks, to a client that gets all of them as events.
func (s *service) stream(b *testing.B) time.Duration {
	b.Helper()
	c := s.dial(b)
	defer c.Close()
	begun := time.Now()
	body := c.ask(b, post("long", "Accept: text/event-stream\r\n", payload))
	took := time.Since(begun)
	said := 0
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if bytes.Contains(line, []byte(`"type":"text_delta"`)) {
			said += bytes.Count(line, []byte("word "))
		}
	}
	if said != 2000 {
		b.Fatalf("of 2,000 chunks %s streams %d: %.2000s", s.name, said, body)
	}
	return took
}
