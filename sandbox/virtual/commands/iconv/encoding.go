package iconv

import (
	"bufio"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// encoding is one way to write characters as bytes.
type encoding struct {
	name   string
	unit   int                                      // bytes of the smallest part of a character
	mark   string                                   // begins what is written, and may begin what is read
	decode func(b []byte) (char rune, size int)     // the first character of up to four bytes; size 0: none begins here
	encode func(b []byte, char rune) ([]byte, bool) // appends to b; false: there is no such character
}

// encodings are all that iconv knows.
func encodings() []encoding {
	list := []encoding{
		{"UTF-8", 1, "", decodeUTF8, encodeUTF8},
		{"ASCII", 1, "", decodeASCII, encodeASCII},
		utf16In("UTF-16LE", binary.LittleEndian, ""),
		utf16In("UTF-16BE", binary.BigEndian, ""),
		utf16In("UTF-16", binary.LittleEndian, "\xff\xfe"),
		utf32In("UTF-32LE", binary.LittleEndian, ""),
		utf32In("UTF-32BE", binary.BigEndian, ""),
		utf32In("UTF-32", binary.LittleEndian, "\xff\xfe\x00\x00"),
	}
	for _, e := range charmap.All {
		m, ok := e.(*charmap.Charmap)
		if !ok {
			continue
		}
		name := strings.ReplaceAll(strings.ToUpper(m.String()), " ", "-")
		name = strings.NewReplacer("IBM-CODE-PAGE-", "CP", "WINDOWS-8", "CP8", "WINDOWS-", "CP").Replace(name)
		list = append(list, encoding{name, 1, "", decodeMap(m), encodeMap(m)})
	}
	return list
}

// aliases are other names, without hyphens and underscores.
var aliases = map[string]string{"": "UTF8", "USASCII": "ASCII", "ANSIX3.41968": "ASCII", "ISO646US": "ASCII", "646": "ASCII", "LATIN1": "ISO88591",
	"L1": "ISO88591", "LATIN2": "ISO88592", "L2": "ISO88592", "LATIN9": "ISO885915", "LATIN5": "ISO88599", "UCS2": "UTF16LE", "UCS2LE": "UTF16LE",
	"UCS2BE": "UTF16BE", "UCS4": "UTF32BE", "UCS4LE": "UTF32LE", "UCS4BE": "UTF32BE", "UNICODE": "UTF16", "MAC": "MACINTOSH", "MSANSI": "CP1252",
	"MSEE": "CP1250", "MSCYRL": "CP1251", "CYRILLIC": "ISO88595", "GREEK": "ISO88597", "HEBREW": "ISO88598", "ARABIC": "ISO88596"}

// find is the encoding with a name.
func find(name string) (encoding, bool) {
	plain := func(s string) string { return strings.NewReplacer("-", "", "_", "").Replace(strings.ToUpper(s)) }
	wanted := plain(name)
	for _, prefix := range []string{"WINDOWS", "IBM", "CP"} {
		if rest, ok := strings.CutPrefix(wanted, prefix); ok && rest != "" && rest[0] <= '9' {
			wanted = "CP" + rest
			break
		}
	}
	if other, ok := aliases[wanted]; ok {
		wanted = other
	}
	for _, e := range encodings() {
		if plain(e.name) == wanted {
			return e, true
		}
	}
	return encoding{}, false
}

// start drops the mark at the begin of an input, and is the encoding that it shows.
func (e encoding) start(in *bufio.Reader) encoding {
	if e.mark == "" {
		return e
	}
	head, _ := in.Peek(len(e.mark))
	var big string
	for i := len(e.mark) - 1; i >= 0; i-- {
		big += e.mark[i : i+1]
	}
	switch string(head) {
	case e.mark:
		in.Discard(len(e.mark))
	case big:
		in.Discard(len(e.mark))
		e, _ = find(e.name + "BE")
	}
	return e
}

// incomplete says whether b may begin a character whose end is missing.
func (e encoding) incomplete(b []byte) bool {
	if e.unit > 1 {
		return true
	}
	return e.name == "UTF-8" && !utf8.FullRune(b)
}

func decodeUTF8(b []byte) (rune, int) {
	r, size := utf8.DecodeRune(b)
	if r == utf8.RuneError && size <= 1 {
		return 0, 0
	}
	return r, size
}

func encodeUTF8(b []byte, r rune) ([]byte, bool) { return utf8.AppendRune(b, r), true }

func decodeASCII(b []byte) (rune, int) {
	if b[0] >= 0x80 {
		return 0, 0
	}
	return rune(b[0]), 1
}

func encodeASCII(b []byte, r rune) ([]byte, bool) { return append(b, byte(r)), r < 0x80 }

func decodeMap(m *charmap.Charmap) func(b []byte) (rune, int) {
	return func(b []byte) (rune, int) {
		r := m.DecodeByte(b[0])
		if r == utf8.RuneError {
			return 0, 0
		}
		return r, 1
	}
}

func encodeMap(m *charmap.Charmap) func(b []byte, r rune) ([]byte, bool) {
	return func(b []byte, r rune) ([]byte, bool) {
		c, ok := m.EncodeRune(r)
		return append(b, c), ok
	}
}

// order reads and appends units.
type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func utf16In(name string, o order, mark string) encoding {
	return encoding{name, 2, mark, func(b []byte) (rune, int) {
		if len(b) < 2 {
			return 0, 0
		}
		r := rune(o.Uint16(b))
		if !utf16.IsSurrogate(r) {
			return r, 2
		}
		if len(b) < 4 {
			return 0, 0
		}
		if r = utf16.DecodeRune(r, rune(o.Uint16(b[2:]))); r == utf8.RuneError {
			return 0, 0
		}
		return r, 4
	}, func(b []byte, r rune) ([]byte, bool) {
		for _, unit := range utf16.AppendRune(nil, r) {
			b = o.AppendUint16(b, unit)
		}
		return b, true
	}}
}

func utf32In(name string, o order, mark string) encoding {
	return encoding{name, 4, mark, func(b []byte) (rune, int) {
		if len(b) < 4 || !utf8.ValidRune(rune(o.Uint32(b))) {
			return 0, 0
		}
		return rune(o.Uint32(b)), 4
	}, func(b []byte, r rune) ([]byte, bool) { return o.AppendUint32(b, uint32(r)), true }}
}

// transliterations are what //TRANSLIT writes for a character that the other encoding lacks.
var transliterations = transliterate(
	"“\" ”\" „,, ‘' ’' ‚, «<< »>> ‹< ›> –- —-- ―- ‐- ‑- −- …... •o €EUR £GBP ¥JPY ©(C) ®(R) ™TM ×x ÷: ·. ßss ÆAE æae ŒOE œoe ØO øo ÐD ðd ÞTH þth " +
		"ŁL łl ĐD đd ıi ĲIJ ĳij ﬁfi ﬂfl →-> ←<- ⇒=> ≤<= ≥>= ≠/= µu ªa ºo ¹1 ²2 ³3 №No")

func transliterate(pairs string) map[rune]string {
	table := map[rune]string{'\u00a0': " ", '\u2009': " ", '\u202f': " ", '\u200b': "", '\ufeff': ""}
	for _, pair := range strings.Fields(pairs) {
		r, size := utf8.DecodeRuneInString(pair)
		table[r] = pair[size:]
	}
	for _, letters := range []string{"AÀÁÂÃÄÅĀĂĄ", "aàáâãäåāăą", "CÇĆĈĊČ", "cçćĉċč", "DĎ", "dď", "EÈÉÊËĒĔĖĘĚ", "eèéêëēĕėęě", "GĜĞĠĢ", "gĝğġģ", "HĤ", "hĥ",
		"IÌÍÎÏĨĪĬĮİ", "iìíîïĩīĭį", "JĴ", "jĵ", "KĶ", "kķ", "LĹĻĽ", "lĺļľ", "NÑŃŅŇ", "nñńņň", "OÒÓÔÕÖŌŎŐ", "oòóôõöōŏő", "RŔŖŘ", "rŕŗř", "SŚŜŞŠȘ", "sśŝşšș",
		"TŢŤȚ", "tţťț", "UÙÚÛÜŨŪŬŮŰŲ", "uùúûüũūŭůűų", "WŴ", "wŵ", "YÝŶŸ", "yýÿŷ", "ZŹŻŽ", "zźżž"} {
		for _, r := range letters[1:] {
			table[r] = letters[:1]
		}
	}
	return table
}
