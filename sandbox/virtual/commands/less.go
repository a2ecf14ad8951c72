package commands

import (
	"context"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// less is also more. Without a terminal to page on they copy, as the real ones do; options are about paging.
func less(ctx context.Context, inv *shell.Invocation) int {
	copied := *inv
	copied.Args = inv.Args[:1:1]
	for i, arg := range inv.Args[1:] {
		switch {
		case arg == "--help":
			copied.Args = append(copied.Args, arg)
		case arg == "--":
			copied.Args = append(copied.Args, inv.Args[i+1:]...)
			return cat(ctx, &copied)
		case len(arg) > 1 && (strings.HasPrefix(arg, "-") || strings.HasPrefix(arg, "+")):
		default:
			copied.Args = append(copied.Args, arg)
		}
	}
	return cat(ctx, &copied)
}
