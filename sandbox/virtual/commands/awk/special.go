package awk

import "unicode/utf8"

// The special variables, by their place in specials.
const (
	varNF = iota
	varNR
	varFNR
	varFS
	varOFS
	varRS
	varORS
	varSUBSEP
	varCONVFMT
	varOFMT
	varIGNORECASE
	varFPAT
	varFIELDWIDTHS
	varRSTART
	varRLENGTH
	varFILENAME
	varRT
	varERRNO
	varARGIND
	varBINMODE
	varLINT
	varTEXTDOMAIN
	varPREC
	varROUNDMODE
	specialCount
)

var specials = []string{"NF", "NR", "FNR", "FS", "OFS", "RS", "ORS", "SUBSEP", "CONVFMT", "OFMT", "IGNORECASE", "FPAT",
	"FIELDWIDTHS", "RSTART", "RLENGTH", "FILENAME", "RT", "ERRNO", "ARGIND", "BINMODE", "LINT", "TEXTDOMAIN", "PREC", "ROUNDMODE"}

// setSpecial assigns a special variable, with what follows from it.
func (in *interp) setSpecial(which int, v value) {
	switch which {
	case varNF:
		in.setNF(v)
		return
	case varFS, varFPAT, varFIELDWIDTHS:
		in.splitRecord()
	case varOFS:
		in.record()
	}
	in.special[which] = v
	s := v.str("%.6g")
	if in.linting.on {
		in.lintSpecial(which, s)
	}
	switch which {
	case varFS, varFPAT, varFIELDWIDTHS:
		if info := in.information(); info != nil {
			in.put(info, "FS", str(specials[which]))
		}
	}
	if in.csv && (which == varFS || which == varFPAT || which == varFIELDWIDTHS) {
		in.warn("assignment to %s has no effect when using --csv", specials[which])
		return
	}
	switch which {
	case varFS:
		in.fs = in.splitterOf(s)
	case varFPAT:
		in.fs = splitter{mode: 'p', re: in.dynamic(s)}
	case varFIELDWIDTHS:
		in.fs = splitter{mode: 'w', widths: in.widths(s)}
	case varOFS:
		in.ofs = s
	case varORS:
		in.ors = s
	case varRS:
		in.rs = s
		in.rsRE = nil
		if utf8.RuneCountInString(s) > 1 {
			in.rsRE = in.dynamic(s)
		}
	case varSUBSEP:
		in.subsep = s
	case varCONVFMT:
		in.convfmt = s
	case varOFMT:
		in.ofmt = s
	case varLINT:
		in.setLint(v)
	case varPREC, varROUNDMODE:
		if in.bignum && !in.exact.assign(specials[which], v) {
			in.warn("%s value `%s' is invalid", specials[which], s)
		}
	case varIGNORECASE:
		if on := v.bool(); on != in.ignoreCase {
			in.ignoreCase = on
			clear(in.regexes)
			if in.fs.mode == 'r' || in.fs.mode == ' ' {
				in.setSpecial(varFS, in.special[varFS])
			}
			in.setSpecial(varRS, in.special[varRS])
		}
	}
}
