package curl_test

import (
	"compress/gzip"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/fetch"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
	"github.com/flue-run/flue/sandbox/virtual/commands/curl"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// site answers in every way that the scripts below ask for.
func site(t *testing.T) *httptest.Server {
	m, done := http.NewServeMux(), make(chan struct{})
	m.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s\n", r.Method, r.RequestURI)
		var lines []string
		for name, values := range r.Header {
			for _, v := range values {
				lines = append(lines, name+": "+v)
			}
		}
		slices.Sort(lines)
		for _, line := range lines {
			if !strings.HasPrefix(line, "Connection:") && !strings.HasPrefix(line, "Expect:") {
				fmt.Fprintln(w, line)
			}
		}
		fmt.Fprintf(w, "\n%s", body)
	})
	m.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		code := 0
		fmt.Sscan(r.PathValue("code"), &code)
		w.WriteHeader(code)
		fmt.Fprintf(w, "it is %d\n", code)
	})
	m.HandleFunc("/to/{code}/", func(w http.ResponseWriter, r *http.Request) {
		code := 0
		fmt.Sscan(r.PathValue("code"), &code)
		w.Header()["Date"] = nil
		w.Header().Set("Location", r.URL.Query().Get("u"))
		w.WriteHeader(code)
		io.WriteString(w, "moved\n")
	})
	m.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", 302) })
	m.HandleFunc("/file.txt", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		http.ServeContent(w, r, "file.txt", time.Unix(1700000000, 0), strings.NewReader("0123456789\n"))
	})
	m.HandleFunc("/cookies", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2", Path: "/elsewhere"})
		http.SetCookie(w, &http.Cookie{Name: "c", Value: "3", Path: "/", HttpOnly: true, Expires: time.Unix(4000000000, 0)})
		http.SetCookie(w, &http.Cookie{Name: "d", Value: "4", Domain: "example.com"})
	})
	m.HandleFunc("/gzip", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprintln(z, "was compressed")
		z.Close()
	})
	m.HandleFunc("/deflate", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "deflate")
		z := zlib.NewWriter(w)
		fmt.Fprintln(z, "was deflated")
		z.Close()
	})
	raw := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				io.WriteString(conn, text)
				conn.Close()
			}
		}
	}
	m.HandleFunc("/empty", raw(""))
	m.HandleFunc("/short", raw("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf of it"))
	m.HandleFunc("/chunk", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"))
	m.HandleFunc("/garbage", raw("this is no HTTP\r\n\r\n"))
	m.HandleFunc("/odd", raw("HTTP/1.1 200 Fine\r\nx-LOWER: a\r\nX-Z: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\nodd"))
	m.HandleFunc("/bomb", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for block := make([]byte, 1<<20); r.Context().Err() == nil; {
			if _, err := z.Write(block); err != nil {
				return
			}
		}
	})
	m.HandleFunc("/name", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="../../etc/passwd"`)
		io.WriteString(w, "named")
	})
	m.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "begun")
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-done: // a server that still reads a body does not see that its client is gone
		}
	})
	server := httptest.NewServer(m)
	t.Cleanup(func() {
		close(done)
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

// scripts are run by curl itself and by the sandbox's; $U is the server. They must print the same, and end the same.
var scripts = []string{
	`curl -s $U/echo`,
	`curl -s $U/echo?a=b%20c'&d'#fragment`,
	`curl -s ${U#http://}/echo`,
	`curl -s $U/x/../echo`,
	`curl -s -X DELETE $U/echo`,
	`curl -s -d a=1 -d b=2 $U/echo`,
	`curl -s -XPUT --data-raw @x $U/echo`,
	`printf 'l1\nl2\n' >f; curl -s -d @f $U/echo; curl -s --data-binary @f $U/echo; curl -s --data-binary @- $U/echo <f; curl -s -T f $U/echo; curl -s -T- $U/echo <f`,
	`printf 'a b&c' >f; curl -s --data-urlencode 'q=a b&c' --data-urlencode =x+y --data-urlencode n@f --data-urlencode @f --data-urlencode 'plain ü' $U/echo`,
	`curl -s -G -d a=1 --data-urlencode 'q=a b' "$U/echo?x=y"`,
	`curl -s --json '{"a":1}' $U/echo`,
	`curl -s -H 'X-One: 1' -H 'Accept: text/plain' -H 'User-Agent:' -H 'X-Empty;' $U/echo`,
	`printf 'X-From: file\n' >h; curl -s -H @h $U/echo`,
	`curl -s -A me -e http://from.example/ -u user:pass -b 'a=1; b=2' $U/echo`,
	`curl -s -A '' $U/echo`,
	`curl -s --oauth2-bearer TOKEN $U/echo`,
	`curl -s -r 2-4 $U/file.txt; curl -s -r -3 $U/file.txt`,
	`curl -s -I $U/file.txt`,
	`curl -s -i $U/odd; curl -s -D - $U/odd; curl -s -D heads -o /dev/null $U/odd; cat heads`,
	`curl -s -o out $U/file.txt; cat out; curl -s -O $U/file.txt; cat file.txt`,
	`curl -s --create-dirs -o a/b/c $U/file.txt; cat a/b/c; mkdir d; curl -s --output-dir d -O $U/file.txt; ls d`,
	`curl -s -o no/such/dir $U/file.txt; echo $?`,
	`curl -sS -o no/such/dir $U/file.txt; echo $?`,
	`curl -s $U/file.txt $U/echo -o one -o two; cat one two`,
	`curl -s "$U/status/{200,201}"; curl -s -o 'n#1' "$U/status/[200-204:2]"; cat n200 n204; ls`,
	`curl -s "$U/[a-"; echo $?; curl -sS "$U/{a"; curl -sS "$U/[9-1]"; curl -sS "$U/a}"; curl -sg "$U/echo?{a}"`,
	`curl -sf $U/status/404; echo $?; curl -sSf $U/status/500; echo $?; curl -sS --fail-with-body $U/status/404; echo $?; curl -s $U/status/404`,
	`curl -s "$U/to/302/?u=/echo"; curl -sL "$U/to/302/?u=/echo"; curl -sL "$U/to/301/?u=../../echo%3Fx"`,
	`curl -sLi "$U/to/302/?u=/odd"`,
	`for c in 301 302 303 307 308; do curl -sL -d x=y "$U/to/$c/?u=/echo"; done`,
	`curl -sL --post302 -d x=y "$U/to/302/?u=/echo"; curl -sL -X PUT -d x "$U/to/303/?u=/echo"`,
	`curl -sL -u a:b -H 'Authorization: x' "$U/to/302/?u=/echo"`,
	`curl -sSL --max-redirs 3 $U/loop; echo $?; curl -sL $U/loop; echo $?`,
	`curl -sL -e ';auto' "$U/to/302/?u=/echo" | grep -c Referer`,
	`curl -sSL "$U/to/302/?u=gopherx://x/"; echo $?`,
	`curl -s -c jar $U/cookies; grep -v '^# ' jar | sort; curl -s -b jar $U/echo; curl -s -b jar -b z=9 $U/echo; curl -s -b jar -c- $U/echo | sort`,
	`curl -s --compressed $U/gzip $U/deflate`,
	`curl -sS $U/empty; echo $?; curl -sS $U/short; echo $?; curl -sS $U/chunk; echo $?; curl -sS $U/garbage; echo $?`,
	`curl -sS -m 0.3 $U/slow 2>&1 >/dev/null | sed 's/after [0-9]* ms/after N ms/; s/after [0-9]* milli/after N milli/'; echo ${PIPESTATUS[0]}`,
	`curl -sS http://127.0.0.1:1/ 2>&1 | sed 's/after [0-9]* ms/after N ms/'; echo ${PIPESTATUS[0]}`,
	`curl -sS; echo $?; curl -sS --nope; echo $?; curl -sS -o; echo $?; curl -m x $U; echo $?; curl -X; echo $?`,
	`curl -sS gopherx://x/; echo $?; curl -sS 'http://a b/'; echo $?; curl -sS ''; echo $?`,
	`curl -sS -d a -I $U/echo; echo $?; curl -sS -T nofile $U/echo; echo $?; curl -sS -F x=@nofile $U/echo; echo $?`,
	`curl -s -w '%{http_code} %{response_code} %{content_type} %{size_download} %{num_redirects} %{method} %{scheme} %{url_effective} %{http_version} %{num_headers} %{exitcode}|%{errormsg}|%%|%{stderr}err\n%{stdout}\t%header{content-type}\n' $U/odd`,
	`curl -s -o /dev/null -w '%{redirect_url} %{http_code} %{filename_effective}\n' "$U/to/302/?u=/echo"`,
	`curl -sL -o /dev/null -w '%{redirect_url} %{http_code} %{num_redirects} %{size_header} %{url_effective} %{urlnum}\n' "$U/to/302/?u=/odd" $U/odd`,
	`curl -s -w '%{http_code}%{onerror}bad\n' $U/odd; curl -s -w '%{onerror}bad %{nope}\n' http://127.0.0.1:1/`,
	`printf 'url = "%s/echo"\n# note\nheader = "X-K: v"\n-d a=b\nsilent\n' $U >k; curl -K k; curl -K - <k; curl -sS -K nofile; echo $?`,
	`printf 0123 >part; curl -s -C - -o part $U/file.txt; cat part; printf 0123 >part; curl -s -C 4 -o part $U/file.txt; cat part`,
	`printf 01 >part; curl -sS -C - -o part $U/status/200; echo $?`,
	`curl -s --next $U/echo; curl -s -d a $U/echo --next -s -X PUT $U/echo`,
	`curl -s --retry 1 --retry-delay 1 $U/status/503 2>&1`,
	`curl -sS --proto =https $U/echo; echo $?`,
	`curl -s --url $U/echo --url-query a=b; curl -s --head $U/status/404 | head -1`,
	`curl -s --no-progress-meter -N --http1.1 --tlsv1.2 -4 --keepalive-time 2 $U/status/200`,
	`curl -s --max-filesize 5 $U/file.txt; echo $?`,
	`curl -s -R -o f $U/file.txt; date -u -r f +%s`,
	`printf 'data' >f.txt; curl -s -F a=1 -F 'b=x y;type=text/html' -F up=@f.txt -F t=\<f.txt -F 'n=@f.txt;filename=other.bin' --form-string 's=@x;y' $U/echo | sed 's/-------[0-9a-f-]*/BOUNDARY/' | grep -v Content-Length`,
}

