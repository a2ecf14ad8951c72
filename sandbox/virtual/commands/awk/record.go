package awk

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// The special variables, by their place in specials.
const (
	varNF = iota
	varNR
	varFNR
	varFS
	varOFS
	varRS
	varORS
	varSUBSEP
	varCONVFMT
	varOFMT
	varIGNORECASE
	varFPAT
	varFIELDWIDTHS
	varRSTART
	varRLENGTH
	varFILENAME
	varRT
	varERRNO
	varARGIND
	varBINMODE
	varLINT
	varTEXTDOMAIN
	varPREC
	varROUNDMODE
	specialCount
)

var specials = []string{"NF", "NR", "FNR", "FS", "OFS", "RS", "ORS", "SUBSEP", "CONVFMT", "OFMT", "IGNORECASE", "FPAT",
	"FIELDWIDTHS", "RSTART", "RLENGTH", "FILENAME", "RT", "ERRNO", "ARGIND", "BINMODE", "LINT", "TEXTDOMAIN", "PREC", "ROUNDMODE"}

// maxField bounds field numbers.
const maxField = 10_000_000

// splitter is how records become fields.
type splitter struct {
	mode   byte // ' ' blanks, 'c' a character, 'r' a regex, 'e' every character, 'p' FPAT, 'w' FIELDWIDTHS
	char   byte
	re     *regex.Regexp
	widths []int // pairs: to skip, then the width; -1 for the rest
}

// setSpecial assigns a special variable, with what follows from it.
func (in *interp) setSpecial(which int, v value) {
	switch which {
	case varNF:
		in.setNF(v)
		return
	case varFS, varFPAT, varFIELDWIDTHS:
		in.splitRecord()
	case varOFS:
		in.record()
	}
	in.special[which] = v
	s := v.str("%.6g")
	if in.linting.on {
		in.lintSpecial(which, s)
	}
	switch which {
	case varFS, varFPAT, varFIELDWIDTHS:
		if info := in.information(); info != nil {
			in.put(info, "FS", str(specials[which]))
		}
	}
	switch which {
	case varFS:
		in.fs = in.splitterOf(s)
	case varFPAT:
		in.fs = splitter{mode: 'p', re: in.dynamic(s)}
	case varFIELDWIDTHS:
		in.fs = splitter{mode: 'w', widths: in.widths(s)}
	case varOFS:
		in.ofs = s
	case varORS:
		in.ors = s
	case varRS:
		in.rs = s
		in.rsRE = nil
		if utf8.RuneCountInString(s) > 1 {
			in.rsRE = in.dynamic(s)
		}
	case varSUBSEP:
		in.subsep = s
	case varCONVFMT:
		in.convfmt = s
	case varOFMT:
		in.ofmt = s
	case varLINT:
		in.setLint(v)
	case varPREC, varROUNDMODE:
		if in.bignum && !in.exact.assign(specials[which], v) {
			in.warn("%s value `%s' is invalid", specials[which], s)
		}
	case varIGNORECASE:
		if on := v.bool(); on != in.ignoreCase {
			in.ignoreCase = on
			clear(in.regexes)
			if in.fs.mode == 'r' || in.fs.mode == ' ' {
				in.setSpecial(varFS, in.special[varFS])
			}
			in.setSpecial(varRS, in.special[varRS])
		}
	}
}

// widths reads FIELDWIDTHS: for each field what to skip, and its width, -1 for the rest.
func (in *interp) widths(s string) (widths []int) {
	words := strings.Fields(s)
	for i, w := range words {
		skip, width, both := strings.Cut(w, ":")
		if !both {
			skip, width = "0", w
		}
		a, errSkip := strconv.Atoi(skip)
		b, err := strconv.Atoi(width)
		if width == "*" {
			if i < len(words)-1 {
				in.fatal("`*' must be the last designator in FIELDWIDTHS")
			}
			b, err = -1, nil
		}
		if err != nil || errSkip != nil || a < 0 || b < 0 && width != "*" {
			in.fatal("invalid FIELDWIDTHS value, for field %d, near `%s'", i+1, w)
		}
		widths = append(widths, a, b)
	}
	return widths
}

