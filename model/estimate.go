package model

// EstimateRequest guesses how many tokens req is, at four bytes a token: for providers that do not count, and before
// a request is sent.
func EstimateRequest(req *Request) int {
	n := len(req.System)
	for _, m := range req.Messages {
		n += size(m.Blocks)
	}
	for _, t := range req.Tools {
		n += len(t.Name) + len(t.Description) + len(t.Parameters)
	}
	return (n + 3) / 4
}

// EstimateBlocks guesses how many tokens blocks are, at four bytes a token.
func EstimateBlocks(blocks []Block) int { return (size(blocks) + 3) / 4 }

// EstimateUsage guesses what a request and its answer took, for an answer that does not say so.
func EstimateUsage(req *Request, answer []Block) Usage {
	return Usage{Input: EstimateRequest(req), Output: EstimateBlocks(answer), Estimated: true}
}

func size(blocks []Block) int {
	n := 0
	for _, b := range blocks {
		n += len(b.Text) + len(b.Name) + len(b.Args) + len(b.BadArgs)
	}
	return n
}
