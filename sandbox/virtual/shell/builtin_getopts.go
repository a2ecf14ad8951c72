package shell

import (
	"strconv"
	"strings"
)

func builtinGetopts(s *shell, args []string) int {
	rest, ok := s.noOptions(args)
	if !ok {
		return 2
	}
	if len(rest) < 2 {
		return s.misused("getopts")
	}
	spec, name := rest[0], rest[1]
	list := s.params
	if len(rest) > 2 {
		list = rest[2:]
	}
	silent := strings.HasPrefix(spec, ":")
	if !validName(name) {
		s.warnf("getopts: `%s': not a valid identifier", name)
		return 1
	}
	index, err := strconv.Atoi(s.get("OPTIND"))
	if err != nil || index < 1 {
		index = 1
	}
	place := s.getopt
	finish := func(opt string) int {
		s.setVar("OPTIND", strconv.Itoa(index))
		s.getopt = place
		if !s.setVar(name, opt) {
			return 2
		}
		return boolStatus(opt != "?" || place != -1)
	}
	end := func() int {
		place = 0
		index = min(index, len(list)+1)
		s.setVar("OPTIND", strconv.Itoa(index))
		s.getopt = 0
		s.setVar(name, "?")
		s.unsetVar("OPTARG")
		return 1
	}
	if place == 0 {
		if index > len(list) {
			return end()
		}
		arg := list[index-1]
		if len(arg) < 2 || arg[0] != '-' {
			return end()
		}
		if arg == "--" {
			index++
			return end()
		}
		place = 1
	}
	if index > len(list) || place >= len(list[index-1]) {
		place = 0
		return end()
	}
	arg := list[index-1]
	c := arg[place]
	place++
	last := place >= len(arg)
	at := strings.IndexByte(strings.TrimPrefix(spec, ":"), c)
	if at < 0 || c == ':' {
		if last {
			index, place = index+1, 0
		}
		if silent {
			s.setVar("OPTARG", string(c))
		} else {
			s.unsetVar("OPTARG")
			if s.get("OPTERR") != "0" {
				s.errln(s.arg0 + ": illegal option -- " + string(c))
			}
		}
		return finish("?")
	}
	opts := strings.TrimPrefix(spec, ":")
	if at+1 < len(opts) && opts[at+1] == ':' {
		switch {
		case !last:
			s.setVar("OPTARG", arg[place:])
			index++
		case index < len(list):
			s.setVar("OPTARG", list[index])
			index += 2
		default:
			index++
			place = 0
			if silent {
				s.setVar("OPTARG", string(c))
				return finish(":")
			}
			s.unsetVar("OPTARG")
			if s.get("OPTERR") != "0" {
				s.errln(s.arg0 + ": option requires an argument -- " + string(c))
			}
			return finish("?")
		}
		place = 0
		return finish(string(c))
	}
	s.unsetVar("OPTARG")
	if last {
		index, place = index+1, 0
	}
	return finish(string(c))
}
