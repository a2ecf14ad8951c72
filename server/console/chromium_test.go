package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/internal/chromium"
	"github.com/flue-run/flue/server"
)

// browse starts a browser. Where this machine has none, the test is skipped.
func browse(t *testing.T) (context.Context, *chromium.Browser) {
	t.Helper()
	path := chromium.Find()
	if path == "" {
		t.Skip("SKIPPED: there is no Chromium on this machine, and the console was not seen in a browser")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	b, err := chromium.Start(ctx, path, 1200, 800)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return ctx, b
}

// steps fails the test with the first error.
func steps(t *testing.T, errs ...func() error) {
	t.Helper()
	for i, step := range errs {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i+1, err)
		}
	}
}

// TestBrowser has a person sign in, start a run from the form, see it happen, and abort one.
func TestBrowser(t *testing.T) {
	pages, _ := serve(t, server.Token{Name: "me", Value: secret})
	ctx, b := browse(t)
	wait := func(condition string) func() error {
		return func() error { return b.Wait(ctx, `document.readyState === "complete" && `+condition) }
	}
	run := func(script string) func() error { return func() error { return b.Eval(ctx, script, nil) } }
	open := func(path string) func() error { return func() error { return b.Go(ctx, pages.URL+path) } }
	start := func(key string) error {
		req, err := http.NewRequestWithContext(ctx, "POST", pages.URL+"/agents/slow/s1", nil)
		if err != nil {
			return err
		}
		req.Header = http.Header{"Authorization": {"Bearer " + secret}, "Prefer": {"respond-async"}, "Idempotency-Key": {key}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusAccepted {
			return fmt.Errorf("starting a run: %s", res.Status)
		}
		return nil
	}
	var wide int
	steps(t,
		open("/"),
		wait(`location.pathname === "/console/login"`),
		run(`document.querySelector("input[type=password]").value = "wrong"; document.querySelector("main form button").click()`),
		wait(`document.querySelector("form [role=alert]")`),
		run(fmt.Sprintf(`document.querySelector("input[type=password]").value = %q; document.querySelector("main form button").click()`, secret)),
		wait(`location.pathname === "/" && document.querySelector("a[href='/console/agents/ask']")`),

		// It stays as it is when the payload does not fit, and goes to the session when it does.
		open("/console/agents/ask"),
		run(`document.getElementById("payload.question").value = "x"; document.querySelector("form.start button").click()`),
		wait(`document.querySelector("form.start .wrong") && document.getElementById("payload.question").value === "x"`),
		run(`document.getElementById("payload.question").value = "What <is> it?"; document.querySelector("form.start button").click()`),
		wait(`location.pathname.includes("/ses_") && document.querySelector("#summary .mark.completed")`),
		wait(`document.getElementById("story").innerText.includes("<script>alert(1)</script> Looking.")`),
		wait(`document.querySelector("#summary svg rect")`),

		// A run that begins is seen without a reload, while the text is written.
		func() error { return start("first") },
		open("/console/agents/slow/s1"),
		wait(`document.getElementById("story").dataset.connected === "yes" && document.querySelector("form[action$=abort] button")`),
		run(`document.querySelector("form[action$=abort] button").click()`),
		wait(`document.querySelector("#summary .mark.aborted") && document.getElementById("story").dataset.connected === "yes"`),
		func() error { return start("second") },
		wait(`document.querySelector("#story .writing.text_delta") && "one two three four".startsWith(document.querySelector("#story .writing").textContent)`),
		wait(`document.querySelector("#summary .mark.open").innerText === "running"`),
		open("/"),
		wait(`document.body.innerText.includes("OPEN RUNS") || document.body.innerText.includes("Open runs")`),
		run(`document.querySelector("form[action$=abort] button").click()`),
		wait(`location.pathname.includes("/slow/") && document.querySelector("#summary .mark.aborted")`),
		wait(`!document.querySelector("form[action$=abort]")`),

		// No page is wider than a phone.
		func() error { return b.Size(ctx, 390, 800) },
		run(`window.seen = [location.pathname, "/", "/console/agents/ask", location.pathname + "/log", location.pathname + "/files/"]`),
		func() error {
			var paths []string
			if err := b.Eval(ctx, "seen", &paths); err != nil {
				return err
			}
			for _, path := range paths {
				if err := b.Go(ctx, pages.URL+path); err != nil {
					return err
				}
				if err := b.Eval(ctx, "document.documentElement.scrollWidth - innerWidth", &wide); err != nil || wide > 0 {
					return fmt.Errorf("%s is %d pixels wider than the window, %v", path, wide, err)
				}
			}
			return nil
		},
		// Light and dark are both readable: text and ground differ.
		func() error {
			for _, dark := range []bool{false, true} {
				if err := b.Dark(ctx, dark); err != nil {
					return err
				}
				var colours []string
				err := b.Eval(ctx, "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]", &colours)
				if err != nil || colours[0] == colours[1] || brightness(colours[1]) < 128 != dark {
					return fmt.Errorf("dark is %v, and the colours are %q, %v", dark, colours, err)
				}
			}
			return nil
		},
		run(`document.querySelector("form[action='/console/logout'] button").click()`),
		wait(`location.pathname === "/console/login"`),
	)
}

// brightness is that of a colour such as rgb(1, 2, 3), from 0 to 255.
func brightness(colour string) int {
	var red, green, blue int
	fmt.Sscanf(colour, "rgb(%d, %d, %d)", &red, &green, &blue)
	return (red + green + blue) / 3
}

// TestBrowserWithoutScripts reads a session and starts a run with JavaScript turned off.
func TestBrowserWithoutScripts(t *testing.T) {
	pages, client := serve(t)
	session := begin(t, pages, client)
	ctx, b := browse(t)
	steps(t,
		func() error { return b.Scripts(ctx, false) },
		func() error { return b.Go(ctx, pages.URL+session) },
		func() error {
			return b.Wait(ctx, `document.body.innerText.includes("It is 42.") && document.querySelector("noscript p")`)
		},
		func() error { return b.Go(ctx, pages.URL+"/console/agents/ask") },
		func() error {
			return b.Eval(ctx, `document.getElementById("payload.question").value = "Again?"; document.querySelector("form.start button").click()`, nil)
		},
		func() error { return b.Wait(ctx, `location.pathname.includes("/ses_")`) },
	)
}

// TestEventSource follows a session with a browser's own EventSource through connections that break: it gets every event once.
func TestEventSource(t *testing.T) {
	pages, _ := serve(t)
	ctx, b := browse(t)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func() {
		t.Helper()
		res, err := client.Post(pages.URL+"/agents/ask/s1", "application/json", strings.NewReader(`{"question": "What?"}`))
		if status, answer := answer(t, res, err); status != http.StatusOK {
			t.Fatal(status, answer)
		}
	}
	ask()
	steps(t,
		func() error { return b.Go(ctx, pages.URL+"/") },
		func() error {
			return b.Eval(ctx, `
				window.got = []; window.opened = 0; window.done = 0;
				const source = new EventSource("/agents/ask/s1/events");
				source.onopen = () => opened++;
				for (const type of ["run_start", "message", "turn_start", "turn_end", "step_start", "step_end", "tool_start", "tool_end", "workspace", "result", "done"])
					source.addEventListener(type, (e) => {
						if (String(JSON.parse(e.data).id) !== e.lastEventId) throw new Error("id " + e.lastEventId);
						got.push(Number(e.lastEventId));
						if (type === "done") done++;
					});`, nil)
		},
		func() error { return b.Wait(ctx, "done === 1") },
	)
	pages.CloseClientConnections()
	ask()
	steps(t, func() error { return b.Wait(ctx, "done === 2 && opened === 2") })
	var got []int
	if err := b.Eval(ctx, "got", &got); err != nil {
		t.Fatal(err)
	}
	for i, id := range got {
		if id != i+1 {
			t.Fatalf("the ids are %v", got)
		}
	}
	if len(got) < 20 {
		t.Errorf("only %d events: %v", len(got), got)
	}
}
