package awk

import "unicode/utf8"

func ord(in *interp, args []expr) value {
	s := in.text(args[0])
	if s == "" {
		return num(0)
	}
	if r, size := utf8.DecodeRuneInString(s); in.utf8 && size > 1 {
		return num(float64(r))
	}
	return num(float64(s[0]))
}

func chr(in *interp, args []expr) value {
	return str(string([]byte{byte(int64(args[0].eval(in).num()))}))
}
