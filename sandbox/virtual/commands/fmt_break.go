package commands

import "strings"

// fillWord is a word of a paragraph with the columns behind it.
type fillWord struct {
	text                        string
	space                       int
	paren, period, punct, final bool // how it begins and ends; final: it ends a sentence
	lineLength                  int  // of the line that begins with it
	cost, next                  int  // of the best way to break from here on, and where its line ends
}

func newFillWord(text string) fillWord {
	last := text[len(text)-1]
	bare := len(text) - 1
	for bare > 0 && strings.IndexByte(")]'\"", text[bare]) >= 0 {
		bare--
	}
	return fillWord{
		text:   text,
		paren:  strings.IndexByte("([\"'`", text[0]) >= 0,
		punct:  last > ' ' && last < 0x7f && !isAlnumByte(last),
		period: strings.IndexByte(".?!", text[bare]) >= 0,
	}
}

func isAlnumByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// The costs are those of GNU fmt: a break is dear where a line is short of the goal or much unlike the next one, and
// where a sentence has its first or last word alone; it is cheap at the end of a sentence.
func (f *filler) breakCost(i int) int {
	cost := 70 * 70
	if i > 0 {
		switch prev := f.words[i-1]; {
		case prev.period && prev.final:
			cost -= 50 * 50
		case prev.period:
			cost += 600 * 600
		case prev.punct:
			cost -= 40 * 40
		case i > 1 && f.words[i-2].final:
			cost += 200 * 200 / (len(prev.text) + 2)
		}
	}
	if w := f.words[i]; w.paren {
		cost -= 40 * 40
	} else if w.final {
		cost += 150 * 150 / (len(w.text) + 2)
	}
	return cost
}

// shortCost is that of n columns too few, raggedCost that of n columns between two lines.
func shortCost(n int) int  { return 100 * n * n }
func raggedCost(n int) int { return shortCost(n) / 2 }

func (f *filler) lineCost(next, length int) int {
	if next == len(f.words) {
		return 0
	}
	cost := shortCost(f.goal - length)
	if w := f.words[next]; w.next != len(f.words) {
		cost += raggedCost(length - w.lineLength)
	}
	return cost + f.words[next].cost
}

// breakLines finds the breaks that cost least.
func (f *filler) breakLines() {
	n := len(f.words)
	for i := n - 1; i >= 0; i-- {
		w := &f.words[i]
		length := f.second
		if i == 0 {
			length = f.first
		}
		length += len(w.text)
		best := maxFillCost
		for next := i + 1; ; next++ {
			cost := f.lineCost(next, length)
			if i == 0 && f.lastLength > 0 {
				cost += raggedCost(length - f.lastLength)
			}
			if cost < best {
				best, w.next, w.lineLength = cost, next, length
			}
			if next == n {
				break
			}
			if length += f.words[next-1].space + len(f.words[next].text); length >= f.width {
				break
			}
		}
		w.cost = best + f.breakCost(i)
	}
}

const maxFillCost = 1 << 60

// flushPart writes as much of a long paragraph as its cheapest break allows.
func (f *filler) flushPart() {
	f.breakLines()
	n, best := len(f.words), maxFillCost
	at := n
	for i := f.words[0].next; i < n; i = f.words[i].next {
		rest := 0
		if next := f.words[i].next; next < n {
			rest = f.words[next].cost
		}
		if saved := f.words[i].cost - rest; saved < best {
			at, best = i, saved
		}
		if best <= maxFillCost-9 {
			best += 9 // later breaks are a little better
		}
	}
	f.put(at)
	f.words = append(f.words[:0], f.words[at:]...)
}

// put writes the lines of the words before end.
func (f *filler) put(end int) {
	for i := 0; i < end; i = f.words[i].next {
		indent := f.second
		if i == 0 {
			indent = f.first
		}
		column := f.space(0, f.prefixIndent)
		f.out.WriteString(f.prefix)
		column += len(f.prefix)
		column = f.space(column, indent-column)
		for j := i; j < f.words[i].next; j++ {
			f.out.WriteString(f.words[j].text)
			column += len(f.words[j].text)
			if j+1 < f.words[i].next {
				column = f.space(column, f.words[j].space)
			}
		}
		f.lastLength = column
		f.out.WriteByte('\n')
	}
}

// space writes n columns of blanks, as tabs where the input has some, and returns the column behind them.
func (f *filler) space(column, n int) int {
	target := column + n
	if stop := target / 8 * 8; f.tabs && column+1 < stop {
		for ; column < stop; column = (column/8 + 1) * 8 {
			f.out.WriteByte('\t')
		}
	}
	for ; column < target; column++ {
		f.out.WriteByte(' ')
	}
	return column
}
