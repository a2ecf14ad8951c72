package awk

import "math"

func intdiv(in *interp, args []expr) value {
	a, b := math.Trunc(args[0].eval(in).num()), math.Trunc(args[1].eval(in).num())
	result := args[2].(arrayExpr).arrayOf(in)
	in.clear(result)
	if b == 0 {
		in.warn("intdiv: division by zero attempted")
		return num(-1)
	}
	in.put(result, "quotient", num(math.Trunc(a/b)))
	in.put(result, "remainder", num(math.Mod(a, b)))
	return num(0)
}
