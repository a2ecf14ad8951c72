package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/model"
)

// mostFiles is how many files of each kind a summary names: the latest.
const mostFiles = 100

// shortestResult is the least that is left of a result whose middle is cut out, in bytes.
const shortestResult = 1 << 10

// estimate guesses how many tokens messages are.
func estimate(messages []model.Message) int {
	return model.EstimateRequest(&model.Request{Messages: messages})
}

// tokens is how long a request with t's messages is: what the provider counted for the last answer and an estimate of
// what came after it, or an estimate of all where it did not count.
func (t *talk) tokens(req *model.Request) int {
	for i := len(t.messages) - 1; i >= t.fresh; i-- {
		if m := t.messages[i]; m.Role == model.Assistant {
			if m.Usage == nil || m.Usage.Estimated {
				break
			}
			return m.Usage.Total() + estimate(t.messages[i+1:])
		}
	}
	return model.EstimateRequest(req)
}

// cut is how many of the first messages to fold so that the others are about keep tokens: always the latest answer with
// its results, or the latest text. It is never between a call and its result. 0: there is nothing worth folding.
func (t *talk) cut(keep int) int {
	cut, size := 0, 0
	for i := len(t.messages) - 1; i > 0; i-- {
		size += model.EstimateBlocks(t.messages[i].Blocks)
		if cut > 0 && size > keep {
			break
		}
		if !holdsResults(t.messages[i]) {
			cut = i
		}
	}
	if cut == 1 { // one message alone, such as the step's text or an earlier summary
		return 0
	}
	return cut
}

func holdsResults(m model.Message) bool {
	return slices.ContainsFunc(m.Blocks, func(b model.Block) bool { return b.Type == model.ResultBlock })
}

// compact puts the summary in place of the messages that it stands for, and cuts the results of the others, as a
// compaction_end says.
func (t *talk) compact(e Event) {
	if e.Message != nil {
		t.messages = append([]model.Message{*e.Message}, t.messages[e.Replaced:]...)
		t.began = max(t.began-e.Replaced+1, 0)
		t.read, t.modified = e.FilesRead, e.FilesModified
	}
	if e.MaxResult > 0 {
		t.messages = slices.Clone(t.messages)
		for i, m := range t.messages {
			t.messages[i].Blocks = slices.Clone(m.Blocks)
			for j, b := range m.Blocks {
				if b.Type == model.ResultBlock {
					t.messages[i].Blocks[j].Text = elide(b.Text, e.MaxResult, "; ask for less at a time to see it")
				}
			}
		}
	}
	t.fresh = len(t.messages) // what was counted before says nothing any more
}

// files are the files that the calls of the first n messages read and changed, behind those of earlier summaries.
func (t *talk) files(n int) (read, modified []string) {
	failed := map[string]bool{}
	for _, m := range t.messages[:n] {
		for _, b := range m.Blocks {
			failed[b.ID] = failed[b.ID] || b.IsError
		}
	}
	read, modified = slices.Clone(t.read), slices.Clone(t.modified)
	for _, m := range t.messages[:n] {
		for _, call := range m.Calls() {
			var args struct{ Path string }
			if failed[call.ID] || json.Unmarshal(call.Args, &args) != nil || args.Path == "" {
				continue
			}
			switch call.Name {
			case "read":
				read = latest(read, args.Path)
			case "write", "edit":
				modified = latest(modified, args.Path)
			}
		}
	}
	return read, modified
}

// latest is list with file at its end, once.
func latest(list []string, file string) []string {
	list = append(slices.DeleteFunc(list, func(f string) bool { return f == file }), file)
	return list[max(len(list)-mostFiles, 0):]
}

// summary is the message that stands for those that a compaction replaces: the model's summary, the files, and the text
// of the step at hand where it is among them, at most limit bytes of it.
func (t *talk) summary(text string, e Event, limit int) model.Message {
	var b strings.Builder
	fmt.Fprintf(&b, "The conversation before this was summarized, to make room. Go on from here.\n\n<summary>\n%s\n</summary>", strings.TrimSpace(text))
	for _, list := range []struct {
		name  string
		files []string
	}{{"files_read", e.FilesRead}, {"files_modified", e.FilesModified}} {
		if len(list.files) > 0 {
			fmt.Fprintf(&b, "\n\n<%s>\n%s\n</%[1]s>", list.name, strings.Join(list.files, "\n"))
		}
	}
	if t.began < e.Replaced {
		fmt.Fprintf(&b, "\n\nThis is the task at hand, as it was given:\n\n<task>\n%s\n</task>", elide(t.task, max(limit, shortestResult), ""))
	}
	return model.UserText(b.String())
}

// tell is a conversation as one text of at most limit tokens, for a model that is to summarize it. The longer a part, the
// sooner its middle is cut out.
func tell(messages []model.Message, limit int) string {
	most := 4 * limit
	for part := 16 << 10; ; part /= 2 {
		var b strings.Builder
		for i, m := range messages {
			for _, block := range m.Blocks {
				length := part
				if i == 0 {
					length = max(part, most/2) // the task, or an earlier summary
				}
				switch block.Type {
				case model.TextBlock:
					fmt.Fprintf(&b, "[%s]\n%s\n\n", m.Role, elide(block.Text, length, ""))
				case model.CallBlock:
					fmt.Fprintf(&b, "[%s calls %s]\n%s\n\n", m.Role, block.Name, elide(string(block.Args)+block.BadArgs, length, ""))
				case model.ResultBlock:
					fmt.Fprintf(&b, "[result of %s]\n%s\n\n", block.Name, elide(block.Text, length, ""))
				}
			}
		}
		if b.Len() <= most || part <= 128 {
			return "<conversation>\n" + elide(b.String(), most, "") + "</conversation>\n\nWrite the summary."
		}
	}
}

// longestResult is how many bytes each result in messages may have so that all are about keep tokens; 0 where none has more.
func longestResult(messages []model.Message, keep int) int {
	count, longest := 0, 0
	for _, m := range messages {
		for _, b := range m.Blocks {
			if b.Type == model.ResultBlock {
				count, longest = count+1, max(longest, len(b.Text))
			}
		}
	}
	if most := max(4*keep/max(count, 1), shortestResult); longest > most {
		return most
	}
	return 0
}

// elide is text in at most limit bytes: its head and its tail, and between them what was left out, and advice.
func elide(text string, limit int, advice string) string {
	if len(text) <= limit {
		return text
	}
	half := max(limit-100-len(advice), 0) / 2
	head, tail := strings.ToValidUTF8(text[:half], ""), strings.ToValidUTF8(text[len(text)-half:], "")
	return fmt.Sprintf("%s\n[… %d bytes left out to save room%s …]\n%s", head, len(text)-len(head)-len(tail), advice, tail)
}
