package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Violation is one place at which a value is not what its schema says.
type Violation struct {
	Path    string // JSON pointer into the value; of an unknown key, to the key itself
	Message string
	Keyword string   // of the schema: type, required, enum, …
	Name    string   // of required: the missing key; of additionalProperties: the unknown one
	Allowed []string // of additionalProperties: the known keys; of enum: the values; of required, oneOf: the keys to choose from
}

func (v Violation) String() string {
	if v.Path == "" {
		return v.Message
	}
	return v.Path + ": " + v.Message
}

// maxViolations is how many Validate reports: a model that reads more does not answer better.
const maxViolations = 20

// Validate checks a JSON value: nil, bool, string, json.Number or float64, []any, map[string]any. Others are converted
// by encoding/json first. It reports at most 20 violations, sorted by path; none means valid.
func (s *Schema) Validate(value any) []Violation {
	violations := s.ValidateAll(value)
	return violations[:min(len(violations), maxViolations)]
}

// ValidateAll is Validate without the bound of 20, for people who correct a file.
func (s *Schema) ValidateAll(value any) []Violation {
	if !isJSON(value) {
		raw, err := json.Marshal(value)
		if err != nil {
			return []Violation{{Message: "not a JSON value: " + err.Error()}}
		}
		if value, err = Decode(raw); err != nil {
			return []Violation{{Message: "not valid JSON: " + err.Error()}}
		}
	}
	if path, ok := hugeNumber(value, ""); ok {
		return []Violation{{Path: path, Message: "the number is out of range", Keyword: "type"}}
	}
	return s.validate(value)
}

// ValidateJSON is Validate for a JSON text.
func (s *Schema) ValidateJSON(raw []byte) []Violation {
	value, err := Decode(raw)
	if err != nil {
		return []Violation{{Message: "not valid JSON: " + err.Error()}}
	}
	return s.Validate(value)
}

// Decode reads one JSON value with its numbers as json.Number, and nothing after it.
func Decode(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("there is more after the value")
	}
	return value, nil
}

func (s *Schema) validate(value any) (violations []Violation) {
	defer func() {
		if r := recover(); r != nil { // a recursive schema that never gets deeper into the value
			violations = []Violation{{Message: fmt.Sprintf("cannot be checked against its schema: %v", r)}}
		}
	}()
	var invalid *jsonschema.ValidationError
	err := s.compiled.Validate(value)
	if err == nil {
		return nil
	}
	if !errors.As(err, &invalid) {
		return []Violation{{Message: "cannot be checked against its schema: " + err.Error()}}
	}
	if violations = violationsOf(invalid, s.documents, value); len(violations) == 0 {
		return []Violation{{Message: "does not fit its schema"}} // it could not be explained, but invalid it is
	}
	return violations
}

func violationsOf(err *jsonschema.ValidationError, documents map[string]any, value any) []Violation {
	r := &reader{documents: documents, value: value}
	findings := r.read(err)
	violations := make([]Violation, len(findings))
	for i, f := range findings {
		violations[i] = f.violation()
	}
	slices.SortStableFunc(violations, func(a, b Violation) int {
		if c := comparePaths(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Message, b.Message)
	})
	return slices.CompactFunc(violations, func(a, b Violation) bool { return a.Path == b.Path && a.Message == b.Message })
}

// comparePaths orders pointers by their parts, and indexes as numbers.
func comparePaths(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "/"), strings.Split(b, "/"), func(a, b string) int {
		i, errA := strconv.Atoi(a)
		j, errB := strconv.Atoi(b)
		if errA == nil && errB == nil {
			return i - j
		}
		return strings.Compare(a, b)
	})
}

func isJSON(value any) bool {
	switch value := value.(type) {
	case nil, bool, string, json.Number, float64:
		return true
	case []any:
		return !slices.ContainsFunc(value, func(item any) bool { return !isJSON(item) })
	case map[string]any:
		for _, item := range value {
			if !isJSON(item) {
				return false
			}
		}
		return true
	}
	return false
}

// hugeNumber finds a number whose exponent would make exact arithmetic with it take gigabytes.
func hugeNumber(value any, path string) (string, bool) {
	switch value := value.(type) {
	case json.Number:
		_, err := value.Float64()
		_, exponent, _ := strings.Cut(strings.ToLower(value.String()), "e")
		return path, err != nil || len(exponent) > 4 || len(value) > 1000
	case []any:
		for i, item := range value {
			if path, ok := hugeNumber(item, path+"/"+strconv.Itoa(i)); ok {
				return path, true
			}
		}
	case map[string]any:
		for key, item := range value {
			if path, ok := hugeNumber(item, path+"/"+Escape(key)); ok {
				return path, true
			}
		}
	}
	return "", false
}
