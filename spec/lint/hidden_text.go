package lint

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/spec"
)

var hiddenText = &Rule{
	Name:     "hidden-text",
	Severity: spec.Error,
	Group:    Secrets,
	Doc: `Characters that a person does not see, but a model reads: zero-width ones, those that turn the direction of text around, tags
and the other letters of Unicode that have no shape. Instructions can be hidden in them. flue looks at its own files, AGENTS.md,
CLAUDE.md, and the text files of skills (4 MiB of them). What languages and emoji need is left alone; in YAML an escape such
as "\u200b" can be seen.`,
	Bad:  "prompt: Say hello.\u200b\u200b\n",
	Good: "prompt: Say hello 👩\u200d💻.\n",
	Check: func(p *Pass) {
		for _, d := range p.Project.Documents {
			reportHidden(p, d)
		}
		for _, file := range textsOfModel(p.Project) {
			if d := p.open(file); d != nil {
				reportHidden(p, d)
			}
		}
	},
}

// maxTexts is how much of the skills' files is looked at, in bytes: a skill may come with large data.
const maxTexts = 4 << 20

// textsOfModel are the files that are no documents of the project, but that a model may be given.
func textsOfModel(p *spec.Project) []string {
	files, size := []string{"AGENTS.md", "CLAUDE.md"}, int64(0)
	for _, root := range []string{".agents/skills", ".flue/skills"} {
		if _, err := fs.Stat(p.FS, root); err != nil {
			continue
		}
		// What cannot be read is no text that a model is given.
		_ = fs.WalkDir(p.FS, root, func(file string, entry fs.DirEntry, err error) error {
			isDocument := root == ".flue/skills" && path.Base(file) == "SKILL.md" && strings.Count(file, "/") == 3
			if err != nil || isDocument || !entry.Type().IsRegular() {
				return nil
			}
			if info, err := entry.Info(); err == nil && size+info.Size() <= maxTexts {
				size += info.Size()
				files = append(files, file)
			}
			return nil
		})
	}
	return files
}

func reportHidden(p *Pass, d *spec.Document) {
	text, last := string(d.Source), -1
	for at, r := range text {
		size := utf8.RuneLen(r)
		if size < 0 || r < 0x80 || !isHidden(text, at, r) {
			continue
		}
		if at != last { // only the first of several in a row
			end := at + size
			for _, next := range text[end:] {
				if !isHidden(text, end, next) {
					break
				}
				end += utf8.RuneLen(next)
			}
			hint := "remove it; where it is wanted in YAML, write it as an escape in double quotes"
			p.Add(spec.Problem{Pos: d.Pos(at), End: d.Pos(end), Text: hiddenIn(text[at:end]), Hint: hint})
		}
		last = at + size
	}
}

func hiddenIn(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if n := utf8.RuneCountInString(text); n > 1 {
		return fmt.Sprintf("%d characters that cannot be seen, the first of them U+%04X", n, first)
	}
	return fmt.Sprintf("a character that cannot be seen: U+%04X", first)
}

// isHidden says whether the character at a byte of a text has no shape and no purpose there.
func isHidden(text string, at int, r rune) bool {
	switch {
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // direction
	case r == 0x200b, r >= 0x2060 && r <= 0x2064, r == 0x180e, r == 0xad: // zero width
	case r == 0xfeff && at > 0:
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0: // fillers
	case r >= 0xe0100 && r <= 0xe01ef: // variation selectors that no font of today's has
	case r >= 0xfe00 && r <= 0xfe0f:
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		return before >= 0xfe00 && before <= 0xfe0f // one chooses a form of what is before it, more of them carry text
	case r == 0x200c, r == 0x200d: // joiners, where nothing is to be joined
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+3:])
		return before < 0x80 || after < 0x80
	case r >= 0xe0000 && r <= 0xe007f: // tags, which make flags of regions
		return !strings.ContainsRune(text[max(0, at-40):at], '🏴')
	default:
		return false
	}
	return true
}
