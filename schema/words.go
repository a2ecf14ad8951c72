package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var quoted = regexp.MustCompile(`'((?:[^'\\]|\\.)*)'`)

// quotedNames are the names that the library quotes in a message.
func quotedNames(message string) []string {
	var names []string
	for _, match := range quoted.FindAllStringSubmatch(message, -1) {
		text := strings.NewReplacer(`\'`, `'`, `"`, `\"`, `\\`, `\\`).Replace(match[1])
		name, err := strconv.Unquote(`"` + text + `"`)
		if err != nil {
			name = match[1]
		}
		names = append(names, name)
	}
	return names
}

func typesOf(sub map[string]any) []string {
	if one, ok := sub["type"].(string); ok {
		return []string{one}
	}
	return texts(sub["type"])
}

func typeName(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case json.Number:
		if !strings.ContainsAny(value.String(), ".eE") {
			return "integer"
		}
	}
	return "number"
}

func texts(list any) []string {
	var all []string
	items, _ := list.([]any)
	for _, item := range items {
		if text, ok := item.(string); ok && text != "" {
			all = append(all, text)
		} else {
			all = append(all, show(item))
		}
	}
	return all
}

// show is a value as JSON, or what sort of value it is when that would be long.
func show(value any) string {
	switch value := value.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "an array"
	case string:
		if len(value) > 60 {
			return "a text of " + strconv.Itoa(len(value)) + " bytes"
		}
		return strconv.Quote(value)
	}
	return fmt.Sprint(jsonText(value))
}

func jsonText(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(raw)
}

func bound(keyword string, sub map[string]any) string {
	least := "at least"
	if strings.HasPrefix(keyword, "max") {
		least = "at most"
	}
	unit := map[string]string{"Length": "characters", "Items": "items", "Properties": "keys"}[keyword[3:]]
	return fmt.Sprintf("%s %v %s", least, sub[keyword], unit)
}

func size(value any) string {
	switch value := value.(type) {
	case string:
		return strconv.Itoa(len([]rune(value)))
	case []any:
		return strconv.Itoa(len(value))
	case map[string]any:
		return strconv.Itoa(len(value))
	}
	return show(value)
}

func sortedKeys(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
