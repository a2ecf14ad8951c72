package commands

import (
	"bufio"
	"context"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var prSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Paginate or columnate FILE(s) for printing.

  +FIRST[:LAST], --pages=FIRST[:LAST]  print these pages only
  -COLUMN, --columns=COLUMN   print COLUMN columns, filled downwards unless -a is given
  -a, --across                fill columns across, together with -COLUMN
  -c, --show-control-chars    use hat notation (^G) and octal backslash notation
  -d, --double-space          double space the output
  -D, --date-format=FORMAT    use FORMAT for the header date
  -e[CHAR[WIDTH]], --expand-tabs[=CHAR[WIDTH]]
                              expand input CHARs (TABs) to tab WIDTH (8)
  -F, -f, --form-feed         separate pages with form feeds instead of newlines
  -h, --header=HEADER         use a centered HEADER instead of the file's name
  -i[CHAR[WIDTH]], --output-tabs[=CHAR[WIDTH]]
                              replace spaces with CHARs (TABs) to tab WIDTH (8)
  -J, --join-lines            merge full lines: no truncation, no alignment
  -l, --length=PAGE_LENGTH    lines of a page (66); 10 or fewer imply -t
  -m, --merge                 print all files in parallel, one in each column
  -n[SEP[DIGITS]], --number-lines[=SEP[DIGITS]]
                              number lines with DIGITS (5) digits, then SEP (TAB)
  -N, --first-line-number=NUMBER  begin with NUMBER at the first line that is printed
  -o, --indent=MARGIN         offset each line with MARGIN spaces
  -r, --no-file-warnings      omit the warning when a file cannot be opened
  -s[CHAR], --separator[=CHAR]    separate columns by one character (TAB)
  -S[STRING], --sep-string[=STRING]  separate columns by STRING
  -t, --omit-header           omit page headers and trailers
  -T, --omit-pagination       omit them and the form feeds of the input
  -v, --show-nonprinting      use octal backslash notation
  -w, --width=PAGE_WIDTH      width of the page (72) where it has columns
  -W, --page-width=PAGE_WIDTH width of the page always: longer lines are cut
`,
	Short: "#abcdD:e::fFh:i::Jl:mn::N:o:rs::S::tTvw:W:",
	Long: "pages:=+ columns:=# across=a show-control-chars=c double-space=d date-format:=D expand-tabs::=e form-feed=F header:=h " +
		"output-tabs::=i join-lines=J length:=l merge=m number-lines::=n first-line-number:=N indent:=o no-file-warnings=r " +
		"separator::=s sep-string::=S omit-header=t omit-pagination=T show-nonprinting=v width:=w page-width:=W",
}

func pr(ctx context.Context, inv *shell.Invocation) int {
	l, operands, status := prOptions(inv)
	if l == nil {
		return status
	}
	p := &printer{prLayout: l, ctx: ctx, inv: inv, out: bufio.NewWriterSize(inv.Stdout, cli.BlockSize)}
	if len(operands) == 0 {
		operands = []string{"-"}
	}
	if l.merge {
		l.columns = len(operands)
		p.print(operands)
	} else {
		for _, name := range operands {
			p.print([]string{name})
		}
	}
	if p.out.Flush() != nil {
		return 1
	}
	return p.status
}
