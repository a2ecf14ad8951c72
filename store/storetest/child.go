package storetest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/store"
)

// childPlace is the variable that makes a test binary the child of Persistent's tests.
const childPlace = "FLUE_STORETEST_PLACE"

// Main is the TestMain of a persistent engine: it runs the tests or, in a child process, the writer that they kill.
func Main(m *testing.M, open Open) {
	place := os.Getenv(childPlace)
	if place == "" {
		os.Exit(m.Run())
	}
	if err := writeUntilKilled(place, open); err != nil {
		fmt.Println("child:", err)
		os.Exit(1)
	}
}

// writeUntilKilled obeys its input, line by line: "append" writes one entry, "flood" writes for ever. Each
// acknowledged entry's position is a line of output.
func writeUntilKilled(place string, open Open) error {
	ctx := context.Background()
	s, err := open(place, func() time.Time { return epoch })
	if err != nil {
		return err
	}
	if _, err := s.Admit(ctx, store.Admission{Run: "r1", Session: key("s"), Time: epoch}); err != nil {
		return err
	}
	l, err := s.Claim(ctx, key("s"), "child", 30*time.Second)
	if err != nil {
		return err
	}
	fmt.Println(0)
	n := 0
	write := func() error {
		n++
		first, err := s.Append(ctx, l, childNote(n))
		if err == nil {
			fmt.Println(first)
		}
		return err
	}
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		err := write()
		for err == nil && orders.Text() == "flood" {
			err = write()
		}
		if err != nil {
			return err
		}
	}
	return orders.Err()
}

// childNote is the child's nth entry; each fourth is large enough to be a blob.
func childNote(n int) store.Entry {
	if n%4 == 0 {
		return note("%d %s", n, strings.Repeat("x", 10<<10))
	}
	return note("%d", n)
}

type child struct {
	*world
	cmd    *exec.Cmd
	orders *os.File
	acks   *bufio.Scanner
}

// startChild starts a child on the world's place and waits until it holds the lease.
func startChild(w *world) *child {
	w.Helper()
	in, orders, err := os.Pipe()
	w.must(err)
	defer in.Close()
	c := &child{world: w, cmd: exec.CommandContext(w.ctx, os.Args[0]), orders: orders}
	c.cmd.Env = append(os.Environ(), childPlace+"="+w.place)
	c.cmd.Stdin, c.cmd.Stderr = in, os.Stderr
	out, err := c.cmd.StdoutPipe()
	w.must(err)
	c.acks = bufio.NewScanner(out)
	w.must(c.cmd.Start())
	w.Cleanup(func() { orders.Close() })
	c.wantAck(0)
	return c
}

func (c *child) tell(order string) {
	c.Helper()
	_, err := fmt.Fprintln(c.orders, order)
	c.must(err)
}

func (c *child) wantAck(position int) {
	c.Helper()
	if !c.acks.Scan() || c.acks.Text() != strconv.Itoa(position) {
		c.kill()
		c.Fatalf("the child says %q, want %d", c.acks.Text(), position)
	}
}

// kill sends SIGKILL. What the child said before can still be read; rest also waits for its end.
func (c *child) kill() {
	c.Helper()
	c.must(c.cmd.Process.Kill())
	if _, err := c.cmd.Process.Wait(); err != nil {
		c.Fatal(err)
	}
}

// rest counts the acknowledgements that nobody has read yet.
func (c *child) rest() (n int) {
	for c.acks.Scan() {
		n++
	}
	return n
}
