package commands

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// span is a range of a LIST, both ends included.
type span struct{ from, to int }

// parseSpans reads a LIST.
func parseSpans(list string, fields bool) (spans []span, problem string) {
	what, values, ranges, offset := "byte/character positions are numbered from 1", "invalid byte/character position ",
		"invalid byte or character range", "byte/character offset "
	if fields {
		what, values, ranges, offset = "fields are numbered from 1", "invalid field value ", "invalid field range", "field number "
	}
	isBlank := func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }
	for _, item := range strings.Split(strings.Map(func(r rune) rune {
		if isBlank(r) {
			return ','
		}
		return r
	}, list), ",") {
		if item == "" {
			return nil, what
		}
		low, high, ranged := strings.Cut(item, "-")
		s := span{1, math.MaxInt}
		for i, text := range []string{low, high} {
			if text == "" {
				continue
			}
			n, err := strconv.Atoi(text)
			switch {
			case strings.Trim(text, "0123456789") != "":
				if strings.Contains(high, "-") {
					return nil, ranges
				}
				return nil, values + cli.QuoteText(strings.TrimLeft(item[strings.Index(item, text):], "0123456789"))
			case err != nil:
				return nil, offset + cli.QuoteText(text) + " is too large"
			case n == 0:
				return nil, what
			}
			if i == 0 {
				s.from = n
				if !ranged {
					s.to = n
				}
			} else {
				s.to = n
			}
		}
		if item == "-" {
			return nil, "invalid range with no endpoint: -"
		}
		if s.to < s.from {
			return nil, "invalid decreasing range"
		}
		spans = append(spans, s)
	}
	if len(spans) == 0 {
		return nil, what
	}
	return spans, ""
}

// mergeSpans sorts and joins spans that overlap, and those that touch unless apart, or returns what is between them.
func mergeSpans(spans []span, complement, apart bool) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	merged := spans[:1]
	for _, s := range spans[1:] {
		last := &merged[len(merged)-1]
		if s.from <= last.to || !apart && s.from-1 == last.to {
			last.to = max(last.to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	if !complement {
		return merged
	}
	var between []span
	next := 1
	for _, s := range merged {
		if s.from > next {
			between = append(between, span{next, s.from - 1})
		}
		if s.to == math.MaxInt {
			return between
		}
		next = s.to + 1
	}
	return append(between, span{next, math.MaxInt})
}
