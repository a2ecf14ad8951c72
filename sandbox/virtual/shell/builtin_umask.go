package shell

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

func builtinUmask(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "pS")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		text := ""
		if has(opts, "p") {
			text = "umask "
		}
		if has(opts, "S") && has(opts, "p") {
			text += "-S "
		}
		switch {
		case has(opts, "S"):
			for i, who := range []string{"u", "g", "o"} {
				bits := ^s.umask >> (6 - 3*i) & 7
				text += who + "="
				for j, c := range "rwx" {
					if bits&(4>>j) != 0 {
						text += string(c)
					}
				}
				text += ","
			}
			s.text(strings.TrimSuffix(text, ",") + "\n")
		default:
			s.text(fmt.Sprintf("%s%04o\n", text, s.umask))
		}
		return 0
	}
	if rest[0] == "" {
		s.warnf("umask: `\x00': invalid symbolic mode operator")
		return 1
	}
	if isDigit(rest[0][0]) {
		n, err := strconv.ParseUint(rest[0], 8, 16)
		if err != nil || n > 0o777 {
			s.warnf("umask: %s: octal number out of range", rest[0])
			return 1
		}
		s.umask = fs.FileMode(n)
		return 0
	}
	mask, wrong := symbolicMask(rest[0], s.umask)
	if wrong != "" {
		s.warnf("umask: %s", wrong)
		return 1
	}
	s.umask = mask
	if has(opts, "S") {
		return builtinUmask(s, []string{"umask", "-S"})
	}
	return 0
}

// symbolicMask applies u=rwx,g+w,o-x to the complement of a mask; wrong says what is wrong with them.
func symbolicMask(spec string, mask fs.FileMode) (applied fs.FileMode, wrong string) {
	perm := ^mask & 0o777
	for clause := range strings.SplitSeq(spec, ",") {
		i := len(clause) - len(strings.TrimLeft(clause, "ugoa"))
		if i == len(clause) {
			return 0, "`\x00': invalid symbolic mode operator"
		}
		if strings.IndexByte("+-=", clause[i]) < 0 {
			return 0, "`" + clause[i:i+1] + "': invalid symbolic mode operator"
		}
		who := fs.FileMode(0)
		for _, c := range clause[:i] {
			switch c {
			case 'u':
				who |= 0o700
			case 'g':
				who |= 0o070
			case 'o':
				who |= 0o007
			case 'a':
				who |= 0o777
			}
		}
		if who == 0 {
			who = 0o777
		}
		bits := fs.FileMode(0)
		for _, c := range clause[i+1:] {
			switch c {
			case 'r':
				bits |= 0o444
			case 'w':
				bits |= 0o222
			case 'x':
				bits |= 0o111
			default:
				return 0, "`" + string(c) + "': invalid symbolic mode character"
			}
		}
		switch clause[i] {
		case '+':
			perm |= bits & who
		case '-':
			perm &^= bits & who
		default:
			perm = perm&^who | bits&who
		}
	}
	return ^perm & 0o777, ""
}
