package expr

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// hostile are values that would do something if they ever became syntax.
var hostile = []string{
	"plain", "", "two words", "  spaces  ", "$(echo HACK)", "`echo HACK`", "${HOME}", "$HOME", "a\nb", "\n", "trailing\n\n", "'", `"`,
	`'"'"'`, `\`, `\'`, "'; echo HACK; '", `"; echo HACK; "`, "; echo HACK", "&& echo HACK", "| cat", "> /x", "# c", "*", "~", "!", "-n", "--",
	"END", "\nEND\necho HACK\n", "$((1+1))", "a[$(echo HACK)]", "<(echo HACK)", "{a,b}", "äöü", "}", "${__flue_1}", "\t", "\r\n",
}

// run runs a script in an interpreter whose only command is show, which prints its arguments one a line, quoted.
func run(t *testing.T, script string) string {
	t.Helper()
	file, err := syntax.NewParser().Parse(strings.NewReader(script), "")
	if err != nil {
		t.Fatalf("%v in\n%s", err, script)
	}
	var out bytes.Buffer
	r, err := interp.New(interp.StdIO(nil, &out, &out), interp.Env(nil), interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc {
		return func(ctx context.Context, args []string) error {
			c := interp.HandlerCtx(ctx)
			if args[0] == "stdin" {
				var in bytes.Buffer
				in.ReadFrom(c.Stdin)
				fmt.Fprintf(c.Stdout, "%q\n", in.String())
				return nil
			}
			fmt.Fprintf(c.Stdout, "%q\n", args)
			return nil
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	r.Run(context.Background(), file)
	return out.String()
}

func TestShellOneWord(t *testing.T) {
	for _, c := range []struct {
		script string
		want   func(v string) string
	}{
		{`show ${{ x }}`, func(v string) string { return fmt.Sprintf("%q\n", []string{"show", v}) }},
		{`show a${{ x }}b`, func(v string) string { return fmt.Sprintf("%q\n", []string{"show", "a" + v + "b"}) }},
		{`show "a ${{ x }} b"`, func(v string) string { return fmt.Sprintf("%q\n", []string{"show", "a " + v + " b"}) }},
		{`show 'a ${{ x }} b'`, func(v string) string { return fmt.Sprintf("%q\n", []string{"show", "a " + v + " b"}) }},
		{`show $'a\t${{ x }}b'`, func(v string) string { return fmt.Sprintf("%q\n", []string{"show", "a\t" + v + "b"}) }},
		{`show "$(show 'in ${{ x }}')"`, func(v string) string {
			return fmt.Sprintf("%q\n", []string{"show", strings.TrimSuffix(fmt.Sprintf("%q\n", []string{"show", "in " + v}), "\n")})
		}},
		{`show "$(show "in ${{ x }}" ${{ x }})"`, func(v string) string {
			return fmt.Sprintf("%q\n", []string{"show", strings.TrimSuffix(fmt.Sprintf("%q\n", []string{"show", "in " + v, v}), "\n")})
		}},
		{`y=${{ x }}; show "$y"`, func(v string) string { return fmt.Sprintf("%q\n", []string{"show", v}) }},
		{`for i in ${{ x }}; do show "$i"; done`, func(v string) string { return fmt.Sprintf("%q\n", []string{"show", v}) }},
		{`show "${nothing:-${{ x }}}"`, func(v string) string { return fmt.Sprintf("%q\n", []string{"show", v}) }},
		{"stdin <<END\na ${{ x }} b\nEND\nshow after", func(v string) string { return fmt.Sprintf("%q\n%q\n", "a "+v+" b\n", []string{"show", "after"}) }},
		{"stdin <<<${{ x }}", func(v string) string { return fmt.Sprintf("%q\n", v+"\n") }},
		{"# about ${{ x }}\nshow after", func(string) string { return fmt.Sprintf("%q\n", []string{"show", "after"}) }},
		{`case ${{ x }} in ${{ x }}) show same;; esac`, func(string) string { return fmt.Sprintf("%q\n", []string{"show", "same"}) }},
		{`if [[ ${{ x }} == ${{ x }} ]]; then show same; fi`, func(string) string { return fmt.Sprintf("%q\n", []string{"show", "same"}) }},
		{`a=(${{ x }} b); show "${#a[@]}"`, func(string) string { return fmt.Sprintf("%q\n", []string{"show", "2"}) }},
	} {
		tmpl, err := Parse(c.script)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range hostile {
			script, err := tmpl.Shell(map[string]any{"x": v})
			if err != nil {
				t.Errorf("%s: %v", c.script, err)
				break
			}
			if got := run(t, script); got != c.want(v) {
				t.Errorf("%s with %q\n got %s\nwant %s\nscript %s", c.script, v, got, c.want(v), script)
			}
		}
	}
}

func TestShellError(t *testing.T) {
	for _, c := range []struct {
		script string
		value  any
		want   string
	}{
		{"show `show ${{ x }}`", "a", "${{ }} cannot stand in backquotes"},
		{"cat <<'END'\n${{ x }}\nEND", "a", "in a here-document whose delimiter is quoted"},
		{"cat <<${{ x }}\nEND", "a", "the script cannot be parsed, so no value can be quoted in it: 1:7: expansions not allowed in heredoc"},
		{`show \${{ x }}`, "a", "${{ }} cannot stand here"},
		{`show $${{ x }}`, "a", "${{ }} cannot stand here"},
		{`show $((1 + ${{ x }}))`, "a[$(show HACK)]", "inside $(( )) only a whole number may stand, and this is text"},
		{`(( ${{ x }} ))`, "a", "inside $(( ))"},
		{`let "y=${{ x }}"`, "a", "inside $(( ))"},
		{`[[ 1 -eq "${{ x }}" ]]`, "a", "inside $(( ))"},
		{`show "${a[${{ x }}]}"`, "a", "inside $(( ))"},
		{`show "${a:${{ x }}}"`, "a", "inside $(( ))"},
		{`show ${nothing:-${{ x }}}`, "a", "write double quotes around the whole expansion"},
		{`for i in ${nothing:-${{ x }}}; do show "$i"; done`, "a", "write double quotes around the whole expansion"},
		{`show ${nothing:-"${{ x }}"}`, "a", "write double quotes around the whole expansion"},
		{`eval "show ${{ x }}"`, "a", "the value would be run as code here"},
		{`sh -ec "show ${{ x }}"`, "a", "the value would be run as code here"},
		{`show ${{ x }}`, "a\x00b", "the value holds a NUL byte"},
		{`if ${{ x }}`, "a", "the script cannot be parsed"},
	} {
		tmpl, err := Parse(c.script)
		if err != nil {
			t.Fatal(err)
		}
		if script, err := tmpl.Shell(map[string]any{"x": c.value}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s\n%s", c.script, err, c.want, script)
		}
	}
}

func TestShellNumber(t *testing.T) {
	for script, want := range map[string]string{
		`show $((1 + ${{ x }}))`:            `["show" "13"]`,
		`show "$((${{ x }} * 2))" ${{ x }}`: `["show" "24" "12"]`,
		`[[ 12 -eq ${{ x }} ]] && show yes`: `["show" "yes"]`,
		`sh -c 'show "$1"' sh ${{ x }}`:     `["sh" "-c" "show \"$1\"" "sh" "12"]`,
		`show ${{ [x, "a b"] }}`:            `["show" "[12,\"a b\"]"]`,
	} {
		tmpl, err := Parse(script)
		if err != nil {
			t.Fatal(err)
		}
		if err := tmpl.CheckShell(); err != nil {
			t.Errorf("%s: %v", script, err)
			continue
		}
		text, err := tmpl.Shell(map[string]any{"x": 12})
		if err != nil {
			t.Errorf("%s: %v", script, err)
		} else if got := strings.TrimSpace(run(t, text)); got != want {
			t.Errorf("%s: %s, want %s\n%s", script, got, want, text)
		}
	}
}
