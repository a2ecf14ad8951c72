package commands

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// trSet is a STRING.
type trSet struct {
	bytes   []byte
	fill    int // where [c*] stands in bytes; -1 for nowhere
	fillBy  byte
	classes []trClass
}

// trClass is a class in a STRING: its name, or "=" for equivalents, and how many bytes stand before it.
type trClass struct {
	name string
	at   int
}

// cased says whether it is one that changes the case.
func (c trClass) cased() bool { return c.name == "upper" || c.name == "lower" }

func parseTrSet(s string) (*trSet, error) {
	set := &trSet{fill: -1}
	for i := 0; i < len(s); {
		if size, err := set.construct(s[i:]); err != nil {
			return nil, err
		} else if size > 0 {
			i += size
			continue
		}
		c, size, _ := trChar(s[i:])
		i += size
		if i+1 < len(s) && s[i] == '-' {
			end, size, _ := trChar(s[i+1:])
			if end < c {
				return nil, fmt.Errorf("range-endpoints of '%s-%s' are in reverse collating sequence order", trShown(c), trShown(end))
			}
			for v := int(c); v <= int(end); v++ {
				set.bytes = append(set.bytes, byte(v))
			}
			i += 1 + size
			continue
		}
		set.bytes = append(set.bytes, c)
	}
	return set, nil
}

// construct reads a [:class:], [=c=], [c*n] or [c*] at the begin of s, and says its length; 0 if there is none.
func (set *trSet) construct(s string) (size int, err error) {
	if len(s) < 4 || s[0] != '[' {
		return 0, nil
	}
	if s[1] == ':' || s[1] == '=' {
		end := strings.Index(s[2:], s[1:2]+"]")
		if end == 0 {
			if s[1] == ':' {
				return 0, fmt.Errorf("missing character class name '[::]'")
			}
			if len(s) > 4 && s[4] == '=' { // [===] is the class of "="
				end = 1
			} else {
				return 0, fmt.Errorf("missing equivalence class character '[==]'")
			}
		}
		if end > 0 {
			name := s[2 : 2+end]
			if s[1] == '=' {
				c, n, _ := trChar(name)
				if n != len(name) {
					if strings.HasPrefix(s[2+end+2:], "*") {
						return 0, nil
					}
					return 0, fmt.Errorf("%s: equivalence class operand must be a single character", name)
				}
				set.classes = append(set.classes, trClass{"=", len(set.bytes)})
				set.bytes = append(set.bytes, c)
				return end + 4, nil
			}
			in, ok := trClasses[name]
			if !ok {
				return 0, fmt.Errorf("invalid character class %s", cli.QuoteText(name))
			}
			set.classes = append(set.classes, trClass{name, len(set.bytes)})
			for c := range 256 {
				if in(byte(c)) {
					set.bytes = append(set.bytes, byte(c))
				}
			}
			return end + 4, nil
		}
	}
	c, n, _ := trChar(s[1:])
	rest := s[1+n:]
	end := strings.IndexByte(rest, ']')
	if rest == "" || rest[0] != '*' || end < 0 {
		return 0, nil
	}
	digits := rest[1:end]
	if strings.Trim(digits, "0123456789") != "" {
		return 0, fmt.Errorf("invalid repeat count %s in [c*n] construct", cli.QuoteText(digits))
	}
	base := 10
	if strings.HasPrefix(digits, "0") {
		base = 8
	}
	count, _ := strconv.ParseInt("0"+digits, base, 32)
	if count == 0 {
		if set.fill >= 0 {
			return 0, fmt.Errorf("only one [c*] repeat construct may appear in string2")
		}
		set.fill, set.fillBy = len(set.bytes), c
	} else {
		set.bytes = append(set.bytes, bytes.Repeat([]byte{c}, int(min(count, 1<<16)))...)
	}
	return 1 + n + end + 1, nil
}

