package commands

import (
	"bufio"
	"context"
	"errors"
	"math/big"
	"math/bits"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// maxFactorDigits bounds the numbers that factor takes.
const maxFactorDigits = 1000

func factor(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "h", Long: "exponents=h", Usage: "[OPTION] [NUMBER]...\nPrint the prime factors of each NUMBER, or of those on standard input.\n\n  -h, --exponents   p^e for repeated factors\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	f := &factorizer{ctx: ctx, inv: inv, out: bufio.NewWriter(inv.Stdout), powers: len(p.Options) > 0}
	for _, text := range p.Operands {
		if !f.print(text) {
			status = 1
		}
	}
	if len(p.Operands) == 0 {
		lines := cli.NewLines(ctx, inv.Budget, inv.Stdin, '\n')
		defer lines.Close()
		for {
			line, _, err := lines.Next()
			if err != nil {
				if errors.Is(err, cli.ErrStop) {
					return 1
				}
				break
			}
			for _, word := range strings.Fields(string(line)) {
				if !f.print(word) {
					status = 1
				}
			}
		}
	}
	if f.out.Flush() != nil || inv.Budget.Err() != nil {
		return 1
	}
	return status
}

type factorizer struct {
	ctx    context.Context
	inv    *shell.Invocation
	out    *bufio.Writer
	powers bool
}

func (f *factorizer) print(text string) bool {
	digits := strings.TrimPrefix(strings.TrimSpace(text), "+")
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok || strings.Trim(digits, "0123456789") != "" || len(digits) > maxFactorDigits {
		f.out.Flush()
		f.inv.Errorf("%s is not a valid positive integer", cli.QuoteText(text))
		return false
	}
	var primes []*big.Int
	if n.Sign() > 0 {
		if primes = f.factors(n, nil); primes == nil && n.Cmp(big.NewInt(1)) > 0 {
			return false
		}
	}
	sortInts(primes)
	f.out.WriteString(n.String() + ":")
	for i := 0; i < len(primes); {
		j := i
		for j < len(primes) && primes[j].Cmp(primes[i]) == 0 {
			j++
		}
		if f.powers && j-i > 1 {
			f.out.WriteString(" " + primes[i].String() + "^" + big.NewInt(int64(j-i)).String())
		} else {
			f.out.WriteString(strings.Repeat(" "+primes[i].String(), j-i))
		}
		i = j
	}
	f.out.WriteByte('\n')
	return true
}

func sortInts(list []*big.Int) {
	for i := range list {
		for j := i; j > 0 && list[j].Cmp(list[j-1]) < 0; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

// factors finds the prime factors of n: by trial up to 1000, then by Pollard's rho (Brent's variant). nil if the budget ends.
func (f *factorizer) factors(n *big.Int, found []*big.Int) []*big.Int {
	if n.IsUint64() {
		return f.factors64(n.Uint64())
	}
	n = new(big.Int).Set(n)
	rest := new(big.Int)
	for d := int64(2); d < 1000; d++ {
		p := big.NewInt(d)
		for {
			q, r := new(big.Int).QuoRem(n, p, rest)
			if r.Sign() != 0 {
				break
			}
			found, n = append(found, p), q
		}
	}
	if n.Cmp(big.NewInt(1)) > 0 {
		return f.split(n, found)
	}
	return found
}

// factors64 is factors of a number that fits in a word.
func (f *factorizer) factors64(n uint64) (found []*big.Int) {
	for d := uint64(2); d < 1000 && d*d <= n; d++ {
		for n%d == 0 {
			found, n = append(found, new(big.Int).SetUint64(d)), n/d
		}
	}
	switch last := new(big.Int).SetUint64(n); {
	case n == 1:
		return found
	case n < 1000*1000: // a factor would have been found
		return append(found, last)
	default:
		return f.split(last, found)
	}
}

func (f *factorizer) split(n *big.Int, found []*big.Int) []*big.Int {
	rounds, rho := 20, f.rho
	if n.IsUint64() {
		rounds, rho = 0, f.rho64 // the test of Baillie, Pomerance, Selfridge and Wagstaff is certain there
	}
	if n.ProbablyPrime(rounds) {
		return append(found, n)
	}
	for c := int64(1); ; c++ {
		d := rho(n, c)
		if d == nil {
			return nil
		}
		if d.Cmp(n) == 0 {
			continue
		}
		if found = f.split(d, found); found == nil {
			return nil
		}
		return f.split(new(big.Int).Quo(n, d), found)
	}
}

// rho looks for a divisor of n with the sequence x² + c.
func (f *factorizer) rho(n *big.Int, c int64) *big.Int {
	x, y, g, product := big.NewInt(2), big.NewInt(2), big.NewInt(1), big.NewInt(1)
	add := big.NewInt(c)
	step := func(v *big.Int) {
		v.Mul(v, v).Add(v, add).Mod(v, n)
	}
	diff := new(big.Int)
	for r := 1; g.Cmp(big.NewInt(1)) == 0; r *= 2 {
		x.Set(y)
		for i := 0; i < r; i++ {
			step(y)
			if diff.Sub(x, y).Abs(diff).Sign() == 0 {
				return n
			}
			product.Mul(product, diff).Mod(product, n)
			if i%64 == 63 || i == r-1 {
				if f.inv.Budget.Work(64*len(n.Bits())) != nil || f.ctx.Err() != nil {
					return nil
				}
				if product.Sign() == 0 {
					return n
				}
				if g.GCD(nil, nil, product, n); g.Cmp(big.NewInt(1)) != 0 {
					break
				}
			}
		}
	}
	return g
}

// rho64 is rho of a number that fits in a word.
func (f *factorizer) rho64(n *big.Int, c int64) *big.Int {
	m := n.Uint64()
	multiply := func(a, b uint64) uint64 { // both less than m
		high, low := bits.Mul64(a, b)
		return bits.Rem64(high, low, m)
	}
	step := func(v uint64) uint64 {
		sum, carry := bits.Add64(multiply(v, v), uint64(c), 0)
		return bits.Rem64(carry, sum, m)
	}
	x, y, product := uint64(2), uint64(2), uint64(1)
	for r := 1; ; r *= 2 {
		x = y
		for i := 0; i < r; i++ {
			y = step(y)
			if x == y {
				return n
			}
			product = multiply(product, max(x, y)-min(x, y))
			if i%64 == 63 || i == r-1 {
				if f.inv.Budget.Work(64) != nil || f.ctx.Err() != nil {
					return nil
				}
				if g := gcd(product, m); g != 1 {
					return new(big.Int).SetUint64(g)
				}
			}
		}
	}
}

// gcd is the greatest common divisor; that with 0 is the number itself.
func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
