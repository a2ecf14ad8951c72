package sqlite3

import (
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// words splits a line at blanks, outside of quotes; a backslash escapes within double quotes.
func words(line string) []string {
	var list []string
	for {
		line = strings.TrimLeft(line, " \t\r\n")
		if line == "" {
			return list
		}
		if quote := line[0]; quote == '\'' || quote == '"' {
			end := 1
			for end < len(line) && line[end] != quote {
				if line[end] == '\\' && quote == '"' {
					end++
				}
				end++
			}
			word := line[1:min(end, len(line))]
			if quote == '"' {
				word = unescape(word)
			}
			list = append(list, word)
			line = line[min(end+1, len(line)):]
			continue
		}
		end := strings.IndexAny(line, " \t\r\n")
		if end < 0 {
			end = len(line)
		}
		list = append(list, unescape(line[:end]))
		line = line[end:]
	}
}

// unescape resolves the escapes of C.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if c, ok := cli.Unescape(s[i]); ok {
			b.WriteByte(c)
			continue
		}
		if digits := s[i:min(i+3, len(s))]; s[i] >= '0' && s[i] <= '7' {
			n := 0
			for n < len(digits) && digits[n] >= '0' && digits[n] <= '7' {
				n++
			}
			c, _ := strconv.ParseUint(digits[:n], 8, 16)
			b.WriteByte(byte(c))
			i += n - 1
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
