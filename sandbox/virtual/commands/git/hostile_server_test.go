package git_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
	"github.com/flue-run/flue/sandbox/virtual/commands/git"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// against runs git with a server that answers its requests, one after another, with these bytes.
func against(t testing.TB, args []string, files map[string]string, answers ...[]byte) clitest.Result {
	n := 0
	return clitest.Run(t, func(ctx context.Context, inv *shell.Invocation) int {
		inv.Fetch = func(_ context.Context, r sandbox.Request) (*sandbox.Response, error) {
			kind, body := "result", []byte(nil)
			if r.Method == "GET" {
				kind = "advertisement"
			}
			if r.Body != nil {
				io.Copy(io.Discard, r.Body)
			}
			if n < len(answers) {
				body = answers[n]
			}
			n++
			service := "git-upload-pack"
			if strings.Contains(r.URL, "git-receive-pack") {
				service = "git-receive-pack"
			}
			return &sandbox.Response{Code: 200, Header: map[string][]string{"Content-Type": {"application/x-" + service + "-" + kind}}, Body: io.NopCloser(bytes.NewReader(body))}, nil
		}
		return git.Run(ctx, inv)
	}, clitest.Case{Args: append([]string{"git"}, args...), Files: files})
}

func line(text string) string {
	const digits = "0123456789abcdef"
	n := len(text) + 4
	return string([]byte{digits[n>>12&15], digits[n>>8&15], digits[n>>4&15], digits[n&15]}) + text
}

const (
	someID = "1234567890123456789012345678901234567890"
	hello2 = "000eversion 2\n000bls-refs0009fetch0000"
)

// TestHostileServer: an answer that is none is a clear error, and leaves nothing.
func TestHostileServer(t *testing.T) {
	refs := line(someID+" HEAD symref-target:refs/heads/main\n") + line(someID+" refs/heads/main\n") + "0000"
	v0 := line("# service=git-upload-pack\n") + "0000" + line(someID+" HEAD\x00side-band-64k symref=HEAD:refs/heads/main\n") + line(someID+" refs/heads/main\n") + "0000"
	for name, c := range map[string]struct {
		answers []string
		want    string
	}{
		"nothing":              {[]string{""}, "the remote end hung up unexpectedly"},
		"no length":            {[]string{"zzzz"}, "bad line length character: zzzz"},
		"length 3":             {[]string{"0003"}, "bad line length"},
		"too long":             {[]string{"ffff" + strings.Repeat("x", 70000)}, "bad line length"},
		"cut off":              {[]string{"0010abc"}, "hung up"},
		"an error":             {[]string{line("ERR no \x1b[31maccess\n")}, "fatal: remote error: no ^[[31maccess"},
		"garbage":              {[]string{line("garbage\n") + "0000"}, "protocol error: unexpected 'garbage'"},
		"sha256":               {[]string{line(someID+" HEAD\x00object-format=sha256\n") + "0000"}, "repositories with sha256 objects"},
		"no fetch":             {[]string{"000eversion 2\n0000"}, "does not support"},
		"bad target":           {[]string{hello2, line(someID+" HEAD symref-target:../../x\n") + line(someID+" refs/heads/main\n") + "0000", line("packfile\n")}, "hung up"},
		"no pack":              {[]string{hello2, refs, "0000"}, "expected a section"},
		"half a pack":          {[]string{hello2, refs, line("packfile\n") + line("\x01PACK")}, "hung up"},
		"short pack":           {[]string{hello2, refs, line("packfile\n") + line("\x01PACK") + "0000"}, "early EOF"},
		"server's failure":     {[]string{hello2, refs, line("packfile\n") + line("\x02oops\n") + line("\x03it \x07broke\n") + "0000"}, "remote: oops        \nfatal: remote error: it ^Gbroke"},
		"messages":             {[]string{hello2, refs, line("packfile\n") + line("\x021%\r2%\r") + line("\x02\ndone\n\n") + line("\x02\r\nend\r") + "0000"}, "remote: 1%        \nremote: 2%        \nremote: done        \nremote: \nremote: \nremote: end        \n"},
		"bad band":             {[]string{hello2, refs, line("packfile\n") + line("\x09x") + "0000"}, "bad band #9"},
		"empty line":           {[]string{hello2, refs, line("packfile\n") + "0004" + "0000"}, "bad line length"},
		"endless message":      {[]string{hello2, refs, line("packfile\n") + strings.Repeat(line("\x02"+strings.Repeat("x", 60000)), 5)}, "hung up"},
		"bad shallow":          {[]string{hello2, refs, line("shallow-info\n") + line("shallow x") + "0001"}, "invalid shallow line"},
		"empty pack":           {[]string{hello2, refs, line("packfile\n") + line("\x01PACK\x00\x00\x00\x02\x00\x00\x00\x00\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e") + "0000"}, "the server did not send " + someID},
		"v0 without an answer": {[]string{v0, ""}, "hung up"},
		"v0 with another":      {[]string{v0, line("what\n")}, "expected ACK/NAK, got 'what'"},
		"v0 without side-band": {[]string{line(someID+" HEAD\x00a\n") + "0000"}, "does not support side-band-64k"},
	} {
		var answers [][]byte
		for _, a := range c.answers {
			answers = append(answers, []byte(a))
		}
		r := against(t, []string{"clone", "http://h.example/x"}, nil, answers...)
		list, err := r.FS.ReadDir("/w")
		if r.Status != 128 || !strings.Contains(r.Err, c.want) || err != nil || len(list) > 0 {
			t.Errorf("%s: status %d, %v, %d files, %q, want %q", name, r.Status, err, len(list), r.Err, c.want)
		}
	}
}

