package lint

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/spec"
)

// The objects of SARIF 2.1.0 (OASIS) that flue writes.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string             `json:"id"`
		ShortDescription     sarifText          `json:"shortDescription"`
		FullDescription      sarifText          `json:"fullDescription"`
		HelpURI              string             `json:"helpUri"`
		DefaultConfiguration sarifConfiguration `json:"defaultConfiguration"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		PhysicalLocation struct {
			ArtifactLocation sarifArtifact `json:"artifactLocation"`
			Region           sarifRegion   `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifFix struct {
		Description     sarifText     `json:"description"`
		ArtifactChanges []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		ArtifactLocation sarifArtifact      `json:"artifactLocation"`
		Replacements     []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		DeletedRegion   sarifRegion `json:"deletedRegion"`
		InsertedContent sarifText   `json:"insertedContent"`
	}
)

// SARIF writes problems as a log of SARIF 2.1.0. Columns count characters. Secrets of known shapes are masked.
func SARIF(w io.Writer, problems []spec.Problem, sources Sources) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
		Tool: sarifTool{sarifDriver{Name: "flue", InformationURI: "https://github.com/flue-run/flue"}}}
	for _, rule := range rules {
		doc := strings.Join(strings.Fields(rule.Doc), " ")
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: rule.Name, ShortDescription: sarifText{firstSentence(doc)},
			FullDescription: sarifText{doc}, HelpURI: reference + rule.Name, DefaultConfiguration: sarifConfiguration{rule.Severity.String()}})
	}
	names := RuleNames()
	for _, p := range problems {
		result := sarifResult{RuleID: p.Rule, RuleIndex: slices.Index(names, p.Rule), Level: p.Severity.String(), Message: sarifText{message(p)}}
		var at sarifLocation
		at.PhysicalLocation.ArtifactLocation = sarifArtifact{fileURI(p.Pos.File)}
		at.PhysicalLocation.Region = sarifRegion{p.Pos.Line, characters(sources, p.Pos), p.End.Line, characters(sources, p.End)}
		result.Locations = []sarifLocation{at}
		if p.Fix != "" {
			result.Fixes = []sarifFix{{sarifText{"Write " + p.Fix}, []sarifChange{{at.PhysicalLocation.ArtifactLocation,
				[]sarifReplacement{{at.PhysicalLocation.Region, sarifText{p.Fix}}}}}}}
		}
		run.Results = append(run.Results, result)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func firstSentence(text string) string {
	first, _, _ := strings.Cut(text, ". ")
	return strings.TrimSuffix(first, ".") + "."
}

// fileURI is a path as a reference: a relative one stays relative.
func fileURI(file string) string {
	address := url.URL{Path: filepath.ToSlash(file)}
	if filepath.IsAbs(file) {
		address.Scheme = "file"
	}
	return address.String()
}

// characters is a place's column in characters, from 1.
func characters(sources Sources, at spec.Pos) int {
	if sources == nil {
		return at.Col
	}
	source := bytes.TrimPrefix(sources(at.File), []byte("\xef\xbb\xbf"))
	for range at.Line - 1 {
		_, source, _ = bytes.Cut(source, []byte("\n"))
	}
	return utf8.RuneCount(source[:min(at.Col-1, len(source))]) + 1
}
