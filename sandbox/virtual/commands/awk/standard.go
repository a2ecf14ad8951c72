package awk

import "strings"

// gawkFunctions are those that --posix and --traditional do not know.
var gawkFunctions = strings.Fields("and asort asorti bindtextdomain compl dcgettext dcngettext gensub isarray lshift mkbool mktime or patsplit rshift strftime strtonum systime typeof xor")

// gawkVariables are those that are like any other with --posix and --traditional.
var gawkVariables = map[string]bool{"ARGIND": true, "BINMODE": true, "ERRNO": true, "FIELDWIDTHS": true, "FPAT": true, "IGNORECASE": true, "LINT": true,
	"PREC": true, "ROUNDMODE": true, "RT": true, "TEXTDOMAIN": true, "SYMTAB": true, "FUNCTAB": true, "PROCINFO": true}
