package jq

import (
	"math"
	"strings"
)

func fromJSON(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, fail("%s cannot be parsed as JSON", describe(v))
	}
	if s == "nan" {
		return math.NaN(), nil
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	out, err := ParseValue(s)
	if err != nil {
		return nil, fail("%v (while parsing '%s')", err, s)
	}
	return out, nil
}

func toNumber(v any) (any, error) {
	switch v := v.(type) {
	case float64, Literal:
		return v, nil
	case string:
		if n, ok := parseNumber(strings.TrimSpace(v)); ok {
			return n, nil
		}
		_, err := ParseValue(v)
		if err == nil {
			return nil, fail("Cannot use %s as a number", describe(v))
		}
		return nil, fail("%v (while parsing '%s')", err, v)
	}
	return nil, fail("%s cannot be parsed as a number", describe(v))
}
