package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
)

// secrets of all sorts: a token, one with every character that encoders escape, lines, others that overlap or begin others.
var secrets = map[string]string{
	"TOKEN":  "ghp_0123456789abcdefABCDEF",
	"ODD":    `p"a/s\s <w&o>r+d=é😀?` + "\t'!*",
	"KEY":    "-----BEGIN KEY-----\nAAAA\nBBBB\n-----END KEY-----\n",
	"LEFT":   "abcdXY",
	"RIGHT":  "XYefgh",
	"SHORT":  "wxyz",
	"LONGER": "wxyz-longer",
}

func newRedactor(t testing.TB) *Redactor {
	t.Helper()
	r, err := New(secrets)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// encoded are ways in which programs print a secret; what leaves must hold none of its parts of a few bytes.
func encoded(secret string) map[string]string {
	compact, _ := json.Marshal(secret)
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(secret)
	return map[string]string{
		"plain":      secret,
		"trimmed":    strings.TrimSpace(secret),
		"base64 0":   base64.StdEncoding.EncodeToString([]byte("abc" + secret + "abcd")),
		"base64 1":   base64.StdEncoding.EncodeToString([]byte("a" + secret + "abc")),
		"base64 2":   base64.URLEncoding.EncodeToString([]byte("ab" + secret + "ab")),
		"hex":        hex.EncodeToString([]byte(secret)),
		"HEX":        strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"query":      url.QueryEscape(secret),
		"path":       url.PathEscape(secret),
		"lower path": lowerEscapes(url.PathEscape(secret)),
		"json":       string(compact),
		"plain json": plain.String(),
		"slash json": strings.ReplaceAll(plain.String(), "/", `\/`),
		"ascii json": ascii(string(compact)),
	}
}

func TestForms(t *testing.T) {
	r := newRedactor(t)
	for name, secret := range secrets {
		for form, text := range encoded(secret) {
			got := r.String("before " + text + " after")
			if !strings.Contains(got, Mark) || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") || len(got) > len("before  after")+len(Mark)+14 {
				t.Errorf("%s as %s: %q", name, form, got)
			}
		}
	}
}

func TestString(t *testing.T) {
	r := newRedactor(t)
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"nothing here", "nothing here"},
		{"abcdXYefgh!", Mark + "!"}, // overlapping: nothing of either is left
		{"abcdXabcdXY", "abcdX" + Mark},
		{"wxyz", Mark},
		{"wxyz-longe", Mark + "-longe"},
		{"wxyz-longer", Mark},
		{"wxywxyz", "wxy" + Mark},
		{"wxyzwxyz", Mark + Mark},
	} {
		if got := r.String(tt.in); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
		if got := r.Contains([]byte(tt.in)); got != (tt.in != tt.want) {
			t.Errorf("Contains(%q) is %v", tt.in, got)
		}
	}
	var none *Redactor
	if none.String("wxyz") != "wxyz" {
		t.Error("a Redactor that is nil changes text")
	}
}

func TestShort(t *testing.T) {
	_, err := New(map[string]string{"PIN": "123"})
	if err == nil || !strings.Contains(err.Error(), "PIN has 3 bytes") || strings.Contains(err.Error(), "123") {
		t.Error(err)
	}
}

// TestSplit writes a text in pieces of every size: what comes out is the same.
func TestSplit(t *testing.T) {
	r := newRedactor(t)
	text := "abcdXYefgh wxyz wxyz-lon wxyz-longer abcdX"
	for _, secret := range secrets {
		for _, form := range encoded(secret) {
			text += form + "|ghp_0123 "
		}
	}
	want := r.String(text)
	for size := 1; size < 80; size++ {
		if got := written(t, r, text, size); got != want {
			t.Fatalf("in pieces of %d:\n%q, want\n%q", size, got, want)
		}
	}
}

func written(t testing.TB, r *Redactor, text string, size int) string {
	var out strings.Builder
	w := r.Writer(&out)
	for rest := text; rest != ""; rest = rest[min(size, len(rest)):] {
		if _, err := w.Write([]byte(rest[:min(size, len(rest))])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestPrompt: only what could be the beginning of a secret waits.
func TestPrompt(t *testing.T) {
	var out strings.Builder
	w := newRedactor(t).Writer(&out)
	for _, step := range []struct{ in, out string }{{"Name: ", "Name: "}, {"ghp_", ""}, {"x", "ghp_x"}, {"wxyz", ""}, {"-longer", Mark}, {"w", ""}} {
		out.Reset()
		_, _ = w.Write([]byte(step.in))
		if out.String() != step.out {
			t.Errorf("%q writes %q, want %q", step.in, out.String(), step.out)
		}
	}
	out.Reset()
	if err := w.Close(); err != nil || out.String() != "w" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestBrokenWriter(t *testing.T) {
	w := newRedactor(t).Writer(brokenWriter{})
	if _, err := w.Write([]byte("some text")); err == nil {
		t.Error("no error")
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("abcdXYefgh wxyz-lon ghp_0123456789abcdefABCDEF", uint8(3))
	r := newRedactor(f)
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		want := r.String(text)
		if got := written(t, r, text, int(size)+1); got != want {
			t.Fatalf("in pieces: %q, whole: %q", got, want)
		}
		for name, secret := range secrets {
			if strings.Contains(want, secret) {
				t.Fatalf("%s is in %q", name, want)
			}
		}
	})
}

// BenchmarkWriter: text of a log with ten secrets to look for.
func BenchmarkWriter(b *testing.B) {
	many := map[string]string{}
	for i := range 10 {
		many[string(rune('A'+i))] = strings.Repeat(string(rune('a'+i)), 3) + "0123456789abcdef-token"
	}
	r, err := New(many)
	if err != nil {
		b.Fatal(err)
	}
	chunk := []byte(strings.Repeat("2026-03-14T09:26:53Z some line of a log, with aaa and 0123456789 in it\n", 450))
	b.SetBytes(int64(len(chunk)))
	var out discard
	w := r.Writer(&out)
	for b.Loop() {
		_, _ = w.Write(chunk)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
