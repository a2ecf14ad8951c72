package commands

import (
	"bufio"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const checksumUsage = `[OPTION]... [FILE]...
Print or check checksums.

  -c, --check  read checksums from the FILEs and check them
  -b, --binary  -t, --text  --tag  -z, --zero
With --check: --ignore-missing --quiet --status --strict -w, --warn
`

// digest is a kind of checksum.
type digest struct {
	tag   string
	new   func() hash.Hash
	sized func(bytes int) hash.Hash // for sums of any length up to new's; nil if there is but one length
}

func digestOf(name string) digest {
	switch name {
	case "md5", "md5sum":
		return digest{tag: "MD5", new: md5.New}
	case "sha1", "sha1sum":
		return digest{tag: "SHA1", new: sha1.New}
	case "sha224", "sha224sum":
		return digest{tag: "SHA224", new: sha256.New224}
	case "sha256", "sha256sum":
		return digest{tag: "SHA256", new: sha256.New}
	case "sha384", "sha384sum":
		return digest{tag: "SHA384", new: sha512.New384}
	case "blake2b", "b2sum":
		return digest{tag: "BLAKE2b", new: func() hash.Hash { return newBLAKE2b(64) }, sized: newBLAKE2b}
	case "sha3sum":
		return digest{tag: "SHA3", new: func() hash.Hash { return sha3.New224() }}
	case "sm3":
		return digest{tag: "SM3", new: newSM3}
	}
	return digest{tag: "SHA512", new: sha512.New}
}

// summer is one call of md5sum or its like.
type summer struct {
	ctx                                           context.Context
	inv                                           *shell.Invocation
	digest                                        digest
	out                                           *bufio.Writer
	binary, tag, zero                             bool
	bare                                          int  // 1: one space is between sum and name, as of old; -1: two characters; 0: not known
	missing, quiet, statusOnly, strict, warn, any bool // any: the lines to check say by their tags what they are
}

func checksum(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: checksumUsage, Short: "bctwz",
		Long: "binary=b check=c text=t tag zero=z ignore-missing quiet status strict warn=w"}
	s := &summer{ctx: ctx, inv: inv, digest: digestOf(path.Base(inv.Args[0])), out: bufio.NewWriter(inv.Stdout)}
	if s.digest.sized != nil {
		spec = &cli.Spec{Usage: checksumUsage + "  -l, --length=BITS  of the sums\n", Short: spec.Short + "l:", Long: spec.Long + " length:=l"}
	}
	if s.digest.tag == "SHA3" {
		spec = &cli.Spec{Usage: checksumUsage + "  -a BITS  224, the default, 256, 384 or 512\n  -s  as --status\n", Short: spec.Short + "a:s", Long: spec.Long}
	}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	check, text, mode := false, false, false
	for _, o := range p.Options {
		switch o.Key {
		case "l":
			if !s.setLength(o.Value) {
				return 1
			}
		case "a":
			if !s.setSHA3(o.Value) {
				return 1
			}
		case "b":
			s.binary, text, mode = true, false, true
		case "c":
			check = true
		case "t":
			s.binary, text, mode = false, true, true
		case "tag":
			s.tag, text = true, false
		case "z":
			s.zero = true
		case "ignore-missing":
			s.missing = true
		case "quiet":
			s.quiet = true
		case "status", "s":
			s.statusOnly = true
		case "strict":
			s.strict = true
		case "w":
			s.warn = true
		}
	}
	switch {
	case s.tag && text && !s.binary:
		return spec.Misuse(inv, "--tag does not support --text mode")
	case check && s.zero:
		return spec.Misuse(inv, "the --zero option is not supported when verifying checksums")
	case check && s.tag:
		return spec.Misuse(inv, "the --tag option is meaningless when verifying checksums")
	case check && mode:
		return spec.Misuse(inv, "the --binary and --text options are meaningless when verifying checksums")
	case !check:
		for _, o := range []struct {
			name string
			on   bool
		}{{"ignore-missing", s.missing}, {"status", s.statusOnly}, {"warn", s.warn}, {"quiet", s.quiet}, {"strict", s.strict}} {
			if o.on {
				return spec.Misuse(inv, "the --%s option is meaningful only when verifying checksums", o.name)
			}
		}
	}
	names := p.Operands
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		ok := false
		if check {
			ok = s.check(name)
		} else {
			ok = s.print(name)
		}
		if !ok {
			status = 1
		}
		if inv.Budget.Err() != nil || s.out.Flush() != nil {
			return 1
		}
	}
	return status
}

// setLength makes the sums as many bits long as text says; 0 is the full length.
func (s *summer) setLength(text string) bool {
	n, err := strconv.ParseUint(text, 10, 32)
	most := uint64(s.digest.new().Size() * 8)
	switch {
	case err != nil:
		s.inv.Errorf("invalid length: %s", cli.QuoteText(text))
	case n%8 != 0:
		s.inv.Errorf("invalid length: %s\n%s: length is not a multiple of 8", cli.QuoteText(text), path.Base(s.inv.Args[0]))
	case n > most:
		s.inv.Errorf("invalid length: %s\n%s: maximum digest length for %s is %d bits", cli.QuoteText(text), path.Base(s.inv.Args[0]), cli.QuoteText(s.digest.tag), most)
	case n == 0 || n == most:
		return true
	default:
		sized := s.digest.sized
		s.digest = digest{tag: fmt.Sprintf("%s-%d", s.digest.tag, n), new: func() hash.Hash { return sized(int(n / 8)) }, sized: sized}
		return true
	}
	return false
}

// setSHA3 chooses how many bits the sums have.
func (s *summer) setSHA3(bits string) bool {
	switch bits {
	case "224":
		s.digest.new = func() hash.Hash { return sha3.New224() }
	case "256":
		s.digest.new = func() hash.Hash { return sha3.New256() }
	case "384":
		s.digest.new = func() hash.Hash { return sha3.New384() }
	case "512":
		s.digest.new = func() hash.Hash { return sha3.New512() }
	default:
		s.inv.Errorf("bad -a%s", bits)
		return false
	}
	return true
}

func (s *summer) sum(name string) (string, error) {
	r, err := cli.Open(s.inv, name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := s.digest.new()
	if err := cli.Copy(s.ctx, s.inv.Budget, h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (s *summer) print(name string) bool {
	sum, err := s.sum(name)
	if err != nil {
		if !errors.Is(err, cli.ErrStop) {
			s.inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
		}
		return false
	}
	escaped, end := name, "\n"
	if s.zero {
		end = "\x00"
	} else if strings.ContainsAny(name, "\\\n\r") {
		escaped = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`).Replace(name)
		s.out.WriteByte('\\')
	}
	switch {
	case s.tag:
		fmt.Fprintf(s.out, "%s (%s) = %s%s", s.digest.tag, escaped, sum, end)
	case s.binary:
		fmt.Fprintf(s.out, "%s *%s%s", sum, escaped, end)
	default:
		fmt.Fprintf(s.out, "%s  %s%s", sum, escaped, end)
	}
	return true
}
