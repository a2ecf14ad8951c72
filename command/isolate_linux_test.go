package command

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test's own binary be a program that connects somewhere.
func TestMain(m *testing.M) {
	if address := os.Getenv("TEST_DIAL"); address != "" {
		conn, err := net.DialTimeout("tcp", address, 5*time.Second)
		if err != nil {
			fmt.Println("failed")
			os.Exit(1)
		}
		conn.Close()
		fmt.Println("connected")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// confined skips a test where nothing can confine programs.
func confined(t *testing.T) {
	if Isolation().Name == "none" {
		t.Skipf("this host confines nothing: %s", Isolation().Without)
	}
}

// TestFiles: what of the host a program may touch.
func TestFiles(t *testing.T) {
	confined(t)
	secret := filepath.Join(t.TempDir(), "of-the-host")
	for _, tt := range []struct{ workspace, isolation, script, out string }{
		{"none", "", "cat %[1]s/file", ""},
		{"none", "", "cat %[2]s", ""},
		{"none", "", "echo x >%[2]s", ""},
		{"none", "", "cat /proc/" + fmt.Sprint(os.Getpid()) + "/environ", ""},
		{"none", "", "cat /proc/" + fmt.Sprint(os.Getpid()) + "/cmdline", ""},
		{"none", "", "kill -0 " + fmt.Sprint(os.Getpid()) + " && echo killed", ""},
		{"none", "", "echo fine >$HOME/f; cat $HOME/f; echo x >/dev/null", "fine\n"},
		{"ro", "", "cat %[1]s/file", "text"},
		{"ro", "", "echo x >%[1]s/new || echo refused", "refused\n"},
		{"ro", "", "rm %[1]s/file || echo refused", "refused\n"},
		{"rw", "", "echo x >new; cat new %[1]s/file; mkdir d; mv new d/; rm -r d", "x\ntext"},
		{"rw", "", "cat %[2]s", ""},
		{"rw", "", "ln -s %[2]s link; cat link", ""},
		{"none", "none", "cat %[2]s", "host"}, // and with isolation: none it does
	} {
		c := anyArgs("tool")
		c.Workspace, c.Isolation = tt.workspace, tt.isolation
		w := newWorld(t, c)
		w.write(secret, "host")
		w.write(filepath.Join(w.dir, "file"), "text")
		w.program("tool", fmt.Sprintf(tt.script+"\n", w.dir, secret))
		got := call(w.grant("tool"), "tool")
		if got.out != tt.out {
			t.Errorf("workspace %s, %q: %+v", tt.workspace, tt.script, got)
		}
	}
}

func TestNetwork(t *testing.T) {
	confined(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		network []string
		out     string
	}{{nil, "failed\n"}, {[]string{listener.Addr().String()}, "connected\n"}, {[]string{"127.0.0.1:1"}, "failed\n"}} {
		if Isolation().Name == "bubblewrap" && len(tt.network) > 0 && tt.out == "failed\n" {
			continue // it has no ports
		}
		c := anyArgs("tool")
		c.Exec, c.Network, c.Env = self, tt.network, map[string]string{"TEST_DIAL": listener.Addr().String()}
		w := newWorld(t, c)
		if got := call(w.grant("tool"), "tool"); got.out != tt.out {
			t.Errorf("network %v: %+v", tt.network, got)
		}
	}
}

// TestUnconfined: this process is as free as before, on every thread.
func TestUnconfined(t *testing.T) {
	w := newWorld(t, anyArgs("tool"))
	w.program("tool", "true")
	g := w.grant("tool")
	for range 20 {
		call(g, "tool")
		done := make(chan error)
		for range 8 {
			go func() { _, err := os.ReadFile("/proc/self/environ"); done <- err }()
		}
		for range 8 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestBwrapArguments(t *testing.T) {
	dir := t.TempDir()
	c := &confinement{read: []string{"/usr", "/no/such/folder"}, write: []string{dir}, dir: dir}
	if got, want := strings.Join(c.bwrap(), " "), "--unshare-all --die-with-parent --proc /proc --ro-bind /proc/sys /proc/sys --dev /dev --ro-bind /usr /usr --bind "+dir+" "+dir+" --chdir "+dir; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	c.net = true
	if !strings.Contains(strings.Join(c.bwrap(), " "), "--share-net") {
		t.Error("the network that was declared is not there")
	}
}

// TestNoLayer: a secret and the workspace together need a layer, or a word.
func TestNoLayer(t *testing.T) {
	before := host
	defer func() { host = before }()
	none := before()
	none.layer, none.bwrap, none.abi = Layer{Name: "none", Without: "a test"}, "", 0
	host = func() (h struct {
		layer Layer
		bwrap string
		abi   int
	}) {
		return none
	}
	for _, tt := range []struct {
		workspace, isolation string
		secret, ok           bool
	}{{"rw", "", true, false}, {"ro", "", true, false}, {"rw", "none", true, true}, {"none", "", true, true}, {"rw", "", false, true}} {
		c := anyArgs("tool")
		if tt.secret {
			withSecret(c)
		}
		c.Workspace, c.Isolation = tt.workspace, tt.isolation
		w := newWorld(t, c)
		w.program("tool", "")
		b, err := New(w.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check([]string{"tool"}); (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

// BenchmarkCall compares a granted command with the program by itself.
func BenchmarkCall(b *testing.B) {
	for _, isolation := range []string{"none", ""} {
		b.Run("isolation="+isolation, func(b *testing.B) {
			c := anyArgs("true")
			c.Isolation = isolation
			g := newWorld(b, withSecret(c)).grant("true")
			for b.Loop() {
				if got := call(g, "true"); got.status != 0 {
					b.Fatalf("%+v", got)
				}
			}
		})
	}
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			p, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{Files: []*os.File{nil, nil, nil}})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := p.Wait(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
