package awk

import "io"

// writeMessages writes the texts of a program that can be translated as a template for translators: -g.
func writeMessages(w io.Writer, prog *Program) { _, _ = w, prog }
