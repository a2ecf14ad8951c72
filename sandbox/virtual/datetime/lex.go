package datetime

import "strings"

type kind int

// The kinds of tokens of the date language.
const (
	end      kind = iota
	unsigned      // 12
	signed        // +12
	decimal       // 1.5, signed or not
	month
	day
	zone    // a zone's name, with its offset
	dayZone // a zone's name in summer time
	dst     // "DST" behind a zone
	unit    // a time unit
	ordinal // next, third
	ago
	shift // today, tomorrow
	meridian
	letterT
	char // any other character
)

type token struct {
	kind   kind
	n      int64 // value: of numbers, month, weekday, zone offset in seconds, units, ordinal
	nanos  int64 // of decimal: its fraction, with n rounded down
	digits int
	hasSig bool // decimal with a sign
	unit   byte // of unit: y, m, d, H, M, S
	c      byte
}

// lex cuts s into tokens; ok is false at what is no token.
func lex(s string) (tokens []token, ok bool) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c >= '\t' && c <= '\r':
			i++
		case c >= '0' && c <= '9' || c == '-' || c == '+':
			t, n := lexNumber(s[i:])
			switch {
			case n < 0:
				return nil, false
			case n == 0:
				i++
				for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
					i++
				}
			default:
				tokens = append(tokens, t)
				i += n
			}
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			j := i
			for j < len(s) && (s[j]|0x20 >= 'a' && s[j]|0x20 <= 'z' || s[j] == '.') {
				j++
			}
			t, ok := lexWord(s[i:j])
			if !ok {
				return nil, false
			}
			tokens = append(tokens, t)
			i = j
		case c == '(':
			depth := 0
			for ; i < len(s); i++ {
				if s[i] == '(' {
					depth++
				} else if s[i] == ')' {
					if depth--; depth == 0 {
						i++
						break
					}
				}
			}
			if depth > 0 {
				return nil, false
			}
		default:
			tokens = append(tokens, token{kind: char, c: c})
			i++
		}
	}
	return tokens, true
}

// lexNumber reads a number; n is its length, 0 for a sign without a number, -1 if it is too large.
func lexNumber(s string) (t token, n int) {
	sign := int64(0)
	if s[0] == '-' || s[0] == '+' {
		if sign = 1; s[0] == '-' {
			sign = -1
		}
		for n = 1; n < len(s) && (s[n] == ' ' || s[n] == '\t'); n++ {
		}
		if n == len(s) || s[n] < '0' || s[n] > '9' {
			return t, 0
		}
	}
	start := n
	for ; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
		if t.n = t.n*10 + int64(s[n]-'0'); t.n > 1<<58 {
			return t, -1
		}
	}
	t.digits = n - start
	t.kind = unsigned
	if sign != 0 {
		t.kind = signed
		t.n *= sign
	}
	if n+1 < len(s) && (s[n] == '.' || s[n] == ',') && s[n+1] >= '0' && s[n+1] <= '9' {
		scale := int64(100_000_000)
		more := false
		for n++; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
			t.nanos += int64(s[n]-'0') * scale
			more = more || scale == 0 && s[n] != '0'
			scale /= 10
		}
		if sign < 0 && (t.nanos > 0 || more) {
			if more {
				t.nanos++
			}
			t.n--
			t.nanos = 1_000_000_000 - t.nanos
		}
		t.kind, t.hasSig = decimal, sign != 0
	}
	return t, n
}

