package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A person signs in with a token of the server and gets a cookie, because a browser cannot be told to send a header. The
// cookie says who and until when, signed with a key that this process alone knows: after a restart they sign in again.

const (
	cookieName = "flue_console"
	signedFor  = 12 * time.Hour
)

type login struct {
	key [32]byte
	now func() time.Time
}

func newLogin(cfg Config) login {
	l := login{now: cfg.Now}
	rand.Read(l.key[:]) // never fails
	return l
}

// cookie is what a browser keeps for a name.
func (l *login) cookie(name string) string {
	claim := strconv.FormatInt(l.now().Add(signedFor).Unix(), 10) + "." + base64.RawURLEncoding.EncodeToString([]byte(name))
	return claim + "." + l.sign(claim)
}

// valid says whether a cookie is one of ours and not too old.
func (l *login) valid(cookie string) bool {
	cut := strings.LastIndexByte(cookie, '.')
	if cut < 0 || !hmac.Equal([]byte(cookie[cut+1:]), []byte(l.sign(cookie[:cut]))) {
		return false
	}
	until, _, _ := strings.Cut(cookie, ".")
	unix, err := strconv.ParseInt(until, 10, 64)
	return err == nil && l.now().Unix() < unix
}

func (l *login) sign(claim string) string {
	mac := hmac.New(sha256.New, l.key[:])
	mac.Write([]byte(claim))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// signedIn lets a page be seen by those who have signed in, and sends others to do so.
func (c *console) signedIn(page http.Handler) http.Handler {
	if c.Token == nil {
		return page
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie(cookieName); err == nil && c.login.valid(cookie.Value) {
			page.ServeHTTP(w, r)
			return
		}
		if r.Method != http.MethodGet || strings.HasSuffix(r.URL.Path, "/live") {
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, "/console/login", http.StatusSeeOther)
	})
}

func (c *console) showLogin(w http.ResponseWriter, r *http.Request) { c.render(w, r, "login.html", "") }

func (c *console) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	name, ok := "", false
	if c.Token != nil {
		name, ok = c.Token(strings.TrimSpace(r.PostFormValue("token")))
	}
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		c.render(w, r, "login.html", "That is no token of this server.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: c.login.cookie(name), Path: "/", HttpOnly: true,
		SameSite: http.SameSiteStrictMode, Secure: secure(r), MaxAge: int(signedFor.Seconds())})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (c *console) signOut(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: "/", MaxAge: -1})
	http.Redirect(w, r, "/console/login", http.StatusSeeOther)
}

// secure says whether the browser speaks TLS, to us or to a proxy before us.
func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}