// trClasses tells which bytes are in a class.
var trClasses = map[string]func(c byte) bool{
	"alpha":  func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' },
	"digit":  func(c byte) bool { return c >= '0' && c <= '9' },
	"alnum":  func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' },
	"upper":  func(c byte) bool { return c >= 'A' && c <= 'Z' },
	"lower":  func(c byte) bool { return c >= 'a' && c <= 'z' },
	"space":  func(c byte) bool { return c >= '\t' && c <= '\r' || c == ' ' },
	"blank":  func(c byte) bool { return c == '\t' || c == ' ' },
	"punct":  func(c byte) bool { return strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c) >= 0 },
	"print":  func(c byte) bool { return c >= ' ' && c < 0x7f },
	"graph":  func(c byte) bool { return c > ' ' && c < 0x7f },
	"cntrl":  func(c byte) bool { return c < ' ' || c == 0x7f },
	"xdigit": func(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' },
}

// trChar reads one character of a STRING, escaped or not.
func trChar(s string) (c byte, size int, escaped bool) {
	if s[0] != '\\' || len(s) == 1 {
		return s[0], 1, false
	}
	n, v := 1, 0
	for n < len(s) && n < 4 && s[n] >= '0' && s[n] <= '7' && v*8+int(s[n]-'0') < 256 {
		v = v*8 + int(s[n]-'0')
		n++
	}
	if n > 1 {
		return byte(v), n, true
	}
	if c, ok := cli.Unescape(s[1]); ok {
		return c, 2, true
	}
	return s[1], 2, true
}

func trShown(c byte) string {
	if c > ' ' && c < 0x7f {
		return string(c)
	}
	return fmt.Sprintf(`\%03o`, c)
}

// expanded is the set with its [c*] as long as makes it size long.
func (s *trSet) expanded(size int) []byte {
	if s.fill < 0 || len(s.bytes) >= size {
		return s.bytes
	}
	list := append([]byte{}, s.bytes[:s.fill]...)
	list = append(list, bytes.Repeat([]byte{s.fillBy}, size-len(s.bytes))...)
	return append(list, s.bytes[s.fill:]...)
}

func uniform(list []byte) bool {
	for _, c := range list {
		if c != list[0] {
			return false
		}
	}
	return true
}

func checkTrSets(one, two *trSet, translate, complement, truncate bool) error {
	if one.fill >= 0 {
		return fmt.Errorf("the [c*] repeat construct may not appear in string1")
	}
	if two == nil {
		return nil
	}
	if !translate {
		if two.fill >= 0 {
			return fmt.Errorf("the [c*] construct may appear in string2 only when translating")
		}
		return nil
	}
	if len(two.bytes) == 0 && two.fill < 0 && !truncate && len(one.bytes) > 0 {
		return fmt.Errorf("when not truncating set1, string2 must be non-empty")
	}
	misaligned := false
	for _, class := range two.classes {
		switch class.name {
		case "=":
			return fmt.Errorf("[=c=] expressions may not appear in string2 when translating")
		case "upper", "lower":
			if two.fill >= 0 && two.fill <= class.at {
				class.at += max(0, len(one.bytes)-len(two.bytes))
			}
			misaligned = misaligned || !slices.ContainsFunc(one.classes, func(c trClass) bool { return c.cased() && c.at == class.at })
		default:
			return fmt.Errorf("when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'")
		}
	}
	if misaligned {
		return fmt.Errorf("misaligned [:upper:] and/or [:lower:] construct")
	}
	if complement && len(one.classes) > 0 && !(len(two.bytes) == 1 || two.fill >= 0 && len(two.bytes) == 0 || uniform(two.bytes)) {
		return fmt.Errorf("when translating with complemented character classes,\nstring2 must map all characters in the domain to one")
	}
	return nil
}

// warnOfTrEscapes warns of backslashes whose meaning is not clear.
func warnOfTrEscapes(inv *shell.Invocation, s string) {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		if i+1 == len(s) {
			inv.Errorf("warning: an unescaped backslash at end of string is not portable")
			return
		}
		if i+3 < len(s) && s[i+1] >= '4' && s[i+1] <= '7' && s[i+2] >= '0' && s[i+2] <= '7' && s[i+3] >= '0' && s[i+3] <= '7' {
			inv.Errorf("warning: the ambiguous octal escape %s is being\n\tinterpreted as the 2-byte sequence \\0%s, %s", s[i:i+4], s[i+1:i+3], s[i+3:i+4])
		}
		i++
	}
}
