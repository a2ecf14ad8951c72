package commands

import (
	"bytes"
	order "cmp"
	"context"
	"fmt"
	"slices"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// ptxIndex is the words of the inputs, each with its place.
type ptxIndex struct {
	*ptxOptions
	sentences, words *regex.Regexp // words is nil where letters decides
	letters          [256]bool     // what words are made of
	ignore, only     map[string]bool
	files            []ptxFile
	entries          []ptxEntry
	longest          int // word
	widest           int // reference in the text
	held             int // bytes of the budget
}

type ptxFile struct {
	name  string
	text  []byte
	lines int // up to its last word
}

// ptxEntry is one word. Its places are offsets in its file's text.
type ptxEntry struct {
	file       int
	start, end int
	left       int // where its sentence begins
	right      int // and ends
	line       int // its line, from 1, for -A
	reference  int // where the line's reference begins, for -r
}

// ptxEntrySize is about what an entry takes of memory.
const ptxEntrySize = 64

// prepare compiles the expressions and reads the files that say what a word is.
func (ix *ptxIndex) prepare(ctx context.Context, inv *shell.Invocation) (err error) {
	switch {
	case !ix.sentenceGiven && !ix.traditional && !ix.inText:
		ix.sentence = "[.?!][]\"')}]*\\($\\|\t\\|  \\)[ \t\n]*"
	case !ix.sentenceGiven:
		ix.sentence = "\n"
	}
	if ix.sentences, err = ptxRegexp(inv, ix.sentence, ix.fold); err != nil {
		return err
	}
	if ix.words, err = ptxRegexp(inv, ix.word, ix.fold); err != nil {
		return err
	}
	for c := range ix.letters {
		switch letter := c|0x20 >= 'a' && c|0x20 <= 'z' && c < 0x80; {
		case ix.breakFile != "":
			ix.letters[c] = true
		case ix.traditional:
			ix.letters[c] = c != ' ' && c != '\t' && c != '\n'
		default:
			ix.letters[c] = letter
		}
	}
	if ix.breakFile != "" {
		breaks, err := ix.read(ctx, inv, ix.breakFile)
		if err != nil {
			return err
		}
		if ix.traditional {
			breaks = append(breaks[:len(breaks):len(breaks)], " \t\n"...)
		}
		for _, c := range breaks {
			ix.letters[c] = false
		}
	}
	if ix.ignore, err = ix.wordList(ctx, inv, ix.ignoreFile); err != nil {
		return err
	}
	if ix.only, err = ix.wordList(ctx, inv, ix.onlyFile); err != nil {
		return err
	}
	if len(ix.ignore) == 0 {
		ix.ignore = nil
	}
	return nil
}

// wordList reads the words of -i or -o, a line each; nil without a file.
func (ix *ptxIndex) wordList(ctx context.Context, inv *shell.Invocation, name string) (map[string]bool, error) {
	if name == "" {
		return nil, nil
	}
	text, err := ix.read(ctx, inv, name)
	if err != nil {
		return nil, err
	}
	list := map[string]bool{}
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		if len(line) > 0 {
			list[ix.folded(line)] = true
		}
	}
	return list, nil
}

// folded is the word as it is compared.
func (ix *ptxIndex) folded(word []byte) string {
	if !ix.fold {
		return string(word)
	}
	word = bytes.Clone(word)
	for i, c := range word {
		word[i] = upperByte(c)
	}
	return string(word)
}