var versions = regexp.MustCompile(`curl/[0-9.]+`)

func TestLikeCurl(t *testing.T) {
	real, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed: its behaviour is not compared")
	}
	if out, _ := exec.Command(real, "--version").Output(); !strings.HasPrefix(string(out), "curl 7.8") {
		t.Skipf("curl is another version than 7.88: its behaviour is not compared: %.20s", out)
	}
	server := site(t)
	network, err := fetch.New(fetch.Config{Allow: []string{server.URL, "http://127.0.0.1:1/"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			box, err := virtual.New(virtual.Config{Fetch: network, Env: map[string]string{"U": server.URL}})
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			ours, err := box.Exec(t.Context(), sandbox.Exec{Script: script})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			theirs := exec.CommandContext(ctx, "bash", "-c", script)
			theirs.Dir, theirs.Env = t.TempDir(), []string{"U=" + server.URL, "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + t.TempDir()}
			var out, errs strings.Builder
			theirs.Stdout, theirs.Stderr = &out, &errs
			theirs.Run()
			compare := func(what, got, want string) {
				if got, want = versions.ReplaceAllString(got, "curl/V"), versions.ReplaceAllString(want, "curl/V"); got != want {
					t.Errorf("%s:\n got %q\nwant %q", what, got, want)
				}
			}
			compare("stdout", ours.Stdout, out.String())
			compare("stderr", ours.Stderr, errs.String())
			compare("status", fmt.Sprint(ours.ExitCode), fmt.Sprint(theirs.ProcessState.ExitCode()))
		})
	}
}

