package regex

// kind is what a node matches.
type kind int

const (
	empty       kind = iota
	char             // r
	anyChar          // .
	set              // set
	group            // sub[0], captured
	sequence         // sub
	alternation      // sub
	repeat           // sub[0] from min to max times, max -1 without end
	backref          // n
	lineStart
	lineEnd
	textStart
	textEnd
	wordEdge
	notWordEdge
	wordStart
	wordEnd
)

// node is a part of a pattern.
type node struct {
	kind     kind
	r        rune
	n        int
	min, max int
	set      *charSet
	sub      []*node
}
