package shell

import (
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// slice is ${x:offset:length}.
func (s *shell) slice(p *syntax.ParamExp, val paramValue) []string {
	var offset, length int64
	hasLength := p.Slice.Length != nil
	if !val.list && !val.set {
		return []string{""}
	}
	outer := s.arithBy
	s.arithBy = p.Param.Value
	if p.Slice.Offset != nil {
		offset = s.arithExpr(p.Slice.Offset)
	}
	if hasLength {
		length = s.arithExpr(p.Slice.Length)
	}
	s.arithBy = outer
	if val.list {
		return s.sliceList(val, offset, length, hasLength)
	}
	text := val.text()
	n := int64(runeCount(text))
	if offset < 0 {
		if offset += n; offset < 0 {
			return []string{""}
		}
	}
	if offset > n {
		return []string{""}
	}
	end := n
	if hasLength {
		if length < 0 {
			if end = n + length; end < offset {
				s.discard("%s: substring expression < 0", formatInt(length))
			}
		} else if length < n-offset {
			end = offset + length
		}
	}
	return []string{cutRunes(text, int(offset), int(end))}
}

// cutRunes returns the characters from..to of v.
func cutRunes(v string, from, to int) string {
	if runeCount(v) == len(v) {
		return v[from:to]
	}
	start, end, i := len(v), len(v), 0
	for at := 0; at < len(v); i++ {
		if i == from {
			start = at
		}
		if i == to {
			end = at
			break
		}
		_, size := utf8.DecodeRuneInString(v[at:])
		at += size
	}
	return v[min(start, end):end]
}

func (s *shell) sliceList(val paramValue, offset, length int64, hasLength bool) []string {
	vals := val.vals
	switch {
	case val.name == "": // $@: element 0 is $0
		vals = append([]string{s.arg0}, vals...)
		if offset < 0 {
			offset += int64(len(vals))
		}
	case val.v != nil && val.v.list != nil:
		if offset < 0 {
			offset += int64(val.v.list.end())
		}
		if offset >= 0 && val.v.list.holes != nil { // the offset is an index, not a count
			count := int64(0)
			for _, i := range val.v.list.indices() {
				if int64(i) < offset {
					count++
				}
			}
			offset = count
		}
	default:
		isDict := val.v != nil && val.v.dict != nil
		if offset < 0 {
			if offset += int64(len(vals)); isDict {
				offset++
			}
		}
		if isDict && offset > 0 {
			offset--
		}
	}
	if hasLength && length < 0 {
		s.discard("%s: substring expression < 0", formatInt(length))
	}
	if offset < 0 || offset >= int64(len(vals)) {
		if offset == 0 && val.name == "" {
			return vals
		}
		return nil
	}
	vals = vals[offset:]
	if hasLength && length < int64(len(vals)) {
		vals = vals[:length]
	}
	return vals
}
