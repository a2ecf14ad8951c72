package server_test

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/server"
)

// api is an OpenAPI document that answers are held against.
type api struct {
	doc     map[string]any
	mu      sync.Mutex
	schemas map[string]*schema.Schema // compiled when they are first asked for, by where they are used
}

// schema compiles what a media type declares; nil: nothing.
func (a *api) schema(at string, media any) (*schema.Schema, error) {
	declared, ok := media.(map[string]any)["schema"]
	if !ok {
		return nil, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.schemas[at] == nil {
		compiled, err := schema.Compile(map[string]any{"allOf": []any{declared}, "components": a.doc["components"]}, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		a.schemas[at] = compiled
	}
	return a.schemas[at], nil
}

func describe(t *testing.T, s *server.Server) *api {
	t.Helper()
	rec := httptest.NewRecorder()
	req := httptest.NewRequest("GET", "/openapi.json", nil)
	req.Host = "localhost"
	req.Header.Set("Authorization", "Bearer "+token)
	s.Handler().ServeHTTP(rec, req)
	a := &api{schemas: map[string]*schema.Schema{}}
	if err := json.Unmarshal(rec.Body.Bytes(), &a.doc); err != nil || rec.Code != 200 {
		t.Fatalf("%v: %d %s", err, rec.Code, rec.Body)
	}
	return a
}

// resolve follows a $ref of the document itself.
func (a *api) resolve(value any) map[string]any {
	object, _ := value.(map[string]any)
	ref, ok := object["$ref"].(string)
	if !ok {
		return object
	}
	var at any = a.doc
	for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[part]
	}
	return a.resolve(at)
}

// bodies are all media types of requests and answers.
func (a *api) bodies(t *testing.T) map[string]map[string]any {
	all := map[string]map[string]any{}
	for path, item := range a.doc["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			operation, ok := operation.(map[string]any)
			if !ok {
				continue
			}
			responses, _ := operation["responses"].(map[string]any)
			if len(responses) == 0 {
				t.Errorf("%s %s declares no answer", method, path)
			}
			for status, response := range responses {
				content, _ := a.resolve(response)["content"].(map[string]any)
				for kind, media := range content {
					all[strings.Join([]string{path, method, status, kind}, " ")] = media.(map[string]any)
				}
			}
			content, _ := a.resolve(operation["requestBody"])["content"].(map[string]any)
			for kind, media := range content {
				all[strings.Join([]string{path, method, "request", kind}, " ")] = media.(map[string]any)
			}
		}
	}
	return all
}