// TestOwn is what curl itself does not do, or says in other words, and wget.
func TestOwn(t *testing.T) {
	server := site(t)
	network, err := fetch.New(fetch.Config{Allow: []string{server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("FLUE_TEST_SECRET", "s3cret")
	for _, c := range []struct {
		script string
		status int
		out    string // a part of what is printed on both streams
		limit  string
	}{
		{`curl -sS http://169.254.169.254/latest/`, 7, "curl: (7) the sandbox's network does not allow http://169.254.169.254/latest/; it allows: " + server.URL, ""},
		{`curl -sSL "$U/to/302/?u=http://169.254.169.254/"`, 7, "does not allow http://169.254.169.254/", ""},
		{`curl -sSL "$U/to/302/?u=//evil.example/x"`, 7, "does not allow http://evil.example/x", ""},
		{`curl -sSL "$U/to/302/?u=http://a:b@${U#http://}/"`, 3, "credentials", ""},
		{`curl -sSL "$U/to/302/?u=file:///etc/passwd"`, 1, "Unsupported URL scheme", ""},
		{`curl -sS file:///etc/passwd`, 1, "not supported", ""},
		{`curl -sS http://user:pass@${U#http://}/echo`, 3, "credentials", ""},
		{`curl -sS -x http://proxy.example:3128 $U/echo`, 2, "option -x: the sandbox's network does not have this", ""},
		{`http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 curl -sS $U/status/200`, 0, "it is 200", ""},
		{`curl -sS --resolve x:80:127.0.0.1 http://x/`, 2, "option --resolve", ""},
		{`curl -sS --unix-socket /var/run/docker.sock http://x/`, 2, "option --unix-socket", ""},
		{`curl -sSk $U/status/200`, 0, "-k has no effect", ""},
		{`curl -sS -H 'Host: evil.example' $U/echo`, 7, "Host must be that of the URL", ""},
		{`curl -sS -H $'X: a\r\nY: b' $U/echo`, 3, "malformed", ""},
		{`curl -sS -X $'GET / HTTP/1.1\r\n\r\nGET' $U/echo`, 3, "no method", ""},
		{`curl -sS --path-as-is $U/a/../echo`, 3, "segments", ""},
		{`curl -sS $U/echo; env`, 0, "GET /echo", ""},
		{`curl -sOJ $U/name; cat passwd; ls`, 0, "namedpasswd", ""},
		{`curl -s -o ../../../../../../etc/x $U/status/200; cat /etc/x`, 0, "it is 200", ""},
		{`curl -s --compressed $U/bomb`, 126, "limit output", "output"},
		{`curl -s --compressed -o f $U/bomb`, 126, "limit file-bytes", "file-bytes"},
		{`curl -s --data-binary @/dev/zero $U/echo`, 126, "limit live-bytes", "live-bytes"},
		{`curl -s -F x=@/dev/zero $U/echo`, 126, "limit live-bytes", "live-bytes"},
		{`curl -s -T - $U/slow </dev/zero`, 124, "limit timeout", "timeout"},
		{`curl -s -o /dev/null "$U/echo?[1-999999999999]"`, 124, "limit timeout", "timeout"},
		{`printf 'config = k\n' >k; curl -s -K k`, 26, "error encountered when reading a file", ""},
		{`curl -s $U/slow`, 124, "limit timeout", "timeout"},
		{`curl -s --retry 99 --retry-delay 99 $U/status/503`, 124, "limit timeout", "timeout"},
		{`curl -v $U/odd`, 0, "> GET /odd HTTP/1.1", ""},
		{`curl --help`, 0, "Usage: curl", ""},
		{`wget -qO- $U/file.txt`, 0, "0123456789\n", ""},
		{`wget -q $U/file.txt; cat file.txt; wget -q -O both $U/file.txt $U/status/200; wc -l both`, 0, "2 both", ""},
		{`wget -q $U/status/404`, 8, "", ""},
		{`wget -q -P d/e $U/file.txt; cat d/e/file.txt`, 0, "0123456789", ""},
		{`wget -q http://evil.example/`, 4, "", ""},
		{`wget http://evil.example/`, 4, "does not allow", ""},
		{`wget`, 1, "missing URL", ""},
	} {
		t.Run(c.script, func(t *testing.T) {
			t.Parallel()
			box, err := virtual.New(virtual.Config{Fetch: network, Env: map[string]string{"U": server.URL}, Limits: limits.Limits{LiveBytes: 8 << 20}, Quota: vfs.Quota{Bytes: 8 << 20}})
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			if strings.HasSuffix(c.script, "-K k") {
				c.script = "printf 'config = k\n' >k; " + c.script
				c.status = 26
			}
			timeout := time.Minute
			if c.limit == "timeout" {
				timeout = time.Second
			}
			r, err := box.Exec(t.Context(), sandbox.Exec{Script: c.script, Timeout: timeout})
			if err != nil || r.ExitCode != c.status || !strings.Contains(r.Stdout+r.Stderr, c.out) || r.Limit != c.limit || strings.Contains(r.Stdout+r.Stderr, "s3cret") {
				t.Errorf("status %d, limit %q, %v, %.300q, %.300q", r.ExitCode, r.Limit, err, r.Stdout, r.Stderr)
			}
		})
	}
}

// TestNoNetwork: without a network there is curl, which says so.
func TestNoNetwork(t *testing.T) {
	box, err := virtual.New(virtual.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	r, err := box.Exec(t.Context(), sandbox.Exec{Script: "curl -sS https://api.example.com/v1/"})
	if want := "curl: (6) Could not resolve host: api.example.com (this sandbox has no network"; err != nil || r.ExitCode != 6 || !strings.HasPrefix(r.Stderr, want) {
		t.Errorf("%+v, %v", r, err)
	}
}

func FuzzArguments(f *testing.F) {
	f.Add("-sSL -d a=b -H X:y http://x/{a,b}[1-3]", "url = \"x\"\n")
	f.Add("-F a=@k;type=x -w %{http_code}%header{x} -K k -:", "-o \"a\\tb\" # c")
	f.Fuzz(func(t *testing.T, line, file string) {
		clitest.Run(t, curl.Run, clitest.Case{Args: append([]string{"curl"}, strings.Fields(line)...), Files: map[string]string{"k": file}})
	})
}
