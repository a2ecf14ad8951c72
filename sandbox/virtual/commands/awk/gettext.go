package awk

import "slices"

// No translations are installed: every text is its own translation, whatever the domain.

// categories are those of locales, the third argument of dcgettext and the fifth of dcngettext.
var categories = []string{"LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_RESPONSE", "LC_TIME"}

func (in *interp) checkCategory(name string, args []expr, i int) {
	if i < len(args) {
		if c := in.text(args[i]); !slices.Contains(categories, c) {
			in.fatal("%s: `%s' is not a valid locale category", name, c)
		}
	}
}

func dcgettext(in *interp, args []expr) value {
	s := in.text(args[0])
	in.checkCategory("dcgettext", args, 2)
	return str(s)
}

func dcngettext(in *interp, args []expr) value {
	one, more := in.text(args[0]), in.text(args[1])
	n := args[2].eval(in).num()
	in.checkCategory("dcngettext", args, 4)
	if n == 1 {
		return str(one)
	}
	return str(more)
}

// bindtextdomain remembers the folder of a domain.
func bindtextdomain(in *interp, args []expr) value {
	domain := in.special[varTEXTDOMAIN].str(in.convfmt)
	if len(args) > 1 {
		domain = in.text(args[1])
	}
	if folder := in.text(args[0]); folder != "" {
		if in.textFolders == nil {
			in.textFolders = map[string]string{}
		}
		in.textFolders[domain] = folder
	}
	return str(in.textFolders[domain])
}
