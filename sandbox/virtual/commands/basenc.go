package commands

import (
	"context"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/bits"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var basencSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]
Encode or decode FILE, or standard input.

      --base64  --base64url  --base32  --base32hex  --base16
      --base2msbf           bits, the most significant first
      --base2lsbf           bits, the least significant first
      --z85                 ascii85 as ZeroMQ has it
  -d, --decode              decode data
  -i, --ignore-garbage      when decoding, ignore non-alphabet characters
  -w, --wrap=COLS           wrap encoded lines after COLS characters (default 76), 0 for none
`,
	Short: "diw:",
	Long:  "decode=d ignore-garbage=i wrap:=w base64 base64url base32 base32hex base16 base2msbf base2lsbf z85",
}

// baseCodes are the encodings of basenc.
var baseCodes = map[string]baseCode{
	"base64": {3, 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", base64.StdEncoding.EncodeToString, base64.StdEncoding.DecodeString},
	"base64url": {3, 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=", base64.URLEncoding.EncodeToString,
		base64.URLEncoding.DecodeString},
	"base32":    {5, 8, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=", base32.StdEncoding.EncodeToString, base32.StdEncoding.DecodeString},
	"base32hex": {5, 8, "0123456789ABCDEFGHIJKLMNOPQRSTUV=", base32.HexEncoding.EncodeToString, base32.HexEncoding.DecodeString},
	"base16": {1, 2, "0123456789ABCDEF", func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) },
		func(s string) ([]byte, error) { return hex.DecodeString(s) }},
	"base2msbf": {1, 8, "01", func(b []byte) string { return toBits(b, false) }, func(s string) ([]byte, error) { return fromBits(s, false) }},
	"base2lsbf": {1, 8, "01", func(b []byte) string { return toBits(b, true) }, func(s string) ([]byte, error) { return fromBits(s, true) }},
	"z85":       {4, 5, z85Alphabet, toZ85, fromZ85},
}

func basenc(ctx context.Context, inv *shell.Invocation) int {
	p, status := basencSpec.Parse(inv)
	if p == nil {
		return status
	}
	name := ""
	for _, o := range p.Options {
		if _, ok := baseCodes[o.Key]; ok {
			name = o.Key
		}
	}
	if name == "" {
		return basencSpec.Misuse(inv, "missing encoding type")
	}
	return runBase(ctx, inv, &basencSpec, p, baseCodes[name])
}

func toBits(b []byte, least bool) string {
	var text strings.Builder
	for _, c := range b {
		if least {
			c = bits.Reverse8(c)
		}
		for i := 7; i >= 0; i-- {
			text.WriteByte('0' + c>>i&1)
		}
	}
	return text.String()
}

func fromBits(s string, least bool) ([]byte, error) {
	if len(s)%8 != 0 || strings.Trim(s, "01") != "" {
		return nil, errBadInput
	}
	data := make([]byte, 0, len(s)/8)
	for ; s != ""; s = s[8:] {
		var c byte
		for i := range 8 {
			c = c<<1 | (s[i] - '0')
		}
		if least {
			c = bits.Reverse8(c)
		}
		data = append(data, c)
	}
	return data, nil
}

const z85Alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

// errZ85Length is input for z85 that is no whole number of groups.
var errZ85Length = errors.New("invalid input (length must be multiple of 4 characters)")

func toZ85(b []byte) string {
	text := make([]byte, 0, len(b)/4*5)
	for ; len(b) >= 4; b = b[4:] {
		v := uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])
		for _, power := range []uint64{85 * 85 * 85 * 85, 85 * 85 * 85, 85 * 85, 85, 1} {
			text = append(text, z85Alphabet[v/power%85])
		}
	}
	return string(text)
}

func fromZ85(s string) ([]byte, error) {
	var v uint64
	for i := range len(s) {
		digit := strings.IndexByte(z85Alphabet, s[i])
		if digit < 0 {
			return nil, errBadInput
		}
		v = v*85 + uint64(digit)
	}
	if len(s) != 5 || v > 1<<32-1 {
		return nil, errBadInput
	}
	return []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}, nil
}