func (in *interp) setNF(v value) {
	in.splitRecord()
	n := v.num()
	if n < 0 {
		in.fatal("NF set to negative value")
	}
	if n > maxField {
		in.fatal("NF set to more than %d", maxField)
	}
	if int(n) < len(in.fields) {
		in.lint("decrementing NF is not portable to many awk versions")
	}
	in.resize(int(n))
	in.stale = true
}

func (in *interp) resize(n int) {
	if n > cap(in.fields) {
		in.hold(40 * (n - cap(in.fields)))
	}
	for len(in.fields) < n {
		in.fields = append(in.fields, value{})
	}
	in.fields = in.fields[:n]
}

// splitterOf reads a separator as FS and split take it.
func (in *interp) splitterOf(s string) splitter {
	switch {
	case s == " ":
		return splitter{mode: ' '}
	case s == "":
		return splitter{mode: 'e'}
	case s == "\\":
		return splitter{mode: 'c', char: '\\'}
	case len(s) == 1:
		return splitter{mode: 'c', char: s[0]}
	case s == `\|` || len(s) == 2 && s[0] == '\\' && strings.IndexByte(`.[]*+?(){}^$\|/`, s[1]) >= 0:
		return splitter{mode: 'c', char: s[1]}
	}
	return splitter{mode: 'r', re: in.dynamic(s)}
}

// record is $0.
func (in *interp) record() value {
	if in.stale {
		var b []byte
		for i, f := range in.fields {
			if i > 0 {
				b = append(b, in.ofs...)
			}
			b = append(b, f.str(in.convfmt)...)
		}
		in.large(len(b))
		in.rec = field(string(b))
		in.stale = false
	}
	return in.rec
}

// setRecord makes v the record $0.
func (in *interp) setRecord(v value) {
	if in.nonDecimal {
		v = in.fromOutside(v)
	}
	in.rec, in.split, in.stale = v, false, false
}

// splitRecord makes the fields of the record, unless they are there.
func (in *interp) splitRecord() {
	if in.split {
		return
	}
	in.split = true
	before := cap(in.fields)
	in.fields = in.splitInto(in.fields[:0], nil, in.rec.str(in.convfmt), in.fs, in.rs == "")
	if in.nonDecimal {
		for i, f := range in.fields {
			in.fields[i] = in.fromOutside(f)
		}
	}
	if grown := cap(in.fields) - before; grown > 1024 {
		in.hold(40 * grown)
	}
}

func (in *interp) field(n int) value {
	if n == 0 {
		return in.record()
	}
	in.splitRecord()
	if n <= len(in.fields) {
		return in.fields[n-1]
	}
	return value{}
}

func (in *interp) setField(n int, v value) {
	if n == 0 {
		if v.kind == number {
			v = field(v.str(in.convfmt))
		}
		in.setRecord(v)
		return
	}
	if n > maxField {
		in.fatal("attempt to assign field %d", n)
	}
	in.splitRecord()
	if n > len(in.fields) {
		in.resize(n)
	}
	in.fields[n-1] = v
	in.stale = true
}

