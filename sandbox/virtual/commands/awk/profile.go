package awk

// countedStmt counts how often a statement runs.
type countedStmt struct {
	stmt
	n int
}

func (s *countedStmt) exec(in *interp) control {
	s.n++
	return s.stmt.exec(in)
}
