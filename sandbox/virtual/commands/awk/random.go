package awk

// generator is the additive feedback generator of BSD's random(3), shuffled by Bays' and Durham's method and seeded as in
// gawk, so that a program finds the numbers that it finds there.
type generator struct {
	state       [63]uint32
	front, back int
	shuffled    [512]uint32
	last        uint32
	seedWith    float64
}

func (g *generator) seed(n float64) {
	g.seedWith = n
	x := int32(uint32(int64(n)))
	for i := range g.state {
		if i > 0 {
			x = parkMiller(x)
		}
		g.state[i] = uint32(x)
	}
	g.front, g.back = 1, 0
	for i := range g.shuffled {
		g.shuffled[i] = g.raw()
	}
	g.last = g.raw()
	for range 10 * len(g.state) {
		g.random()
	}
}

// parkMiller is the minimal standard generator: 7⁵x mod 2³¹-1.
func parkMiller(x int32) int32 {
	if x == 0 {
		x = 123459876
	}
	x = 16807*(x%127773) - 2836*(x/127773)
	if x < 0 {
		x += 1<<31 - 1
	}
	return x
}

// raw is a whole number of 31 bits.
func (g *generator) raw() uint32 {
	g.state[g.front] += g.state[g.back]
	r := g.state[g.front] >> 1
	g.front = (g.front + 1) % len(g.state)
	g.back = (g.back + 1) % len(g.state)
	return r
}

// random is one of those that wait to be taken; which, the last one says.
func (g *generator) random() uint32 {
	at := g.last % uint32(len(g.shuffled))
	g.last = g.shuffled[at]
	g.shuffled[at] = g.raw()
	return g.last
}

// next is a number from 0 up to 1.
func (g *generator) next() float64 {
	const limit = 1 << 31
	for {
		low, high := float64(g.random()), float64(g.random())
		if r := 0.5 + (low/limit+high)/limit - 0.5; r < 1 {
			return r
		}
	}
}
