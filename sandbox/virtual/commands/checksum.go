package commands

import (
	"bufio"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
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
	missing, quiet, statusOnly, strict, warn, any bool // any: the lines to check say by their tags what they are
}

func checksum(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: checksumUsage, Short: "bctwz",
		Long: "binary=b check=c text=t tag zero=z ignore-missing quiet status strict warn=w"}
	s := &summer{ctx: ctx, inv: inv, digest: digestOf(path.Base(inv.Args[0])), out: bufio.NewWriter(inv.Stdout)}
	if s.digest.sized != nil {
		spec = &cli.Spec{Usage: checksumUsage + "  -l, --length=BITS  of the sums\n", Short: spec.Short + "l:", Long: spec.Long + " length:=l"}
	}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	check := false
	for _, o := range p.Options {
		switch o.Key {
		case "l":
			if !s.setLength(o.Value) {
				return 1
			}
		case "b":
			s.binary = true
		case "c":
			check = true
		case "t":
			s.binary = false
		case "tag":
			s.tag, s.binary = true, true
		case "z":
			s.zero = true
		case "ignore-missing":
			s.missing = true
		case "quiet":
			s.quiet = true
		case "status":
			s.statusOnly = true
		case "strict":
			s.strict = true
		case "w":
			s.warn = true
		}
	}
	switch {
	case check && s.tag:
		return spec.Misuse(inv, "the --tag option is meaningless when verifying checksums")
	case check && s.zero:
		return spec.Misuse(inv, "the --zero option is not supported when verifying checksums")
	case !check:
		for key, on := range map[string]bool{"ignore-missing": s.missing, "quiet": s.quiet, "status": s.statusOnly, "strict": s.strict, "warn": s.warn} {
			if on {
				return spec.Misuse(inv, "the --%s option is meaningful only when verifying checksums", key)
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
		s.inv.Errorf("invalid length: %s", cli.Quote(text))
	case n%8 != 0:
		s.inv.Errorf("invalid length: %s\n%s: length is not a multiple of 8", cli.Quote(text), path.Base(s.inv.Args[0]))
	case n > most:
		s.inv.Errorf("invalid length: %s\n%s: maximum digest length for %s is %d bits", cli.Quote(text), path.Base(s.inv.Args[0]), cli.Quote(s.digest.tag), most)
	case n == 0 || n == most:
		return true
	default:
		sized := s.digest.sized
		s.digest = digest{tag: fmt.Sprintf("%s-%d", s.digest.tag, n), new: func() hash.Hash { return sized(int(n / 8)) }, sized: sized}
		return true
	}
	return false
}

// lengthOf finds the length in the tag or in the sum of a line for a digest of any length.
func (s *summer) lengthOf(line string) {
	name, _, _ := strings.Cut(s.digest.tag, "-")
	if rest, ok := strings.CutPrefix(line, name+"-"); ok {
		bits, _, _ := strings.Cut(rest, " ")
		if n, err := strconv.Atoi(bits); err == nil && n > 0 && n <= 512 && n%8 == 0 {
			sized := s.digest.sized
			s.digest = digest{tag: fmt.Sprintf("%s-%d", name, n), new: func() hash.Hash { return sized(n / 8) }, sized: sized}
		}
		return
	}
	digits := len(line) - len(strings.TrimLeft(line, "0123456789abcdefABCDEF"))
	if strings.HasPrefix(line, name+" ") {
		digits = 128
	}
	if digits > 0 && digits%2 == 0 && digits <= 128 {
		sized := s.digest.sized
		s.digest = digest{tag: name, new: func() hash.Hash { return sized(digits / 2) }, sized: sized}
	}
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

// parse reads a line of a checksum file.
func (s *summer) parse(line string) (sum, name string, ok bool) {
	line = strings.TrimLeft(strings.TrimSuffix(line, "\r"), " \t")
	escaped := strings.HasPrefix(line, `\`)
	line = strings.TrimPrefix(line, `\`)
	if s.digest.sized != nil {
		s.lengthOf(line)
	}
	if s.any {
		if tag, _, tagged := strings.Cut(line, " "); tagged {
			name, _, _ := strings.Cut(strings.ToLower(tag), "-")
			if digestOf(name).tag != "SHA512" || name == "sha512" {
				if s.digest = digestOf(name); s.digest.sized != nil {
					s.lengthOf(line)
				}
			}
		}
	}
	size := s.digest.new().Size() * 2
	if rest, found := strings.CutPrefix(line, s.digest.tag); found {
		rest = strings.TrimPrefix(rest, " ")
		if i := strings.LastIndex(rest, ")"); strings.HasPrefix(rest, "(") && i > 0 {
			name = rest[1:i]
			value := strings.TrimLeft(rest[i+1:], " \t")
			sum = strings.TrimLeft(strings.TrimPrefix(value, "="), " \t")
			ok = strings.HasPrefix(value, "=")
		}
	} else if len(line) > size+1 && (line[size] == ' ' || line[size] == '\t') {
		sum, name, ok = line[:size], line[size+1:], true
		if name[0] == ' ' || name[0] == '*' {
			name = name[1:]
		}
	}
	if !ok || len(sum) != size || strings.Trim(strings.ToLower(sum), "0123456789abcdef") != "" || name == "" {
		return "", "", false
	}
	if escaped {
		name = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r").Replace(name)
	}
	return strings.ToLower(sum), name, true
}

func (s *summer) check(list string) bool {
	r, err := cli.Open(s.inv, list)
	if err != nil {
		s.inv.Errorf("%s: %v", cli.QuoteNeeded(list), err)
		return false
	}
	defer r.Close()
	shown := list
	if list == "-" {
		shown = "'standard input'"
	}
	lines := cli.NewLines(s.ctx, s.inv.Budget, r, '\n')
	defer lines.Close()
	var good, malformed, unreadable, mismatched, number, matched int
	for {
		line, _, err := lines.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			if !errors.Is(err, cli.ErrStop) {
				s.inv.Errorf("%s: %v", shown, err)
			}
			return false
		}
		number++
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		want, name, ok := s.parse(string(line))
		if !ok {
			malformed++
			if s.warn {
				s.out.Flush()
				s.inv.Errorf("%s: %d: improperly formatted %s checksum line", shown, number, s.digest.tag)
			}
			continue
		}
		good++
		label := name
		if strings.ContainsAny(name, "\n\\") {
			label = `\` + strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(name)
		}
		got, err := s.sum(name)
		switch {
		case err != nil && s.missing && strings.Contains(err.Error(), "No such file"):
		case err != nil:
			unreadable++
			s.out.Flush()
			s.inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
			if !s.statusOnly {
				s.out.WriteString(label + ": FAILED open or read\n")
			}
		case got != want:
			mismatched++
			if !s.statusOnly {
				s.out.WriteString(label + ": FAILED\n")
			}
		default:
			matched++
			if !s.statusOnly && !s.quiet {
				s.out.WriteString(label + ": OK\n")
			}
		}
	}
	s.out.Flush()
	if good == 0 {
		s.inv.Errorf("%s: no properly formatted checksum lines found", shown)
		return false
	}
	warn := func(n int, one, many string) {
		if n == 0 || s.statusOnly {
			return
		}
		verb := one
		if n > 1 {
			verb = many
		}
		s.inv.Errorf("WARNING: %d %s", n, verb)
	}
	warn(malformed, "line is improperly formatted", "lines are improperly formatted")
	warn(unreadable, "listed file could not be read", "listed files could not be read")
	warn(mismatched, "computed checksum did NOT match", "computed checksums did NOT match")
	if s.missing && matched == 0 && mismatched == 0 {
		if !s.statusOnly {
			s.inv.Errorf("%s: no file was verified", shown)
		}
		return false
	}
	return unreadable == 0 && mismatched == 0 && !(s.strict && malformed > 0)
}

// eachSum prints for each operand what line makes of it, and end: cksum and sum.
func eachSum(ctx context.Context, inv *shell.Invocation, names []string, end string, line func(r io.Reader) (string, error)) (status int) {
	shown := len(names) > 0
	return cli.EachInput(inv, names, func(name string, r io.Reader) error {
		text, err := line(r)
		if err != nil {
			return err
		}
		if shown {
			text += " " + name
		}
		if _, err := io.WriteString(inv.Stdout, text+end); err != nil {
			return cli.ErrStop
		}
		return nil
	})
}

// cksum is POSIX's CRC, or with -a another digest.
func cksum(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: checksumUsage, Short: "a:bcl:twz", Long: "algorithm:=a binary=b check=c text=t tag untagged zero=z ignore-missing quiet status strict warn=w length:=l debug"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	tagged, check := true, false
	algorithm, chosen, length := "crc", false, ""
	s := &summer{ctx: ctx, inv: inv, out: bufio.NewWriter(inv.Stdout), tag: true}
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			var bad int
			if algorithm, bad = spec.Choose(inv, "algorithm", o.Value, "bsd", "sysv", "crc", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "sm3"); bad != 0 {
				return bad
			}
			chosen = true
		case "l":
			length = o.Value
		case "untagged":
			tagged = false
		case "c":
			check = true
		case "quiet":
			s.quiet = true
		case "status":
			s.statusOnly = true
		case "strict":
			s.strict = true
		case "w":
			s.warn = true
		case "ignore-missing":
			s.missing = true
		case "z":
			s.zero = true
		}
	}
	if length != "" && algorithm != "blake2b" {
		return spec.Misuse(inv, "--length is only supported with --algorithm=blake2b")
	}
	old := algorithm == "crc" || algorithm == "bsd" || algorithm == "sysv"
	if check && chosen && old {
		inv.Errorf("--check is not supported with --algorithm={bsd,sysv,crc}")
		return 1
	}
	end := "\n"
	if s.zero {
		end = "\x00"
	}
	switch {
	case check && !chosen:
		s.any = true
	case algorithm == "crc":
		table := crcTable()
		return eachSum(ctx, inv, p.Operands, end, func(r io.Reader) (string, error) {
			c := &posixCRC{table: &table}
			err := cli.Copy(ctx, inv.Budget, c, r)
			return c.String(), err
		})
	case old:
		return sumWith(ctx, inv, p.Operands, end, algorithm == "sysv")
	}
	s.digest, s.tag = digestOf(algorithm), tagged
	if length != "" && !s.setLength(length) {
		return 1
	}
	names := p.Operands
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		if check && !s.check(name) || !check && !s.print(name) {
			status = 1
		}
	}
	if s.out.Flush() != nil {
		return 1
	}
	return status
}

func crcTable() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			if c&(1<<31) != 0 {
				c = c<<1 ^ 0x04C11DB7
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return t
}

// posixCRC is the checksum of POSIX's cksum: a CRC over the bytes and then their number.
type posixCRC struct {
	table *[256]uint32
	crc   uint32
	size  uint64
}

func (c *posixCRC) Write(b []byte) (int, error) {
	for _, x := range b {
		c.crc = c.crc<<8 ^ c.table[byte(c.crc>>24)^x]
	}
	c.size += uint64(len(b))
	return len(b), nil
}

func (c *posixCRC) String() string {
	crc := c.crc
	for n := c.size; n > 0; n >>= 8 {
		crc = crc<<8 ^ c.table[byte(crc>>24)^byte(n)]
	}
	return fmt.Sprintf("%d %d", ^crc, c.size)
}

func sum(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "rs", Long: "sysv=s", Usage: "[OPTION]... [FILE]...\nPrint checksums and blocks: -r, the default, as BSD; -s as System V.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	sysv := false
	for _, o := range p.Options {
		sysv = o.Key == "s"
	}
	return sumWith(ctx, inv, p.Operands, "\n", sysv)
}

func sumWith(ctx context.Context, inv *shell.Invocation, names []string, end string, sysv bool) int {
	return eachSum(ctx, inv, names, end, func(r io.Reader) (string, error) {
		c := &oldSum{sysv: sysv}
		err := cli.Copy(ctx, inv.Budget, c, r)
		return c.String(), err
	})
}

// oldSum is the checksum of BSD's or System V's sum.
type oldSum struct {
	sysv  bool
	value uint32
	size  uint64
}

func (c *oldSum) Write(b []byte) (int, error) {
	for _, x := range b {
		if c.sysv {
			c.value += uint32(x)
		} else {
			c.value = (c.value>>1 + c.value&1<<15 + uint32(x)) & 0xffff
		}
	}
	c.size += uint64(len(b))
	return len(b), nil
}

func (c *oldSum) String() string {
	if c.sysv {
		r := c.value&0xffff + c.value>>16
		return fmt.Sprintf("%d %d", r&0xffff+r>>16, (c.size+511)/512)
	}
	return fmt.Sprintf("%05d %5d", c.value, (c.size+1023)/1024)
}
