package commands

import (
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

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
		if strings.ContainsAny(name, "\n\r") {
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
	if s.missing && matched == 0 {
		if !s.statusOnly {
			s.inv.Errorf("%s: no file was verified", shown)
		}
		return false
	}
	return unreadable == 0 && mismatched == 0 && !(s.strict && malformed > 0)
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
		switch spaced := len(name) > 1 && (name[0] == ' ' || name[0] == '*'); {
		case !spaced && s.bare < 0: // other lines have two characters there
			return "", "", false
		case !spaced:
			s.bare = 1
		case s.bare <= 0:
			s.bare, name = -1, name[1:]
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
