package spec

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

func TestLoad(t *testing.T) {
	p, problems := Load(files(
		".flue/flue.yaml", "model: [a/b, c/d]\nlimits: {timeout: 1h30m, tool_output: 1.5KiB}\n",
		".flue/agents/short.md", "---\nargs: {a: 1, day: 2024-01-01}\nresult: r.json\nchecks: [{shell: x}]\nsandbox: local\ntriggers: {webhook: true}\n---\nHi.\n",
		".flue/agents/long.yaml", "model: a/b\ntools: []\nsandbox: {type: virtual}\nsteps: [{skill: x, commands: []}, {parallel: [{task: y, result: {type: string}}]}]\n",
		".flue/commands/any.yaml", "description: x\nexec: x\nargs: any\n",
		".flue/commands/some.yaml", "description: x\nexec: x\nargs: [a, b]\n",
		".flue/roles/reviewer.md", "---\ndescription: Mine.\n---\nBe strict.\n",
		".flue/skills/x/SKILL.md", "---\nname: x\ndescription: X.\n---\nDo x.\n",
		".flue/skills/x/references/a.md", "A",
		"r.json", `{"type": "object"}`,
	))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	short, long := p.Agents["short"], p.Agents["long"]
	type m = map[string]any
	got := []any{
		p.Settings.Model, time.Duration(p.Settings.Limits.Timeout), int(p.Settings.Limits.ToolOutput),
		len(short.Steps), short.Steps[0].Prompt, short.Steps[0].Pointer, short.Steps[0].Args, short.Steps[0].Result.File, string(short.Result.JSON()),
		short.Steps[0].Checks[0].Shell, short.Sandbox.Name, short.Triggers.Webhook != nil, short.Tools == nil,
		long.Model, long.Tools != nil && len(*long.Tools) == 0, long.Sandbox.Inline.Type, long.Steps[0].Kind(), long.Steps[0].Commands != nil,
		long.Steps[1].Parallel[0].Pointer, long.Steps[1].Parallel[0].Result.Pos.String(),
		p.Commands["any"].Args.Any, p.Commands["some"].Args.Lines,
		p.Roles["reviewer"].Builtin, p.Roles["reviewer"].Instructions, p.Roles["triager"].Builtin, p.Skills["issue-triage"].Builtin,
		p.Skills["x"].Body, len(p.Documents),
	}
	want := []any{
		ModelList{"a/b", "c/d"}, 90 * time.Minute, 1536,
		1, "Hi.", "", m{"a": 1, "day": "2024-01-01"}, "r.json", `{"type":"object"}`,
		"x", "local", true, true,
		ModelList{"a/b"}, true, "virtual", "skill", true,
		"/steps/1/parallel/0", ".flue/agents/long.yaml:4:65",
		true, []string{"a", "b"},
		false, "Be strict.", true, true,
		"Do x.", 8,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := p.Skills["x"].FS.Open("references/a.md"); err != nil {
		t.Error(err)
	}
}

func TestLoadWithoutProject(t *testing.T) {
	p, problems := Load(files("a.txt", "x"))
	if len(problems) != 1 || problems[0].Rule != "missing-file" || p.Agents == nil {
		t.Errorf("%v", problems)
	}
}

func TestLoadAgentFile(t *testing.T) {
	fsys := files("hello.yaml", "prompt: Hi.\nresult: r.yaml\n", "r.yaml", "type: string\n", "hello.txt", "")
	p, problems := LoadAgentFile(fsys, "hello.yaml")
	if len(problems) > 0 || p.Agents["hello"].Result.Schema == nil || p.Roles["triager"] == nil {
		t.Errorf("%v %+v", problems, p.Agents["hello"])
	}
	for file, want := range map[string]string{"hello.txt": "bad-name", "none.yaml": "missing-file", "A b.yaml": "bad-name"} {
		if _, problems := LoadAgentFile(fsys, file); len(problems) != 1 || problems[0].Rule != want {
			t.Errorf("%s: %v", file, problems)
		}
	}
}

// TestNothingIsShared loads one file from many agents at once; the race detector looks on.
func TestNothingIsShared(t *testing.T) {
	fsys := files("r.yaml", "type: object\nproperties: {a: {$ref: s.yaml}}\n", "s.yaml", "type: string\n")
	for name := range strings.SplitSeq("a b c d e f g h", " ") {
		fsys[".flue/agents/"+name+".yaml"] = &fstest.MapFile{Data: []byte("prompt: x\nresult: r.yaml\n")}
	}
	p, problems := Load(fsys)
	if len(problems) > 0 || len(p.Agents) != 8 || len(p.Documents) != 10 {
		t.Errorf("%v: %d agents, %d documents", problems, len(p.Agents), len(p.Documents))
	}
}

func TestParseSkill(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"good", "---\nname: x\ndescription: X.\nvendor: 1\n---\nDo.\n", ""},
		{"no frontmatter", "Do.\n", "skill-frontmatter"},
		{"not closed", "---\nname: x\n", "skill-frontmatter"},
		{"not YAML", "---\nname: [\n---\n", "skill-frontmatter"},
		{"no name", "---\ndescription: X.\n---\n", "skill-name"},
		{"bad name", "---\nname: X Y\ndescription: X.\n---\n", "skill-name"},
		{"long description", "---\nname: x\ndescription: " + strings.Repeat("x", 1025) + "\n---\n", "skill-description"},
		{"other folder", "---\nname: y\ndescription: X.\n---\n", "name-mismatch"},
		{"a field", "---\nname: x\ndescription: X.\nlicense: [a]\n---\n", "skill-field"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, problems := ParseSkill([]byte(test.source), "skills/x/SKILL.md")
			switch {
			case test.want == "" && (len(problems) > 0 || s == nil || s.Body != "Do."):
				t.Errorf("%v %+v", problems, s)
			case test.want != "" && (len(problems) != 1 || problems[0].Rule != test.want):
				t.Errorf("%v, want %s", problems, test.want)
			}
		})
	}
}

func TestSuggest(t *testing.T) {
	keys := []string{"instructions", "limits", "tools", "thinking", "result", "if", "id"}
	for word, want := range map[string]string{
		"instrctions": "instructions", "Tools": "tools", "tolos": "tools", "system_prompt": "instructions", "max_turns": "limits.turns",
		"output_schema": "result", "cmd": "", "i": "", "fi": "", "resu": "", "colour": "", "": "",
	} {
		if got := Suggest(word, keys); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
