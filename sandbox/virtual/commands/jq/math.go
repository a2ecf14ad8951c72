package jq

import "math"

func mathFunctions(table map[string]function) {
	need := func(v any) (float64, error) {
		f, ok := number(v)
		if !ok {
			return 0, fail("%s number required", describe(v))
		}
		return f, nil
	}
	for name, f := range map[string]func(float64) float64{
		"floor": math.Floor, "ceil": math.Ceil, "round": math.Round, "trunc": math.Trunc, "fabs": math.Abs, "sqrt": math.Sqrt,
		"cbrt": math.Cbrt, "sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "asin": math.Asin, "acos": math.Acos,
		"atan": math.Atan, "sinh": math.Sinh, "cosh": math.Cosh, "tanh": math.Tanh, "asinh": math.Asinh, "acosh": math.Acosh,
		"atanh": math.Atanh, "exp": math.Exp, "exp2": math.Exp2, "expm1": math.Expm1, "log": math.Log, "log2": math.Log2,
		"log10": math.Log10, "log1p": math.Log1p, "rint": math.RoundToEven, "nearbyint": math.RoundToEven,
		"tgamma": math.Gamma, "logb": math.Logb, "j0": math.J0, "j1": math.J1, "y0": math.Y0, "y1": math.Y1,
		"exp10": func(x float64) float64 { return math.Pow(10, x) },
		"pow10": func(x float64) float64 { return math.Pow(10, x) },
		"gamma": lgamma, "lgamma": lgamma, "lgamma_r": lgamma,
		"significand": func(x float64) float64 {
			if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
				return x
			}
			frac, _ := math.Frexp(x)
			return 2 * frac
		},
	} {
		table[name+"/0"] = func(_ *machine, in any, _ []any) (any, error) {
			x, err := need(in)
			return f(x), err
		}
	}
	for name, f := range map[string]func(x, y float64) float64{
		"pow": math.Pow, "atan2": math.Atan2, "fmod": math.Mod, "fmin": math.Min, "fmax": math.Max, "hypot": math.Hypot,
		"fdim": math.Dim, "copysign": math.Copysign, "nextafter": math.Nextafter, "nexttoward": math.Nextafter,
		"drem":  math.Remainder,
		"ldexp": scaled, "scalb": scaled, "scalbln": scaled,
	} {
		table[name+"/2"] = func(_ *machine, _ any, args []any) (any, error) {
			x, err := need(args[0])
			if err != nil {
				return nil, err
			}
			y, err := need(args[1])
			return f(x, y), err
		}
	}
	table["fma/3"] = func(_ *machine, _ any, args []any) (any, error) {
		var n [3]float64
		for i, a := range args {
			f, err := need(a)
			if err != nil {
				return nil, err
			}
			n[i] = f
		}
		return math.FMA(n[0], n[1], n[2]), nil
	}
	table["frexp/0"] = func(_ *machine, in any, _ []any) (any, error) {
		x, err := need(in)
		frac, exp := math.Frexp(x)
		return NewArray([]any{frac, float64(exp)}), err
	}
	table["modf/0"] = func(_ *machine, in any, _ []any) (any, error) {
		x, err := need(in)
		whole, frac := math.Modf(x)
		if math.IsInf(x, 0) {
			frac = 0
		}
		return NewArray([]any{frac, whole}), err
	}
	for name, test := range map[string]func(float64) bool{
		"isnan":      math.IsNaN,
		"isinfinite": func(x float64) bool { return math.IsInf(x, 0) },
		"isnormal": func(x float64) bool {
			return x != 0 && !math.IsNaN(x) && !math.IsInf(x, 0) && math.Abs(x) >= 0x1p-1022
		},
	} {
		table[name+"/0"] = func(_ *machine, in any, _ []any) (any, error) {
			x, err := need(in)
			return test(x), err
		}
	}
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

func scaled(x, exp float64) float64 { return math.Ldexp(x, int(math.Max(-5000, math.Min(5000, exp)))) }
