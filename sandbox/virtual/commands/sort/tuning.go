package sort

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// tuning checks the options that make GNU's sort faster, and have nothing to do here.
func (s *sorter) tuning(o cli.Option) bool {
	digits := strings.TrimLeft(strings.TrimLeft(o.Value, " \t"), "0123456789")
	units := map[string]string{"S": "bEgGkKmMPtTYZ%"}[o.Key]
	n, err := cli.Amount(strings.TrimSuffix(o.Value, "%"), units)
	name := "--" + o.Key
	if o.Key == "S" {
		name = "-S"
	}
	switch {
	case err == nil && n >= 0 && o.Key == "parallel" && n == 0:
		s.inv.Errorf("number in parallel must be nonzero")
	case err == nil && n >= 0 && o.Key == "batch-size" && n < 2:
		s.inv.Errorf("invalid --batch-size argument %s", cli.QuoteText(o.Value))
		s.inv.Errorf("minimum --batch-size argument is '2'")
	case err == nil && o.Key == "batch-size" && n > maxBatch:
		s.inv.Errorf("--batch-size argument %s too large", cli.QuoteText(o.Value))
		s.inv.Errorf("maximum --batch-size argument with current rlimit is %d", maxBatch)
	case err == nil && n >= 0:
		return true
	case err != nil && err.Error() != "":
		s.inv.Errorf("%s argument '%s' too large", name, o.Value)
	case digits != "" && digits != o.Value && !strings.HasPrefix(o.Value, "-"):
		s.inv.Errorf("invalid suffix in %s argument '%s'", name, o.Value)
	default:
		s.inv.Errorf("invalid %s argument '%s'", name, o.Value)
	}
	return false
}

// maxBatch is how many files could be open at once.
const maxBatch = 1021
