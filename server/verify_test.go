package server

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"hash"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/spec"
)

const hookSecret = "a secret of the tests"

var hookTime = time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)

// mac signs for the tests, with nothing of the code under test.
func mac(h func() hash.Hash, secret, text string) []byte {
	m := hmac.New(h, []byte(secret))
	m.Write([]byte(text))
	return m.Sum(nil)
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func signedGitHub(secret, body string) http.Header {
	return headers("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac(sha256.New, secret, body)))
}

func signedSlack(secret, body string, at time.Time) http.Header {
	seconds := fmt.Sprint(at.Unix())
	return headers("X-Slack-Request-Timestamp", seconds,
		"X-Slack-Signature", "v0="+hex.EncodeToString(mac(sha256.New, secret, "v0:"+seconds+":"+body)))
}

func stripeItem(secret, body string, at time.Time) string {
	return "v1=" + hex.EncodeToString(mac(sha256.New, secret, fmt.Sprintf("%d.%s", at.Unix(), body)))
}

func signedStripe(secret, body string, at time.Time) http.Header {
	return headers("Stripe-Signature", fmt.Sprintf("t=%d,%s", at.Unix(), stripeItem(secret, body, at)))
}

// TestVerifyPublished checks what the providers' documentation gives as examples.
func TestVerifyPublished(t *testing.T) {
	github := headers("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
	if !verify(spec.Webhook{Preset: "github"}.Filled(), []byte("It's a Secret to Everybody"), github, []byte("Hello, World!"), hookTime) {
		t.Error("GitHub's example is refused")
	}
	slack := headers("X-Slack-Request-Timestamp", "1531420618",
		"X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")
	body := "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
		"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
		"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
		"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	hook := spec.Webhook{Preset: "slack"}.Filled()
	sent := time.Unix(1531420618, 0)
	if !verify(hook, []byte("8f742231b10e8888abcd99yyyzzz85a5"), slack, []byte(body), sent) {
		t.Error("Slack's example is refused")
	}
	if verify(hook, []byte("8f742231b10e8888abcd99yyyzzz85a5"), slack, []byte(body), hookTime) {
		t.Error("Slack's example is taken years later")
	}
}

func TestVerify(t *testing.T) {
	const body = `{"action":"opened","n":1.0}`
	generic := func(hmac, prefix, encoding string) spec.Webhook {
		return spec.Webhook{Verify: spec.Verify{HMAC: hmac, Header: "x-signature", Prefix: prefix, Encoding: encoding, SecretEnv: "S"}}
	}
	github, slack, stripe := spec.Webhook{Preset: "github"}, spec.Webhook{Preset: "slack"}, spec.Webhook{Preset: "stripe"}
	hexed := func(h func() hash.Hash) string { return hex.EncodeToString(mac(h, hookSecret, body)) }
	soon, late := hookTime.Add(replayWindow), hookTime.Add(-replayWindow)
	twice := signedGitHub(hookSecret, body)
	twice.Add("X-Hub-Signature-256", twice.Get("X-Hub-Signature-256"))
	rotated := headers("Stripe-Signature", fmt.Sprintf("t=%d, %s,v0=00, %s", hookTime.Unix(), stripeItem("an old one", body, hookTime), stripeItem(hookSecret, body, hookTime)))
	tests := []struct {
		name   string
		hook   spec.Webhook
		header http.Header
		body   string
		want   bool
	}{
		{"sha256", generic("sha256", "", ""), headers("X-Signature", hexed(sha256.New)), body, true},
		{"sha1", generic("sha1", "sha1=", "hex"), headers("X-Signature", "sha1="+hexed(sha1.New)), body, true},
		{"sha512", generic("sha512", "", ""), headers("X-Signature", hexed(sha512.New)), body, true},
		{"upper-case hex", generic("sha256", "", ""), headers("X-Signature", strings.ToUpper(hexed(sha256.New))), body, true},
		{"base64", generic("sha256", "", "base64"), headers("X-Signature", base64.StdEncoding.EncodeToString(mac(sha256.New, hookSecret, body))), body, true},
		{"another hash", generic("sha512", "", ""), headers("X-Signature", hexed(sha256.New)), body, false},
		{"another encoding", generic("sha256", "", "base64"), headers("X-Signature", hexed(sha256.New)), body, false},
		{"prefix missing", generic("sha256", "sha256=", ""), headers("X-Signature", hexed(sha256.New)), body, false},
		{"prefix not asked for", generic("sha256", "", ""), headers("X-Signature", "sha256="+hexed(sha256.New)), body, false},
		{"no header", generic("sha256", "", ""), nil, body, false},
		{"empty header", generic("sha256", "", ""), headers("X-Signature", ""), body, false},
		{"cut", generic("sha256", "", ""), headers("X-Signature", hexed(sha256.New)[:32]), body, false},
		{"more behind it", generic("sha256", "", ""), headers("X-Signature", hexed(sha256.New)+"00"), body, false},
		{"no hex", generic("sha256", "", ""), headers("X-Signature", strings.Repeat("zz", 32)), body, false},
		{"empty body", generic("sha256", "", ""), headers("X-Signature", hex.EncodeToString(mac(sha256.New, hookSecret, ""))), "", true},

		{"github", github, signedGitHub(hookSecret, body), body, true},
		{"github, another secret", github, signedGitHub("guess", body), body, false},
		{"github, no secret", github, signedGitHub("", body), body, false},
		{"github, altered", github, signedGitHub(hookSecret, body), strings.Replace(body, "opened", "closed", 1), false},
		{"github, re-serialised", github, signedGitHub(hookSecret, body), `{"action": "opened", "n": 1}`, false},
		{"github, the older header only", github, headers("X-Hub-Signature", "sha1="+hexed(sha1.New)), body, false},
		{"github, two signatures", github, twice, body, false},

		{"slack", slack, signedSlack(hookSecret, body, hookTime), body, true},
		{"slack, at the end of the window", slack, signedSlack(hookSecret, body, late), body, true},
		{"slack, the clock ahead", slack, signedSlack(hookSecret, body, soon), body, true},
		{"slack, replayed", slack, signedSlack(hookSecret, body, late.Add(-time.Second)), body, false},
		{"slack, from the future", slack, signedSlack(hookSecret, body, soon.Add(time.Second)), body, false},
		{"slack, altered", slack, signedSlack(hookSecret, body, hookTime), body + " ", false},
		{"slack, no time", slack, headers("X-Slack-Signature", signedSlack(hookSecret, body, hookTime).Get("X-Slack-Signature")), body, false},
		{"slack, another time", slack, headers("X-Slack-Request-Timestamp", fmt.Sprint(hookTime.Unix()),
			"X-Slack-Signature", signedSlack(hookSecret, body, late).Get("X-Slack-Signature")), body, false},
		{"slack, another version", slack, headers("X-Slack-Request-Timestamp", fmt.Sprint(hookTime.Unix()),
			"X-Slack-Signature", "v1"+signedSlack(hookSecret, body, hookTime).Get("X-Slack-Signature")[2:]), body, false},

		{"stripe", stripe, signedStripe(hookSecret, body, hookTime), body, true},
		{"stripe, several signatures", stripe, rotated, body, true},
		{"stripe, replayed", stripe, signedStripe(hookSecret, body, late.Add(-time.Second)), body, false},
		{"stripe, altered", stripe, signedStripe(hookSecret, body, hookTime), body + "\n", false},
		{"stripe, another secret", stripe, signedStripe("guess", body, hookTime), body, false},
		{"stripe, another scheme only", stripe, headers("Stripe-Signature", strings.Replace(signedStripe(hookSecret, body, hookTime).Get("Stripe-Signature"), "v1=", "v0=", 1)), body, false},
		{"stripe, two times", stripe, headers("Stripe-Signature", fmt.Sprintf("t=%d,", hookTime.Unix())+signedStripe(hookSecret, body, late).Get("Stripe-Signature")), body, false},
		{"stripe, no time", stripe, headers("Stripe-Signature", stripeItem(hookSecret, body, hookTime)), body, false},
		{"stripe, no signature", stripe, headers("Stripe-Signature", fmt.Sprintf("t=%d", hookTime.Unix())), body, false},
		{"stripe, a flood of signatures", stripe, headers("Stripe-Signature", fmt.Sprintf("t=%d", hookTime.Unix())+
			strings.Repeat(","+stripeItem(hookSecret, body, hookTime), maxStripeSignatures+1)), body, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := verify(test.hook.Filled(), []byte(hookSecret), test.header, []byte(test.body), hookTime); got != test.want {
				t.Errorf("verified: %v", got)
			}
			if verify(test.hook.Filled(), nil, test.header, []byte(test.body), hookTime) {
				t.Error("verified without a secret")
			}
		})
	}
}

// TestVerifyTakesConstantTime reads the sources: signatures are compared by hmac.Equal alone.
func TestVerifyTakesConstantTime(t *testing.T) {
	files, err := filepath.Glob("verify*.go")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		constant := false
		ast.Inspect(parsed, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok {
				name := fmt.Sprint(call.X, ".", call.Sel)
				constant = constant || name == "hmac.Equal"
				if slices.Contains([]string{"bytes.Equal", "bytes.Compare", "slices.Equal", "strings.EqualFold", "reflect.DeepEqual"}, name) {
					t.Errorf("%s compares with %s", file, name)
				}
			}
			return true
		})
		if !constant {
			t.Errorf("%s does not compare with hmac.Equal", file)
		}
	}
}

// FuzzVerify has the parsers of signature headers read anything: nothing verifies that was not signed.
func FuzzVerify(f *testing.F) {
	body := []byte(`{"id":"evt_1"}`)
	for _, h := range []http.Header{signedGitHub("guess", string(body)), signedSlack("guess", string(body), hookTime), signedStripe("guess", string(body), hookTime)} {
		for _, values := range h {
			f.Add(values[0], h.Get("X-Slack-Request-Timestamp"), body)
		}
	}
	f.Add("t=,v1=,", "-1", []byte{})
	f.Add("t=99999999999999999999,v1=00", "1e9", body)
	f.Fuzz(func(t *testing.T, signature, timestamp string, body []byte) {
		for _, hook := range []spec.Webhook{{Preset: "github"}, {Preset: "slack"}, {Preset: "stripe"},
			{Verify: spec.Verify{HMAC: "sha512", Header: "X-Signature", Encoding: "base64"}}} {
			hook = hook.Filled()
			if verify(hook, []byte(hookSecret), headers(hook.Verify.Header, signature, "X-Slack-Request-Timestamp", timestamp), body, hookTime) {
				t.Errorf("%+v verifies what nobody signed", hook)
			}
		}
	})
}
