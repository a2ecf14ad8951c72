package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// reader turns the library's tree of errors into findings in words of our own.
type reader struct {
	documents map[string]any // of the schema, by URL
	value     any            // that was checked
}

// finding is a violation whose parts can still be joined with those of other branches of an anyOf.
type finding struct {
	path, keyword, name string
	expected, got       string // the message is made of these two,
	text                string // or is this
	allowed             []string
}

func (f finding) violation() Violation {
	message := f.text
	if message == "" {
		message = "expected " + f.expected + ", but got " + f.got
	}
	return Violation{Path: f.path, Message: message, Keyword: f.keyword, Name: f.name, Allowed: f.allowed}
}

func (r *reader) read(err *jsonschema.ValidationError) []finding {
	keyword := keywordOf(err.AbsoluteKeywordLocation)
	if (keyword == "anyOf" || keyword == "oneOf") && (len(err.Causes) > 0 || strings.HasPrefix(err.Message, "valid against")) {
		return r.choice(err, keyword)
	}
	if len(err.Causes) > 0 && !strings.HasSuffix(keyword, "ontains") {
		var all []finding
		for _, cause := range err.Causes {
			all = append(all, r.read(cause)...)
		}
		return all
	}
	return r.leaf(err, keyword)
}

// keywordOf is the last part of a keyword location that is no index and no name of a property.
func keywordOf(location string) string {
	_, pointer, _ := strings.Cut(location, "#")
	parts := strings.Split(pointer, "/")
	for _, nested := range []string{"dependentRequired", "dependencies"} {
		if i := slices.Index(parts, nested); i >= 0 && i >= len(parts)-3 {
			return nested
		}
	}
	return parts[len(parts)-1]
}

func (r *reader) leaf(err *jsonschema.ValidationError, keyword string) []finding {
	path := unescapeURL(err.InstanceLocation)
	sub := r.subschema(err.AbsoluteKeywordLocation)
	value, _ := Lookup(r.value, path)
	f := finding{path: path, keyword: keyword, got: show(value)}
	if sub == nil {
		return []finding{metaFinding(f, err.Message)}
	}
	if strings.Contains(err.KeywordLocation, "/propertyNames/") {
		f.keyword, f.got = "propertyNames", "the key "+strconv.Quote(lastPart(path))
	}
	switch keyword {
	case "unevaluatedProperties":
		f.keyword, f.name, f.text = "additionalProperties", lastPart(path), fmt.Sprintf("unknown key %q", lastPart(path))
	case "additionalProperties":
		return unknownKeys(path, sub, quotedNames(err.Message))
	case "required":
		return missingKeys(path, quotedNames(err.Message), "missing key %q")
	case "dependentRequired", "dependencies":
		names := quotedNames(err.Message)
		if len(names) == 2 {
			text := fmt.Sprintf("%q needs %q beside it", names[1], names[0])
			return []finding{{path: path + "/" + Escape(names[1]), keyword: "required", name: names[0], text: text}}
		}
	case "type":
		f.expected, f.got = strings.Join(typesOf(sub), " or "), typeName(value)
	case "const":
		f.expected = show(sub["const"])
	case "enum":
		f.allowed = texts(sub["enum"])
		f.expected = "one of " + strings.Join(f.allowed, ", ")
		if len(f.allowed) == 1 {
			f.expected = f.allowed[0]
		}
	case "pattern":
		f.expected = fmt.Sprintf("text that matches %v", sub["pattern"])
		if message, ok := sub["patternErrorMessage"].(string); ok {
			f.expected = strings.TrimPrefix(message, "expected ")
		}
	case "format":
		f.expected = "text in the format " + fmt.Sprint(sub["format"])
		if sub["format"] == "regex" {
			f.expected = regexFormat
		}
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		f.expected, f.got = bound(keyword, sub), size(value)
		if text, ok := value.(string); ok && text == "" {
			f.expected, f.got = "text", "an empty one"
		}
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		words := map[string]string{"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than", "exclusiveMaximum": "less than"}
		f.expected = fmt.Sprintf("%s %v", words[keyword], sub[keyword])
	case "multipleOf":
		f.expected = fmt.Sprintf("a multiple of %v", sub[keyword])
	case "uniqueItems":
		f.text = err.Message
	case "not":
		f.text = "not allowed here"
		if message, ok := sub["errorMessage"].(string); ok {
			f.text = message
		} else if inner, ok := sub["not"].(map[string]any); ok && len(inner) > 0 {
			f.text = "not allowed: " + show(value)
		}
	default:
		f.text = err.Message
	}
	return []finding{f}
}

var wordsOfEnum = regexp.MustCompile(`"([^"]+)"`)

// metaFinding is about a value that is to be a schema: of the meta-schemas there is only what the library says.
func metaFinding(f finding, message string) finding {
	switch {
	case f.keyword == "enum":
		for _, match := range wordsOfEnum.FindAllStringSubmatch(message, -1) {
			f.allowed = append(f.allowed, match[1])
		}
		f.expected = "one of " + strings.Join(f.allowed, ", ")
	case strings.Contains(message, "not valid 'regex'"):
		f.expected = regexFormat
	default:
		f.text = message
	}
	return f
}

// regexFormat says which of the many sorts of regular expressions are understood.
const regexFormat = "a regular expression as RE2 has them (no look-around)"

func unknownKeys(path string, sub map[string]any, names []string) []finding {
	properties, _ := sub["properties"].(map[string]any)
	allowed := sortedKeys(properties)
	var all []finding
	for _, name := range names {
		text := fmt.Sprintf("unknown key %q", name)
		all = append(all, finding{path: path + "/" + Escape(name), keyword: "additionalProperties", name: name, text: text, allowed: allowed})
	}
	return all
}

func missingKeys(path string, names []string, format string) []finding {
	var all []finding
	for _, name := range names {
		all = append(all, finding{path: path, keyword: "required", name: name, text: fmt.Sprintf(format, name)})
	}
	return all
}

// subschema is the schema that holds the keyword at a location.
func (r *reader) subschema(location string) map[string]any {
	at, pointer, _ := strings.Cut(location, "#")
	pointer = unescapeURL(pointer)
	keyword := keywordOf(location)
	if i := strings.LastIndex(pointer, "/"+keyword); i >= 0 {
		pointer = pointer[:i]
	}
	found, _ := Lookup(r.documents[at], pointer)
	sub, _ := found.(map[string]any)
	return sub
}
