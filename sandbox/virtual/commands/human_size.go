package commands

import (
	"fmt"
	"strconv"
)

// humanSize writes 1.5K, 12M and so on, rounded up, with powers of 1024 or 1000.
func humanSize(n int64, base int) string {
	if n < int64(base) {
		return strconv.FormatInt(n, 10)
	}
	units := "KMGTPE"
	if base == 1000 {
		units = "kMGTPE"
	}
	unit, power := int64(base), 0
	for n/unit >= int64(base) && power < len(units)-1 {
		unit *= int64(base)
		power++
	}
	if tenths := (n*10 + unit - 1) / unit; n < 1<<59 && tenths < 100 {
		return fmt.Sprintf("%d.%d%c", tenths/10, tenths%10, units[power])
	}
	whole := (n + unit - 1) / unit
	if whole == int64(base) && power < len(units)-1 {
		return fmt.Sprintf("1.0%c", units[power+1])
	}
	return fmt.Sprintf("%d%c", whole, units[power])
}