// splitInto appends the fields of s to fields, and what is between them to seps if that is not nil. In paragraph mode
// a newline separates as well as a single character.
func (in *interp) splitInto(fields []value, seps *[]string, s string, by splitter, paragraph bool) []value {
	sep := func(text string) {
		if seps != nil {
			*seps = append(*seps, text)
		}
	}
	switch by.mode {
	case ' ':
		return splitBlanks(fields, seps, s)
	case 'c':
		if s == "" {
			return fields
		}
		for at := 0; ; {
			i := strings.IndexByte(s[at:], by.char)
			if paragraph {
				if n := strings.IndexByte(s[at:], '\n'); n >= 0 && (i < 0 || n < i) {
					i = n
				}
			}
			if i < 0 {
				return append(fields, field(s[at:]))
			}
			fields = append(fields, field(s[at:at+i]))
			sep(s[at+i : at+i+1])
			at += i + 1
		}
	case 'e':
		for i := 0; i < len(s); {
			size := in.runeAt(s, i)
			fields = append(fields, field(s[i:i+size]))
			if i += size; i < len(s) {
				sep("")
			}
		}
		return fields
	case 'w':
		at := 0
		for i := 0; i < len(by.widths) && at < len(s); i += 2 {
			from := at + in.offset(s[at:], by.widths[i])
			to := len(s)
			if by.widths[i+1] >= 0 {
				to = from + in.offset(s[from:], by.widths[i+1])
			}
			fields = append(fields, field(s[from:to]))
			at = to
		}
		return fields
	case 'p':
		return splitContent(fields, seps, s, by.re)
	}
	if s == "" {
		return fields
	}
	b := []byte(s)
	start := 0
	for at := 0; at <= len(s); {
		m := by.re.Find(b, at)
		from, to := len(s)+1, 0
		if m != nil {
			from, to = m[0], m[1]
		}
		if from > len(s) {
			break
		}
		if from == to {
			at = to + 1
			continue
		}
		fields = append(fields, field(s[start:from]))
		sep(s[from:to])
		start, at = to, to
	}
	return append(fields, field(s[start:]))
}

func splitBlanks(fields []value, seps *[]string, s string) []value {
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n') {
			i++
		}
		if seps != nil && (i > start || len(fields) > 0) && (i > start) {
			*seps = append(*seps, s[start:i])
		} else if seps != nil && start == 0 {
			*seps = append(*seps, "")
		}
		if i == len(s) {
			break
		}
		start = i
		for i < len(s) && s[i] != ' ' && s[i] != '\t' && s[i] != '\n' {
			i++
		}
		fields = append(fields, field(s[start:i]))
	}
	return fields
}

// splitContent finds fields by what they look like: FPAT and patsplit. seps then begins with what is before the first.
func splitContent(fields []value, seps *[]string, s string, re *regex.Regexp) []value {
	b := []byte(s)
	last, nonEmpty := 0, false
	for at := 0; at <= len(s); {
		m := re.Find(b, at)
		if m == nil {
			break
		}
		if m[0] == m[1] && nonEmpty && m[0] == last { // an empty field right behind one is none
			if at = m[1] + 1; at > len(s) {
				break
			}
			nonEmpty = false
			continue
		}
		if seps != nil {
			*seps = append(*seps, s[last:m[0]])
		}
		fields = append(fields, field(s[m[0]:m[1]]))
		nonEmpty = m[1] > m[0]
		if last, at = m[1], m[1]; !nonEmpty {
			at++
		}
	}
	if seps != nil {
		*seps = append(*seps, s[last:])
	}
	return fields
}

// fromOutside finds the number of a text where it takes -n or --posix to see.
func (in *interp) fromOutside(v value) value {
	s := strings.Trim(v.s, " \t\n\v\f\r")
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || digits == "" || v.kind == number {
		return v
	}
	sign := 1.0
	if s[0] == '-' {
		sign = -1
	}
	posix := in.prog != nil && in.prog.posix
	switch lower := strings.ToLower(digits); {
	case posix && (lower == "inf" || lower == "infinity"):
		v.n = math.Inf(int(sign))
	case posix && lower == "nan":
		v.n = math.Copysign(math.NaN(), sign)
	case baseOf(digits) == 16:
		if f, err := strconv.ParseFloat(digits, 64); err == nil && posix {
			v.n = sign * f
			break
		}
		if n, err := strconv.ParseUint(digits[2:], 16, 64); err == nil {
			v.n = sign * float64(n)
		}
	case baseOf(digits) == 8 && !posix:
		if n, err := strconv.ParseUint(digits, 8, 64); err == nil {
			v.n = sign * float64(n)
		}
	}
	return v
}

// fromInput is a text of the input as a value.
func (in *interp) fromInput(s string) value {
	if in.nonDecimal {
		return in.fromOutside(field(s))
	}
	return field(s)
}
