package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// What a page has around its lines, unless -t: two empty lines, the title and two more; five empty ones below.
const prHeader, prTrailer = 5, 5

// printer writes the pages of one file, or of several side by side.
type printer struct {
	*prLayout
	ctx    context.Context
	inv    *shell.Invocation
	out    *bufio.Writer
	status int

	title   string
	when    time.Time
	page    int
	counted int // lines that have a number so far, also on pages that are not printed
	line    prLine
}

// prCell is a line with its number, counted from 1 in the files; nil: there is none at its place.
type prCell struct {
	line   []byte
	number int
}

// print prints files side by side, or one.
func (p *printer) print(names []string) {
	sources := p.open(names)
	if len(sources) == 0 {
		return
	}
	defer func() {
		for _, s := range sources {
			s.lines.Close()
			s.closer.Close()
			if s.err != nil && !errors.Is(s.err, cli.ErrStop) {
				p.inv.Errorf("%s: %v", s.name, s.err)
			}
			if s.err != nil {
				p.status = 1
			}
		}
	}()
	if p.merge {
		p.columns = len(sources)
	}
	p.counted = 0
	for p.page = 1; p.last == 0 || p.page <= p.last; p.page++ {
		going := false
		for _, s := range sources {
			going = s.more() || going
		}
		if !going || p.inv.Budget.Err() != nil {
			break
		}
		if p.page == p.first && p.hasStart {
			p.counted = 0
		}
		p.printPage(sources)
	}
	count := p.page - 1
	if sources[0].feed { // a page begins behind it, even if nothing comes
		count++
	}
	if count = max(count, 1); count < p.first && p.inv.Budget.Err() == nil {
		p.inv.Errorf("starting page number %d exceeds page count %d", p.first, count)
	}
}

func (p *printer) open(names []string) (sources []*prSource) {
	p.title, p.when = names[0], p.inv.Now()
	if p.merge || names[0] == "-" {
		p.title = ""
	}
	if p.hasHeader {
		p.title = p.header
	}
	for _, name := range names {
		r, err := cli.Open(p.inv, name)
		if err != nil {
			if p.status = 1; !p.quiet {
				p.inv.Errorf("%s: %v", name, err)
			}
			continue
		}
		if info, err := p.inv.FS.Stat(p.inv.Path(name)); err == nil && name != "-" && !p.merge {
			p.when = info.ModTime
		}
		sources = append(sources, &prSource{name: name, closer: r, lines: cli.NewLines(p.ctx, p.inv.Budget, r, '\n')})
	}
	return sources
}

// rows is how many rows of lines a page has. With -d each has an empty line below it.
func (p *printer) rows() int {
	rows := p.length
	if !p.bare {
		rows -= prHeader + prTrailer
	}
	if p.double {
		rows /= 2
	}
	return max(rows, 1)
}

// ended says whether it was seen, when the last row of a page was complete, that the page ends there.
func (p *printer) ended(sources []*prSource, rows [][]prCell) bool {
	last := rows[len(rows)-1]
	for i, s := range sources {
		switch {
		case s.feed && s.inFeed:
		case !s.feed && !s.done:
			return false
		case s.done && !s.feed && !s.whole:
		case p.merge && last[i].line != nil, !p.merge && (p.across || p.columns == 1) && last[p.columns-1].line != nil:
			return false
		}
	}
	return true
}

// printPage prints the next page of the sources, or reads over it.
func (p *printer) printPage(sources []*prSource) {
	for _, s := range sources {
		s.feed = false
	}
	var rows [][]prCell
	if p.merge {
		rows = p.sideBySide(sources)
	} else {
		rows = p.arrange(sources[0])
	}
	if p.page < p.first {
		return
	}
	p.head()
	for i, row := range rows {
		p.row(row)
		if p.double && (i < len(rows)-1 || !p.bare || !p.ended(sources, rows)) {
			p.out.WriteByte('\n')
		}
	}
	p.foot(sources, len(rows))
}

// arrange reads a page's lines of one file and puts them into columns.
func (p *printer) arrange(s *prSource) [][]prCell {
	var cells []prCell
	for rows := p.rows(); len(cells) < rows*p.columns; {
		line, ok := s.next()
		if !ok {
			break
		}
		p.counted++
		cells = append(cells, prCell{append(make([]byte, 0, len(line)), line...), p.counted})
	}
	if len(cells) == p.rows()*p.columns {
		s.full()
	}
	table := make([][]prCell, (len(cells)+p.columns-1)/p.columns)
	for i := range table {
		table[i] = make([]prCell, p.columns)
	}
	if p.across {
		for i, cell := range cells {
			table[i/p.columns][i%p.columns] = cell
		}
		return table
	}
	next := cells
	for c := range p.columns {
		height := len(cells) / p.columns
		if c < len(cells)%p.columns {
			height++
		}
		for i, cell := range next[:height] {
			table[i][c] = cell
		}
		next = next[height:]
	}
	return table
}

// sideBySide reads a page's lines of several files. Where one has ended, its column is empty.
func (p *printer) sideBySide(sources []*prSource) (table [][]prCell) {
	for range p.rows() {
		row, any := make([]prCell, len(sources)), false
		for i, s := range sources {
			line, ok := s.next()
			if ok {
				row[i].line, any = append(make([]byte, 0, len(line)), line...), true
			}
		}
		if !any {
			return table
		}
		p.counted++
		row[0].number = p.counted
		table = append(table, row)
	}
	for _, s := range sources {
		s.full()
	}
	return table
}

// head prints what is above a page's lines.
func (p *printer) head() {
	if p.bare {
		return
	}
	when := datetime.Format(p.when.UTC(), p.date)
	number := fmt.Sprintf("Page %d", p.page)
	room := max(p.width-len(when)-len(number)-len(p.title), 0)
	left := room / 2
	p.indent()
	p.fill()
	fmt.Fprintf(p.out, "\n\n%*s%s%*s%s%*s%s\n\n\n", p.margin, "", when, left, " ", p.title, room-left, " ", number)
}

// foot prints what is below so many rows.
func (p *printer) foot(sources []*prSource, printed int) {
	switch {
	case p.bare:
		for _, s := range sources {
			if s.feed && !p.noFeeds {
				p.out.WriteByte('\f')
				break
			}
		}
	case p.formFeed:
		if printed == 0 {
			p.out.WriteByte('\n')
		}
		p.out.WriteByte('\f')
	default:
		empty := p.rows() - printed
		if p.double {
			empty *= 2
		}
		for range empty + prTrailer {
			p.out.WriteByte('\n')
		}
	}
}
