package model

// UniqueIDs gives the calls in blocks new ids where they have none, or one that is taken: by an earlier of them or in
// history. Adapters use it, since not every provider keeps ids unique.
func UniqueIDs(blocks []Block, history []Message, newID func() string) {
	taken := map[string]bool{"": true}
	for i := range blocks {
		b := &blocks[i]
		if b.Type != CallBlock {
			continue
		}
		if len(taken) == 1 {
			for _, m := range history {
				for _, c := range m.Calls() {
					taken[c.ID] = true
				}
			}
		}
		for taken[b.ID] {
			b.ID = newID()
		}
		taken[b.ID] = true
	}
}