// TestCredentialsStay: what identifies the user is sent to the host of the URL, and to no other that it redirects to.
func TestCredentialsStay(t *testing.T) {
	var seen []string
	clitest.Run(t, func(ctx context.Context, inv *shell.Invocation) int {
		inv.Fetch = func(_ context.Context, r sandbox.Request) (*sandbox.Response, error) {
			fields := ""
			for _, f := range r.Header {
				if f.Name == "Authorization" || f.Name == "X-Token" {
					fields += " " + f.Name
				}
			}
			seen = append(seen, r.URL+fields)
			if strings.Contains(r.URL, "@") {
				t.Errorf("%s holds credentials", r.URL)
			}
			answer := &sandbox.Response{Code: 302, Header: map[string][]string{"Location": {"http://b.example/x/info/refs?service=git-upload-pack"}}, Body: io.NopCloser(strings.NewReader(""))}
			switch {
			case r.Method == "POST":
				answer.Code, answer.Header, answer.Body = 200, map[string][]string{"Content-Type": {"application/x-git-upload-pack-result"}}, io.NopCloser(strings.NewReader("0000"))
			case strings.HasPrefix(r.URL, "http://b.example"):
				answer.Code, answer.Header, answer.Body = 200, map[string][]string{"Content-Type": {"application/x-git-upload-pack-advertisement"}}, io.NopCloser(strings.NewReader(hello2))
			}
			return answer, nil
		}
		return git.Run(ctx, inv)
	}, clitest.Case{Args: []string{"git", "-c", "http.extraHeader=X-Token: t", "ls-remote", "http://ann:secret@a.example/x"}})
	want := []string{"http://a.example/x/info/refs?service=git-upload-pack Authorization X-Token", "http://b.example/x/info/refs?service=git-upload-pack", "http://b.example/x/git-upload-pack"}
	if !slices.Equal(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
}

// TestVersion1 is the protocol that says its version and is version 0 otherwise.
func TestVersion1(t *testing.T) {
	r := against(t, []string{"ls-remote", "http://h.example/x"}, nil, []byte(line("# service=git-upload-pack\n")+"0000"+line("version 1\n")+line(someID+" HEAD\x00symref=HEAD:refs/heads/main\n")+line(someID+" refs/heads/main\n")+"0000"))
	if want := someID + "\tHEAD\n" + someID + "\trefs/heads/main\n"; r.Out != want {
		t.Errorf("%q %q", r.Out, r.Err)
	}
}

// TestBadRefs: what is no name of a ref is left out, with what a server says of its other objects.
func TestBadRefs(t *testing.T) {
	good := someID + "\trefs/heads/main\n"
	for _, name := range []string{"refs/heads/../../x", "../x", ".have", "config", "refs/heads/a..b", "refs/heads/x.lock", "refs/heads/\x1b[31m", "refs//x", "refs/heads/.x"} {
		v2 := against(t, []string{"ls-remote", "http://h.example/x"}, nil, []byte(hello2), []byte(line(someID+" "+name+" peeled:"+someID+"\n")+line(someID+" refs/heads/main\n")+"0000"))
		v0 := against(t, []string{"ls-remote", "http://h.example/x"}, nil, []byte(line(someID+" refs/heads/main\x00a\n")+line(someID+" "+name+"\n")+"0000"))
		if v2.Out != good || v0.Out != good {
			t.Errorf("%s: %q, %q", name, v2.Out, v0.Out)
		}
	}
}

// FuzzServer is a server that answers anything.
func FuzzServer(f *testing.F) {
	f.Add([]byte(hello2), []byte(line(someID+" HEAD symref-target:refs/heads/main peeled:"+someID+"\n")+"0000"), []byte(line("shallow-info\n")+line("shallow "+someID)+"0001"+line("packfile\n")+line("\x01PACK")+line("\x02x\n")+"0000"))
	f.Add([]byte(line("# service=git-upload-pack\n")+"0000"+line(someID+" HEAD\x00side-band-64k shallow\n")+line(someID+" refs/tags/v^{}\n")+"0000"), []byte(line("NAK\n")+line("\x01PACK")+"0000"), []byte(""))
	f.Add([]byte(line(someID+" refs/heads/main\x00report-status side-band-64k delete-refs\n")+"0000"), []byte(line("\x01"+line("unpack ok\n")+line("ok refs/heads/x\n")+"0000")+"0000"), []byte(""))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		files := map[string]string{".git/HEAD": "ref: refs/heads/main\n", ".git/objects/x": "", ".git/refs/x": "", ".git/config": "[remote \"origin\"]\n\turl = http://h.example/x\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n"}
		against(t, []string{"clone", "--depth", "1", "http://h.example/x"}, nil, a, b, c)
		against(t, []string{"fetch", "--prune"}, files, a, b, c)
		against(t, []string{"push", "origin", ":x", ":main"}, files, a, b, c)
	})
}
