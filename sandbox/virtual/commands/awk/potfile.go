package awk

import (
	"fmt"
	"io"
)

// writeMessages writes the texts of a program that can be translated as a template for translators: -g.
func writeMessages(w io.Writer, prog *Program) {
	for _, m := range prog.layout.messages {
		fmt.Fprintf(w, "msgid %s\n", quoteText(m[0]))
		if m[1] == "" {
			fmt.Fprint(w, "msgstr \"\"\n\n")
			continue
		}
		fmt.Fprintf(w, "msgid_plural %s\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n\n", quoteText(m[1]))
	}
}
