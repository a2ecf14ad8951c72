package commands

import (
	"fmt"
	"time"
)

func (d *blockCopy) report(took time.Duration) {
	if d.status == "none" {
		return
	}
	w := d.inv.Stderr
	fmt.Fprintf(w, "%d+%d records in\n%d+%d records out\n", d.fullIn, d.partIn, d.fullOut, d.partOut)
	if d.status == "noxfer" {
		return
	}
	seconds := max(took.Seconds(), 1e-6)
	size := fmt.Sprintf("%d bytes", d.bytes)
	if d.bytes == 1 {
		size = "1 byte"
	}
	if d.bytes >= 1000 {
		size += fmt.Sprintf(" (%s", siSize(float64(d.bytes), 1000, "kMGTPE", "B"))
		if d.bytes >= 1024 {
			size += ", " + siSize(float64(d.bytes), 1024, "KMGTPE", "iB")
		}
		size += ")"
	}
	fmt.Fprintf(w, "%s copied, %.6g s, %s/s\n", size, seconds, siSize(float64(d.bytes)/seconds, 1000, "kMGTPE", "B"))
}

// siSize writes 1.5 kB and its like.
func siSize(v, base float64, units, end string) string {
	power := -1
	for v >= base && power < len(units)-1 {
		v /= base
		power++
	}
	if power < 0 {
		return fmt.Sprintf("%.1f B", v)
	}
	format := "%.0f %c%s"
	if v < 10 {
		format = "%.1f %c%s"
	}
	return fmt.Sprintf(format, v, units[power], end)
}