func upperByte(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// read reads a whole file; the index holds its memory.
func (ix *ptxIndex) read(ctx context.Context, inv *shell.Invocation, name string) ([]byte, error) {
	shown := name
	if name == "" {
		name, shown = "-", "-"
	}
	r, err := cli.Open(inv, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	defer r.Close()
	data, err := cli.ReadAll(ctx, inv.Budget, r)
	if err == nil && inv.Budget.Hold(len(data)) != nil {
		err = cli.ErrStop
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	ix.held += len(data)
	return data, nil
}

// add reads an input and finds its words.
func (ix *ptxIndex) add(ctx context.Context, inv *shell.Invocation, name string) error {
	text, err := ix.read(ctx, inv, name)
	if err != nil {
		return err
	}
	ix.files = append(ix.files, ptxFile{name: name, text: text})
	line := ptxLine{number: 1, text: text, reference: fieldEnd(text, 0)}
	if ix.inText {
		line.at = trimStart(text, line.reference, len(text))
	}
	for at := 0; at < len(text); {
		next := len(text)
		if ix.sentences != nil {
			if m := ix.sentences.Find(text, at); m != nil {
				if m[0] == at { // even where the match is not empty, as it must not begin a sentence
					return fmt.Errorf("error: regular expression has a match of length zero: %s", cli.QuoteText(ix.sentence))
				}
				next = m[1]
			}
			if err := ix.sentences.Err(); err != nil {
				return err
			}
		}
		end := at + len(bytes.TrimRight(text[at:next], cSpaces))
		if err := ix.addSentence(inv, &line, at, end); err != nil {
			return err
		}
		if inv.Budget.Work(next-at) != nil || ctx.Err() != nil {
			return cli.ErrStop
		}
		at = next
	}
	ix.files[len(ix.files)-1].lines = line.number
	return nil
}

// cSpaces is what isspace(3) takes for white space.
const cSpaces = " \t\n\v\f\r"

// fieldEnd is where the field at begins ends.
func fieldEnd(text []byte, at int) int {
	if i := bytes.IndexAny(text[at:], cSpaces); i >= 0 {
		return at + i
	}
	return len(text)
}

// ptxLine goes through the lines of a text.
type ptxLine struct {
	text      []byte
	number    int
	start     int
	reference int // the end of its first field
	at        int // what was looked at
}

// advance goes to the line of an offset, or stands behind it where that is in the line's first field.
func (l *ptxLine) advance(to int) {
	for l.at < to {
		if l.text[l.at] != '\n' {
			l.at++
			continue
		}
		l.number++
		l.start = l.at + 1
		l.reference = fieldEnd(l.text, l.start)
		l.at = l.reference
	}
}

// addSentence finds the words between two offsets.
func (ix *ptxIndex) addSentence(inv *shell.Invocation, line *ptxLine, left, right int) error {
	text := ix.files[len(ix.files)-1].text
	for at := left; ; {
		start, end := ix.nextWord(text[:right], at)
		if start < 0 {
			return nil
		}
		if at = end; start == end {
			if at++; at > right {
				return nil
			}
			continue
		}
		ix.longest = max(ix.longest, end-start)
		if ix.inText || ix.auto {
			line.advance(start)
		}
		if ix.inText && line.at > start {
			continue // it is part of the reference
		}
		if word := text[start:end]; ix.ignore != nil && ix.ignore[ix.folded(word)] || ix.only != nil && !ix.only[ix.folded(word)] {
			continue
		}
		e := ptxEntry{file: len(ix.files) - 1, start: start, end: end, left: left, right: right, line: line.number, reference: line.start}
		if ix.inText && !ix.auto {
			ix.widest = max(ix.widest, line.reference-line.start)
		}
		if ix.inText && line.start == left {
			left = fieldEnd(text[:right], left)
			left = right - len(bytes.TrimLeft(text[left:right], cSpaces))
			e.left = left
		}
		if inv.Budget.Hold(ptxEntrySize) != nil || inv.Budget.Work(1) != nil {
			return cli.ErrStop
		}
		ix.held += ptxEntrySize
		ix.entries = append(ix.entries, e)
	}
}

// nextWord finds the first word at or after an offset; start is -1 if there is none.
func (ix *ptxIndex) nextWord(text []byte, at int) (start, end int) {
	if ix.words != nil {
		m := ix.words.Find(text[at:], 0)
		if m == nil {
			return -1, -1
		}
		return at + m[0], at + m[1]
	}
	for start = at; start < len(text) && !ix.letters[text[start]]; start++ {
	}
	if start == len(text) {
		return -1, -1
	}
	for end = start; end < len(text) && ix.letters[text[end]]; end++ {
	}
	return start, end
}

// skip goes from an offset over one word, or over one character that is part of none.
func (ix *ptxIndex) skip(text []byte, at int) int {
	if ix.words != nil {
		if m := ix.words.Find(text[at:], 0); m != nil && m[0] == 0 && m[1] > 0 {
			return at + m[1]
		}
		return at + 1
	}
	if at >= len(text) || !ix.letters[text[at]] {
		return at + 1
	}
	for at < len(text) && ix.letters[text[at]] {
		at++
	}
	return at
}

// compare orders entries by their words, then by their places.
func (ix *ptxIndex) compare(a, b ptxEntry) int {
	v, w := ix.files[a.file].text[a.start:a.end], ix.files[b.file].text[b.start:b.end]
	if !ix.fold {
		return order.Or(bytes.Compare(v, w), order.Compare(a.file, b.file), order.Compare(a.start, b.start))
	}
	byWord := slices.CompareFunc(v, w, func(x, y byte) int { return order.Compare(upperByte(x), upperByte(y)) })
	return order.Or(byWord, order.Compare(a.file, b.file), order.Compare(a.start, b.start))
}