// check says why an answer is not one that the document declares.
func (a *api) check(method, path string, got answer) error {
	path, _, _ = strings.Cut(path, "?")
	if method == "HEAD" {
		return nil // as GET, without its body
	}
	template, operation := a.operation(strings.ToLower(method), path)
	if operation == nil {
		if got.status < 400 {
			return fmt.Errorf("no such operation")
		}
		template, operation = a.operation("get", "/agents") // whatever there is not answers as every error does
		method = "get"
	}
	status := fmt.Sprint(got.status)
	response := a.resolve(operation["responses"].(map[string]any)[status])
	if response == nil {
		if got.status < 400 {
			return fmt.Errorf("no answer %s", status)
		}
		status = "default"
		response = a.resolve(operation["responses"].(map[string]any)[status])
	}
	content, _ := response["content"].(map[string]any)
	if content == nil {
		if got.body != "" {
			return fmt.Errorf("an answer without content")
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	if err != nil {
		return err
	}
	if _, ok := content[kind]; !ok {
		if _, ok := content["*/*"]; !ok {
			return fmt.Errorf("no content of type %s", kind)
		}
		return nil
	}
	compiled, err := a.schema(strings.Join([]string{template, strings.ToLower(method), status, kind}, " "), content[kind])
	bodies := []string{got.body}
	switch {
	case compiled == nil || err != nil:
		return err
	case kind == "text/plain" || kind == "text/event-stream":
		return nil
	case kind == "application/x-ndjson":
		bodies = strings.Split(strings.TrimSpace(got.body), "\n")
	case kind == "application/json" && content["*/*"] != nil:
		return nil // a file
	}
	for _, body := range bodies {
		if v := compiled.ValidateJSON([]byte(body)); len(v) > 0 {
			return fmt.Errorf("%v", v)
		}
	}
	return nil
}

// operation finds what a request asks for; a path without placeholders wins.
func (a *api) operation(method, path string) (template string, operation map[string]any) {
	parts := strings.Split(path, "/")
	for _, t := range slices.Sorted(func(yield func(string) bool) {
		for t := range a.doc["paths"].(map[string]any) {
			if !yield(t) {
				return
			}
		}
	}) {
		want := strings.Split(t, "/")
		fits := len(want) == len(parts) || strings.HasSuffix(t, "{path}") && len(parts) > len(want)
		for i, part := range want {
			fits = fits && (strings.HasPrefix(part, "{") || part == parts[i])
		}
		if fits && (operation == nil || strings.Count(t, "{") < strings.Count(template, "{")) {
			if found, ok := a.doc["paths"].(map[string]any)[t].(map[string]any)[method].(map[string]any); ok {
				template, operation = t, found
			}
		}
	}
	return template, operation
}

// TestOpenAPI holds the document against the routes, and its references against itself.
func TestOpenAPI(t *testing.T) {
	w := serve(t, options{})
	paths := w.api.doc["paths"].(map[string]any)
	described := map[string]bool{}
	ids := map[string]bool{}
	for path, item := range paths {
		for method, operation := range item.(map[string]any) {
			if operation, ok := operation.(map[string]any); ok {
				described[strings.ToUpper(method)+" "+path] = true
				id, _ := operation["operationId"].(string)
				if id == "" || ids[id] {
					t.Errorf("%s %s: operationId %q is missing or taken", method, path, id)
				}
				ids[id] = true
			}
		}
	}
	for _, route := range w.server.Routes() {
		if route = strings.ReplaceAll(route, "...}", "}"); !described[route] {
			t.Errorf("%s is not described", route)
		}
	}
	for at := range described {
		method, path, _ := strings.Cut(at, " ")
		req := httptest.NewRequest(method, strings.NewReplacer("{agent}", "none", "{session}", "s", "{run}", "r", "{path}", "p").Replace(path), nil)
		req.Host = "localhost"
		req.Header.Set("X-Webhook", "true") // waits for no run
		rec := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(rec, req)
		if rec.Code == 405 || strings.Contains(rec.Body.String(), "nothing at this address") {
			t.Errorf("%s is described, but there is no such route: %s", at, rec.Body)
		}
	}
	checkRefs(t, w.api, w.api.doc, "#")
	for _, agent := range []string{"main", "notes", "typed"} {
		if paths["/agents/"+agent] == nil || paths["/agents/"+agent+"/{session}"] == nil {
			t.Errorf("agent %s is not described", agent)
		}
	}
	for _, hidden := range []string{"private", "daily", "signed"} {
		if paths["/agents/"+hidden] != nil {
			t.Errorf("agent %s is described, but cannot be started", hidden)
		}
	}
	all := w.api.bodies(t)
	for at, media := range all {
		if _, err := w.api.schema(at, media); err != nil {
			t.Error(err)
		}
	}
	const typed = "/agents/typed/{session} post request application/json"
	request, err := w.api.schema(typed, all[typed])
	if err != nil || request == nil {
		t.Fatal(err)
	}
	if v := request.ValidateJSON([]byte(`{"name": 7}`)); len(v) != 1 || v[0].Path != "/name" {
		t.Errorf("a payload that does not fit has %v", v)
	}
}

// checkRefs finds $refs that lead nowhere. A part with an $id is a document of its own.
func checkRefs(t *testing.T, a *api, value any, at string) {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		if ref, ok := value["$ref"].(string); ok && a.resolve(value) == nil {
			t.Errorf("%s: $ref %q leads nowhere", at, ref)
		}
		for key, inner := range value {
			if schema, ok := inner.(map[string]any); ok && schema["$id"] != nil {
				continue
			}
			checkRefs(t, a, inner, at+"/"+key)
		}
	case []any:
		for i, inner := range value {
			checkRefs(t, a, inner, fmt.Sprint(at, "/", i))
		}
	}
}
