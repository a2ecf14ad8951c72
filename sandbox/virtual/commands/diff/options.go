package diff

import (
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
)

var spec = cli.Spec{
	Usage: `[OPTION]... FILES
Compare FILES line by line.

      --normal                  output a normal diff (the default)
  -q, --brief                   report only when files differ
  -s, --report-identical-files  report when two files are the same
  -c, -C NUM, --context[=NUM]   output NUM (default 3) lines of copied context
  -u, -U NUM, --unified[=NUM]   output NUM (default 3) lines of unified context
  -e, --ed                      output an ed script
  -n, --rcs                     output an RCS format diff
  -D, --ifdef=NAME              output merged file with '#ifdef NAME' diffs
      --GTYPE-group-format=GFMT format GTYPE input groups with GFMT; GTYPE is old, new, unchanged or changed
      --line-format=LFMT        format all input lines with LFMT
      --LTYPE-line-format=LFMT  format LTYPE input lines with LFMT; LTYPE is old, new or unchanged
  -p, --show-c-function         show which C function each change is in
  -F, --show-function-line=RE   show the most recent line matching RE
  -t, --expand-tabs             expand tabs to spaces in output
  -T, --initial-tab             make tabs line up by prepending a tab
  -y, --side-by-side            output in two columns; -W NUM columns wide
      --left-column             output only the left column of common lines
      --suppress-common-lines   do not output common lines in two columns
      --label=LABEL             use LABEL instead of file name and timestamp
  -r, --recursive               recursively compare any subdirectories found
  -N, --new-file                treat absent files as empty
  -x, --exclude=PAT             exclude files that match PAT
  -i, --ignore-case             ignore case differences in file contents
  -E, -Z, -b, -w, -B            ignore tab expansion, trailing space, amount of white space, all white space, blank lines
  -I, --ignore-matching-lines=RE  ignore changes where all lines match RE
  -a, --text                    treat all files as text
      --strip-trailing-cr       strip trailing carriage return on input
      --color[=WHEN]            always, never or auto
      --from-file=FILE, --to-file=FILE  compare FILE with all operands
FILES are 'FILE1 FILE2' or 'DIR1 DIR2' or 'DIR FILE' or 'FILE DIR'. Exit status is 0 if inputs are the same, 1 if
different, 2 if trouble.
`,
	Short: "#HX:S:fqscC:uU:eyW:rNx:iEZbwBI:aptTdL:nD:F:",
	Long: "normal brief=q report-identical-files=s context::=c unified::=u ed=e side-by-side=y width:=W suppress-common-lines " +
		"label:=L recursive=r new-file=N exclude:=x exclude-from:=X starting-file:=S forward-ed=f ignore-case=i ignore-tab-expansion=E ignore-trailing-space=Z " +
		"ignore-space-change=b ignore-all-space=w ignore-blank-lines=B ignore-matching-lines:=I text=a strip-trailing-cr " +
		"color:: from-file: to-file: tabsize: expand-tabs=t initial-tab=T minimal=d horizon-lines: no-ignore-file-name-case ignore-file-name-case speed-large-files=H show-c-function=p no-dereference unidirectional-new-file left-column rcs=n ifdef:=D show-function-line:=F line-format: old-line-format: " +
		"new-line-format: unchanged-line-format: old-group-format: new-group-format: changed-group-format: unchanged-group-format:",
	Fail: 2, Hint: diffutilsHint,
}

// option takes an option. A status other than 0 ends diff.
func (d *differ) option(o cli.Option) (status int) {
	switch o.Key {
	case "normal":
		d.format = '<'
	case "X":
		if !d.excludeFrom(o.Value) {
			return 2
		}
	case "S":
		d.starting = o.Value
	case "q", "e", "y", "n", "f":
		d.format = o.Key[0]
	case "c", "u", "C", "U", "#":
		if o.Key != "#" {
			d.format = o.Key[0] | 0x20
		}
		if o.Has {
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 {
				return spec.Misuse(d.inv, "invalid context length '%s'", o.Value)
			}
			d.around = min(n, math.MaxInt32) // no file has more lines
		}
	case "s":
		d.same = true
	case "W":
		n, err := strconv.Atoi(o.Value)
		if err != nil || n <= 0 {
			return spec.Misuse(d.inv, "invalid width '%s'", o.Value)
		}
		d.width = n
	case "suppress-common-lines":
		d.onlyChanges = true
	case "L":
		d.labels = append(d.labels, o.Value)
	case "r":
		d.recursive = true
	case "N":
		d.newFile = true
	case "x":
		d.excluded = append(d.excluded, cli.Glob(o.Value))
	case "i":
		d.ignoreCase = true
	case "d":
		d.minimal = true
	case "w", "b":
		if d.space != 'w' {
			d.space = o.Key[0]
		}
	case "Z":
		if d.space == 0 {
			d.space = 'Z'
		}
	case "B":
		d.blankLines = true
	case "I", "F", "p":
		if o.Key == "p" {
			o.Value = "^[[:alpha:]$_]"
		}
		re, err := regex.Compile(o.Value, regex.BRE, 0)
		if err != nil {
			d.inv.Errorf("%s: %v", o.Value, err)
			return 2
		}
		if o.Key == "I" {
			d.ignore = re
		} else if d.functions = re; o.Key == "p" && d.format == '<' {
			d.format = 'c'
		}
	case "t":
		d.expandTabs = true
	case "T":
		d.initialTab = true
	case "left-column":
		d.leftColumn = true
	case "D":
		d.format = '%'
		d.formats.ifdef(o.Value)
	case "line-format":
		d.format = '%'
		for _, kind := range []string{"old", "new", "unchanged"} {
			d.formats.set(&d.formats.lines, kind, o.Value)
		}
	case "old-line-format", "new-line-format", "unchanged-line-format":
		d.format = '%'
		d.formats.set(&d.formats.lines, strings.TrimSuffix(o.Key, "-line-format"), o.Value)
	case "old-group-format", "new-group-format", "changed-group-format", "unchanged-group-format":
		d.format = '%'
		d.formats.set(&d.formats.groups, strings.TrimSuffix(o.Key, "-group-format"), o.Value)
	case "a":
		d.asText = true
	case "strip-trailing-cr":
		d.stripCR = true
	case "color":
		if o.Has && o.Value != "always" && o.Value != "never" && o.Value != "auto" {
			return spec.Misuse(d.inv, "invalid color '%s'", o.Value)
		}
		d.color = o.Value == "always"
	case "from-file":
		d.from = o.Value
	case "to-file":
		d.to = o.Value
	case "horizon-lines", "tabsize":
		what, low := "horizon length", 0
		if o.Key == "tabsize" {
			what, low = "tabsize", 1
		}
		if n, err := strconv.Atoi(o.Value); err != nil || n < low {
			return spec.Misuse(d.inv, "invalid %s '%s'", what, o.Value)
		}
	}
	return 0
}

// excludeFrom reads patterns of names to leave out, one a line.
func (d *differ) excludeFrom(name string) bool {
	r, err := cli.Open(d.inv, name)
	if err != nil {
		d.inv.Errorf("%s: %v", name, err)
		return false
	}
	defer r.Close()
	text, err := cli.ReadAll(d.ctx, d.inv.Budget, r)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if pattern := strings.TrimRight(line, "\n"); pattern != "" {
			d.excluded = append(d.excluded, cli.Glob(pattern))
		}
	}
	return true
}
