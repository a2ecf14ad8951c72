package shell

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// integer reads a numeric argument as C does: 10, 0x1f, 017, 'c.
func (p *printer) integer(v string) int64 { return p.number(v, false) }

// unsigned is integer for the conversions that go up to 2^64.
func (p *printer) unsigned(v string) int64 { return p.number(v, true) }

func (p *printer) number(v string, unsigned bool) int64 {
	if v == "" {
		return 0
	}
	if v[0] == '\'' || v[0] == '"' {
		r, n := utf8.DecodeRuneInString(v[1:])
		if r == utf8.RuneError && n == 1 {
			return int64(v[1])
		}
		if n == 0 {
			if p.program != "" {
				p.notNumber(v, "", 0)
			}
			return 0
		}
		return int64(r)
	}
	text := strings.TrimLeft(v, " \t\n")
	sign := ""
	digitsOf := text
	if digitsOf != "" && (digitsOf[0] == '-' || digitsOf[0] == '+') {
		sign, digitsOf = strings.TrimPrefix(digitsOf[:1], "+"), digitsOf[1:]
	}
	base, prefix := 10, 0
	if len(digitsOf) > 2 && digitsOf[0] == '0' && digitsOf[1]|0x20 == 'x' {
		base, prefix = 16, 2
	} else if len(digitsOf) > 1 && digitsOf[0] == '0' {
		base, prefix = 8, 1
	}
	_, size := digits(digitsOf[prefix:], base, len(digitsOf))
	if prefix+size < len(digitsOf) || prefix+size == 0 {
		what := "invalid number"
		if base == 8 && size < len(digitsOf)-1 && isDigit(digitsOf[1+size]) {
			what = "invalid octal number"
		} else if base == 16 {
			what = "invalid hex number"
		}
		p.notNumber(v, what, prefix+size)
		if size == 0 {
			return 0
		}
	}
	n, err := strconv.ParseInt(sign+digitsOf[prefix:prefix+size], base, 64)
	if size == 0 {
		return 0
	}
	if errors.Is(err, strconv.ErrRange) {
		if u, uerr := strconv.ParseUint(digitsOf[prefix:prefix+size], base, 64); uerr == nil && sign == "" && unsigned {
			return int64(u)
		}
		if p.program != "" {
			p.programFail(false, "%s: Numerical result out of range", quoteArgument(v))
			return n
		}
		p.s.warnf("printf: warning: %s: Numerical result out of range", v)
		if unsigned {
			return -1
		}
	}
	return n
}

// notNumber reports an argument of which only the first read bytes are a number.
func (p *printer) notNumber(v, what string, read int) {
	switch {
	case p.program == "":
		p.fail("%s: %s", v, what)
	case read == 0:
		p.programFail(false, "%s: expected a numeric value", quoteArgument(v))
	default:
		p.programFail(false, "%s: value not completely converted", quoteArgument(v))
	}
}

func (p *printer) integerConversion(c byte, n int64, sp spec) {
	var v string
	neg := false
	switch c {
	case 'd', 'i':
		neg = n < 0
		v = strings.TrimPrefix(strconv.FormatInt(n, 10), "-")
	case 'u':
		v = strconv.FormatUint(uint64(n), 10)
	case 'o':
		v = strconv.FormatUint(uint64(n), 8)
	default:
		v = strconv.FormatUint(uint64(n), 16)
	}
	if sp.prec >= 0 {
		if len(v) < sp.prec {
			v = strings.Repeat("0", sp.prec-len(v)) + v
		}
		if sp.prec == 0 && n == 0 {
			v = ""
		}
		sp.flags = strings.ReplaceAll(sp.flags, "0", "")
	}
	if strings.Contains(sp.flags, "#") && n != 0 {
		switch c {
		case 'o':
			v = "0" + v
		case 'x', 'X':
			v = "0x" + v
		}
	}
	if c == 'X' {
		v = strings.ToUpper(v)
	}
	if c == 'd' || c == 'i' {
		switch {
		case neg:
			v = "-" + v
		case strings.Contains(sp.flags, "+"):
			v = "+" + v
		case strings.Contains(sp.flags, " "):
			v = " " + v
		}
	}
	p.pad(v, sp, true)
}

func (p *printer) float(v string) float64 {
	if v == "" {
		return 0
	}
	if v[0] == '\'' || v[0] == '"' {
		return float64(p.integer(v))
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		if i, err := strconv.ParseInt(v, 0, 64); err == nil {
			return float64(i)
		}
		end := 0
		for end < len(v) && strings.IndexByte("0123456789.+-eE", v[end]) >= 0 {
			end++
		}
		n = 0
		for ; end > 0; end-- {
			if begun, err := strconv.ParseFloat(v[:end], 64); err == nil {
				n = begun
				break
			}
		}
		p.notNumber(v, "invalid number", end)
	}
	return n
}

// floatConversion writes n, which is what text says.
func (p *printer) floatConversion(c byte, n float64, text string, sp spec) {
	verb := "%"
	for _, f := range sp.flags {
		if strings.ContainsRune("+ #", f) {
			verb += string(f)
		}
	}
	if sp.prec >= 0 {
		verb += "." + strconv.Itoa(min(sp.prec, 10000))
	} else if c != 'a' && c != 'A' {
		verb += ".6"
	}
	var v string
	switch {
	case math.IsInf(n, 0) || math.IsNaN(n):
		v = strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%f", n), "+"))
		if c < 'a' {
			v = strings.ToUpper(v)
		}
		sp.flags = strings.ReplaceAll(sp.flags, "0", "")
	case c == 'a' || c == 'A':
		exact, _, err := big.ParseFloat(strings.TrimSpace(text), 0, longDouble, big.ToNearestEven)
		if err != nil {
			exact = nil
		}
		if v = HexFloat(n, exact, sp.prec); c == 'A' {
			v = strings.ToUpper(v)
		}
		if n >= 0 && strings.Contains(sp.flags, "+") {
			v = "+" + v
		}
	case c == 'F':
		v = fmt.Sprintf(verb+"f", n)
	default:
		v = fmt.Sprintf(verb+string(c), n)
	}
	p.pad(v, sp, true)
}
