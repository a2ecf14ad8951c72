package commands

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

func (d *blockCopy) operand(spec *cli.Spec, name, value, operand string) int {
	number := func(into *int64, least int64) int {
		total := int64(1)
		for _, part := range strings.Split(value, "x") {
			n, ok := cli.Size(part)
			if digits := strings.TrimSuffix(part, "B"); !ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
				n, ok = cli.Size(digits)
			}
			if !ok {
				d.inv.Errorf("invalid number: %s", cli.QuoteText(value))
				return 1
			}
			total *= n
		}
		if total < least {
			d.inv.Errorf("invalid number: %s", cli.QuoteText(value))
			return 1
		}
		*into = total
		return 0
	}
	switch name {
	case "if":
		d.in = value
	case "of":
		d.out = value
	case "bs":
		status := number(&d.ibs, 1)
		d.obs = d.ibs
		return status
	case "ibs":
		return number(&d.ibs, 1)
	case "obs":
		return number(&d.obs, 1)
	case "cbs":
		return number(&d.cbs, 1)
	case "count":
		d.flags["count_bytes"] = d.flags["count_bytes"] || strings.Contains(value, "B")
		return number(&d.count, 0)
	case "skip", "iseek":
		d.flags["skip_bytes"] = d.flags["skip_bytes"] || strings.Contains(value, "B")
		return number(&d.skip, 0)
	case "seek", "oseek":
		d.flags["seek_bytes"] = d.flags["seek_bytes"] || strings.Contains(value, "B")
		return number(&d.seek, 0)
	case "status":
		if value != "none" && value != "noxfer" && value != "progress" {
			return spec.Misuse(d.inv, "invalid status level: %s", cli.QuoteText(value))
		}
		d.status = value
	case "conv", "iflag", "oflag":
		for _, word := range strings.Split(value, ",") {
			known := "ascii ebcdic ibm block unblock notrunc excl nocreat lcase ucase swab sync noerror fsync fdatasync sparse"
			kind := "invalid conversion"
			if name != "conv" {
				known = "fullblock count_bytes skip_bytes seek_bytes append sync dsync direct nonblock noatime nocache nofollow"
				kind = "invalid " + map[string]string{"iflag": "input", "oflag": "output"}[name] + " flag"
			}
			if !strings.Contains(" "+known+" ", " "+word+" ") {
				return spec.Misuse(d.inv, "%s: %s", kind, cli.Quote(word))
			}
			if name == "conv" {
				d.conv[word] = true
				if table := ebcdicTable(word); table != nil {
					d.table = table
				}
			} else {
				d.flags[word] = true
			}
		}
	default:
		return spec.Misuse(d.inv, "unrecognized operand %s", cli.QuoteText(operand))
	}
	return 0
}
