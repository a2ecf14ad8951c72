package shell

import "strings"

// tilde adds what the tilde prefixes at the beginning (and after colons) stand for and returns the rest.
func (b *builder) tilde(v string, first, last bool) string {
	at := first
	for {
		if at && strings.HasPrefix(v, "~") {
			end := strings.IndexAny(v, "/:")
			if end < 0 {
				end = len(v)
			}
			if end < len(v) || last {
				if home, ok := b.s.tildeHome(v[1:end]); ok {
					b.quoted(home)
					v = v[end:]
				}
			}
		}
		if !b.colonTilde {
			return v
		}
		i := strings.Index(v, ":~")
		if i < 0 {
			return v
		}
		b.literalPlain(v[:i+1])
		v, at = v[i+1:], true
	}
}

func (b *builder) literalPlain(v string) {
	save := b.colonTilde
	b.colonTilde = false
	b.literal(v, false, false)
	b.colonTilde = save
}

// tildeHome is what ~name stands for.
func (s *shell) tildeHome(name string) (string, bool) {
	switch name {
	case "":
		if home, ok := s.value("HOME"); ok {
			return home, true
		}
		return "/home/agent", true
	case "+":
		return s.get("PWD"), true
	case "-":
		old, ok := s.value("OLDPWD")
		return old, ok
	case "agent":
		return "/home/agent", true
	case "root":
		return "/root", true
	}
	if dir, ok := s.stackDir(name); ok {
		return dir, true
	}
	return "", false
}
