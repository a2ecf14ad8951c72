package git

import (
	"net/url"
	"strings"
)

// extraHeaders are the lines of http.extraHeader and http.URL.extraHeader; an empty one forgets those before it.
func (p *httpPeer) extraHeaders() []string {
	var list []string
	for _, s := range p.settings() {
		scope, ok := strings.CutSuffix(s.key, "extraheader")
		if !ok || !strings.HasPrefix(scope, "http.") {
			continue
		}
		if at := strings.TrimSuffix(strings.TrimPrefix(scope, "http."), "."); at != "" && !strings.HasPrefix(p.base, strings.TrimRight(at, "/")+"/") {
			continue
		}
		if s.value == "" {
			list = nil
		} else {
			list = append(list, s.value)
		}
	}
	return list
}

// storedCredentials finds a URL in ~/.git-credentials, where credential.helper is "store".
func (r *repo) storedCredentials(u *url.URL) *url.Userinfo {
	if r.config("credential.helper") != "store" {
		return nil
	}
	home, _ := r.inv.Env.Get("HOME")
	text, err := r.inv.FS.ReadFile(home + "/.git-credentials")
	if err != nil || r.spend(len(text)) != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if known, err := url.Parse(strings.TrimSpace(line)); err == nil && known.User != nil && known.Scheme == u.Scheme && known.Host == u.Host {
			return known.User
		}
	}
	return nil
}
