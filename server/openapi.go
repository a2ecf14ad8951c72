package server

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/flue-run/flue/spec"
)

//go:embed api.json
var apiJSON []byte

// apiDocument is the OpenAPI document of the project that is served, made once for each.
type apiDocument struct {
	mu      sync.Mutex
	project *spec.Project
	value   map[string]any
}

// showOpenAPI answers GET /openapi.json: api.json, and with their own schemas the agents that can be started.
func (s *Server) showOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	project := s.project()
	d := &s.api
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.project != project {
		value, err := s.describe(project)
		if err != nil {
			return err
		}
		d.project, d.value = project, value
	}
	s.writeJSON(w, http.StatusOK, d.value)
	return nil
}

// object is a JSON object.
type object = map[string]any

func (s *Server) describe(project *spec.Project) (object, error) {
	var doc struct {
		object
		paths, schemas, start object
	}
	if err := json.Unmarshal(apiJSON, &doc.object); err != nil {
		return nil, fmt.Errorf("read api.json: %w", err)
	}
	doc.object["info"].(object)["version"] = s.cfg.Version
	components := doc.object["components"].(object)
	doc.paths, doc.schemas = doc.object["paths"].(object), components["schemas"].(object)
	doc.start = components["x-start-responses"].(object)
	delete(components, "x-start-responses") // OpenAPI has no shared set of responses
	any, inSession := doc.paths["/agents/{agent}"].(object), doc.paths["/agents/{agent}/{session}"].(object)
	for _, generic := range []object{any, inSession} {
		generic["post"].(object)["responses"] = doc.start
	}
	for _, agent := range Served(project) {
		if agent.Triggers.Webhook == nil || !s.startableHere(agent) {
			continue
		}
		finished, payload := object{"$ref": "#/components/schemas/Finished"}, object{}
		if raw := schemaOf(agent.Payload); raw != nil {
			doc.schemas[agent.Name+".payload"] = own(agent.Name, "payload", raw)
			payload = object{"$ref": "#/components/schemas/" + agent.Name + ".payload"}
		}
		if raw := resultOf(agent); raw != nil {
			doc.schemas[agent.Name+".result"] = own(agent.Name, "result", raw)
			finished = object{"allOf": []object{finished, {"properties": object{"result": object{"$ref": "#/components/schemas/" + agent.Name + ".result"}}}}}
		}
		for path, generic := range map[string]object{"": any, "/{session}": inSession} {
			doc.paths["/agents/"+agent.Name+path] = ofAgent(generic, agent, payload, finished)
		}
	}
	return doc.object, nil
}

// ofAgent is a path's description for one agent.
func ofAgent(generic object, agent *spec.Agent, payload, finished object) object {
	path := maps.Clone(generic)
	path["parameters"] = generic["parameters"].([]any)[1:] // the first is the agent
	for method, operation := range path {
		if operation, ok := operation.(object); ok {
			operation = maps.Clone(operation)
			operation["operationId"] = operation["operationId"].(string) + "_" + strings.ReplaceAll(agent.Name, "-", "_")
			path[method] = operation
		}
	}
	post := path["post"].(object)
	if agent.Description != "" {
		post["summary"] = agent.Description
	}
	post["requestBody"] = object{"content": object{"application/json": object{"schema": payload}}}
	responses := maps.Clone(post["responses"].(object))
	completed := maps.Clone(responses["200"].(object))
	content := maps.Clone(completed["content"].(object))
	content["application/json"] = object{"schema": finished}
	completed["content"], responses["200"], post["responses"] = content, completed, responses
	return path
}

// own is a schema of the project as a part of the document. Its $id makes its references count from itself.
func own(agent, name string, raw json.RawMessage) any {
	var schema any
	if err := json.Unmarshal(raw, &schema); err != nil {
		return true // it was compiled, so it is JSON
	}
	if schema, ok := schema.(object); ok {
		schema["$id"] = "/agents/" + agent + "/" + name
	}
	return schema
}
