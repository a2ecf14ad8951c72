package awk

import "math/big"

// builtin is a function of the language.
type builtin struct {
	min, max int
	arrays   []int // arguments that must be arrays
	call     func(in *interp, args []expr) value
}

const many = 1 << 20

var builtins map[string]*builtin

func init() {
	builtins = map[string]*builtin{
		"length": {0, 1, nil, length}, "substr": {2, 3, nil, substr}, "index": {2, 2, nil, index},
		"split": {2, 4, nil, split}, "patsplit": {2, 4, nil, patsplit},
		"sub": {2, 3, nil, sub}, "gsub": {2, 3, nil, gsub}, "gensub": {3, 4, nil, gensub}, "match": {2, 3, nil, match},
		"sprintf": {1, many, nil, sprintf},
		"tolower": {1, 1, nil, func(in *interp, args []expr) value { return str(in.lower(in.textArg("tolower", args[0]))) }},
		"toupper": {1, 1, nil, func(in *interp, args []expr) value { return str(in.upper(in.textArg("toupper", args[0]))) }},
		"sin":     {1, 1, nil, sine}, "cos": {1, 1, nil, cosine}, "exp": {1, 1, nil, exp}, "int": {1, 1, nil, truncate},
		"log": {1, 1, nil, logarithm}, "sqrt": {1, 1, nil, squareRoot}, "atan2": {2, 2, nil, atan2},
		"rand":  {0, 0, nil, func(in *interp, _ []expr) value { return num(in.random.next()) }},
		"srand": {0, 1, nil, srand},
		"and":   bits("and", (*big.Int).And), "or": bits("or", (*big.Int).Or), "xor": bits("xor", (*big.Int).Xor),
		"lshift":   shift("lshift", func(a uint64, n uint) uint64 { return a << n }, (*big.Int).Lsh),
		"rshift":   shift("rshift", func(a uint64, n uint) uint64 { return a >> n }, (*big.Int).Rsh),
		"compl":    {1, 1, nil, complement},
		"strtonum": {1, 1, nil, strtonum},
		"mkbool": {1, 1, nil, func(in *interp, args []expr) value {
			return value{kind: number, n: truth(args[0].eval(in).bool()).n, s: isBool}
		}},
		"systime":  {0, 0, nil, func(in *interp, _ []expr) value { return num(float64(in.inv.Now().Unix())) }},
		"strftime": {0, 3, nil, strftime}, "mktime": {1, 2, nil, mktime},
		"system": {1, 1, nil, system}, "close": {1, 2, nil, closeFile}, "fflush": {0, 1, nil, fflush},
		"asort":     {1, 3, nil, func(in *interp, args []expr) value { return in.sortArray("asort", args, false) }},
		"asorti":    {1, 3, nil, func(in *interp, args []expr) value { return in.sortArray("asorti", args, true) }},
		"isarray":   {1, 1, nil, func(in *interp, args []expr) value { return truth(in.typeName(args[0]) == "array") }},
		"typeof":    {1, 2, nil, typeOf},
		"dcgettext": {1, 3, nil, dcgettext}, "dcngettext": {3, 5, nil, dcngettext}, "bindtextdomain": {1, 2, nil, bindtextdomain},
	}
}

func (in *interp) text(e expr) string { return e.eval(in).str(in.convfmt) }