func lexWord(word string) (token, bool) {
	w := strings.ToUpper(word)
	switch w {
	case "AM", "A.M.":
		return token{kind: meridian, n: 0}, true
	case "PM", "P.M.":
		return token{kind: meridian, n: 12}, true
	case "DST":
		return token{kind: dst}, true
	}
	if t, ok := calendarWord(w); ok {
		return t, true
	}
	if t, ok := zoneWord(w); ok {
		return t, true
	}
	if t, ok := unitWord(w); ok {
		return t, true
	}
	if t, ok := unitWord(strings.TrimSuffix(w, "S")); ok && strings.HasSuffix(w, "S") {
		return t, true
	}
	for i, name := range strings.Fields("LAST THIS NEXT FIRST - THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH NINTH TENTH ELEVENTH TWELFTH") {
		if w == name {
			n := int64(i - 1)
			if i > 2 {
				n = int64(i - 2)
			}
			return token{kind: ordinal, n: n}, true
		}
	}
	switch w {
	case "AGO":
		return token{kind: ago, n: -1}, true
	case "HENCE":
		return token{kind: ago, n: 1}, true
	case "TODAY", "NOW":
		return token{kind: shift}, true
	case "TOMORROW":
		return token{kind: shift, n: 1}, true
	case "YESTERDAY":
		return token{kind: shift, n: -1}, true
	case "T":
		return token{kind: letterT}, true
	}
	if len(w) == 1 {
		if i := strings.IndexByte("ABCDEFGHIKLM", w[0]); i >= 0 {
			return token{kind: zone, n: int64(i+1) * 3600}, true
		}
		if i := strings.IndexByte("NOPQRS-UVWXY", w[0]); i >= 0 {
			return token{kind: zone, n: -int64(i+1) * 3600}, true
		}
		if w == "Z" {
			return token{kind: zone}, true
		}
	}
	if strings.Contains(w, ".") {
		return zoneWord(strings.ReplaceAll(w, ".", ""))
	}
	return token{}, false
}

func calendarWord(w string) (token, bool) {
	short := len(w) == 3 || len(w) == 4 && w[3] == '.'
	match := func(names string, extra map[string]int64) (int64, bool) {
		for i, name := range strings.Fields(names) {
			if w == name || short && w[:3] == name[:3] {
				return int64(i), true
			}
		}
		n, ok := extra[w]
		return n, ok
	}
	if n, ok := match("JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER",
		map[string]int64{"SEPT": 8}); ok {
		return token{kind: month, n: n + 1}, true
	}
	if n, ok := match("SUNDAY MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY",
		map[string]int64{"TUES": 2, "WEDNES": 3, "THUR": 4, "THURS": 4}); ok {
		return token{kind: day, n: n}, true
	}
	return token{}, false
}

// zoneWord knows the abbreviations that GNU's date language does.
func zoneWord(w string) (token, bool) {
	const winter = "GMT0 UT0 UTC0 WET0 BST0+ ART-3 BRT-3 BRST-3+ NST-3.5 AST-4 CLT-4 CLST-4+ EST-5 CST-6 MST-7 PST-8 AKST-9 HST-10 " +
		"HAST-10 SST-12 WAT1 CET1 MET1 MEZ1 EET2 CAT2 SAST2 EAT3 MSK3 IST5.5 SGT8 KST9 JST9 GST10 NZST12 " +
		"WEST0+ NDT-3.5+ ADT-4+ EDT-5+ CDT-6+ MDT-7+ PDT-8+ AKDT-9+ HADT-10+ CEST1+ MEST1+ MESZ1+ EEST2+ MSD3+ NZDT12+"
	for _, z := range strings.Fields(winter) {
		name := strings.TrimRight(z, "0123456789+-.")
		if name != w {
			continue
		}
		rest := z[len(name):]
		summer := strings.HasSuffix(rest, "+")
		rest = strings.TrimSuffix(rest, "+")
		sign := int64(1)
		if strings.HasPrefix(rest, "-") {
			sign, rest = -1, rest[1:]
		}
		hours, half := strings.CutSuffix(rest, ".5")
		n := int64(0)
		for _, c := range hours {
			n = n*10 + int64(c-'0')
		}
		n *= 3600
		if half {
			n += 1800
		}
		t := token{kind: zone, n: sign * n}
		if summer {
			t.kind, t.n = dayZone, t.n+3600
		}
		return t, true
	}
	return token{}, false
}

func unitWord(w string) (token, bool) {
	switch w {
	case "YEAR":
		return token{kind: unit, unit: 'y', n: 1}, true
	case "MONTH":
		return token{kind: unit, unit: 'm', n: 1}, true
	case "FORTNIGHT":
		return token{kind: unit, unit: 'd', n: 14}, true
	case "WEEK":
		return token{kind: unit, unit: 'd', n: 7}, true
	case "DAY":
		return token{kind: unit, unit: 'd', n: 1}, true
	case "HOUR":
		return token{kind: unit, unit: 'H', n: 1}, true
	case "MINUTE", "MIN":
		return token{kind: unit, unit: 'M', n: 1}, true
	case "SECOND", "SEC":
		return token{kind: unit, unit: 'S', n: 1}, true
	}
	return token{}, false
}
