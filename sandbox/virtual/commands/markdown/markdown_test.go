package markdown_test

import (
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
	"github.com/flue-run/flue/sandbox/virtual/commands/markdown"
)

func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{
		"<title>T</title><script>x</script><h1>A &amp; <i>b</i></h1><p>one<br>two  <b> bold </b>end</p>": "# A & *b*\n\none  \ntwo **bold** end\n",
		"<ul><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ul>":                                "- a\n  - b\n\n- c\n\n  d\n",
		`<ol start=3><li>x<li>y</ol>`:                                           "3. x\n4. y\n",
		"<pre><code class='language-go'>a\n  ```b\n</code></pre>":               "````go\na\n  ```b\n````\n",
		"<blockquote><p>a</p><p>b</p></blockquote><hr>":                         "> a\n>\n> b\n\n* * *\n",
		"<a href='/x y' title='t'>l</a> <img src=i.png alt=A> <code>a`b</code>": "[l](/x%20y \"t\") ![A](i.png) ``a`b``\n",
		"<table><tr><th>h|<th>i<tr><td>1</table>":                               "| h\\| | i |\n| --- | --- |\n| 1 |  |\n",
		"*a* _b_ [c] &lt;d>":                                                    "\\*a\\* \\_b\\_ \\[c\\] \\<d>\n",
		"<p># no</p><p>1. no</p><p>- no</p>":                                    "\\# no\n\n1\\. no\n\n\\- no\n",
		"":                                                                      "",
		"<a href='javascript:x()'>j</a><a href='https://e.org/'>https://e.org/</a>": "j<https://e.org/>\n",
		"<div>loose <b>x</b><div>inner</div>after</div>":                            "loose **x**\n\ninner\n\nafter\n",
		"<a href=u><h2>t</h2></a>":                                                  "[t](u)\n",
	} {
		clitest.Check(t, markdown.Run, clitest.Case{Args: []string{"html-to-markdown"}, Stdin: in, Out: want})
	}
	clitest.Check(t, markdown.Run, clitest.Case{Args: []string{"html-to-markdown", "--domain=https://e.org/a/", "f"}, Files: map[string]string{"f": "<a href=b>c</a>"}, Out: "[c](https://e.org/a/b)\n"})
	clitest.Check(t, markdown.Run, clitest.Case{Args: []string{"html-to-markdown"}, Stdin: strings.Repeat("<div>", 2000), Status: 1,
		Err: "html-to-markdown: -: html: open stack of elements exceeds 512 nodes\n"})
}

func FuzzMarkdown(f *testing.F) {
	f.Add("<p>a<b>c</b><ul><li>x</ul><table><tr><td>y</table>")
	f.Fuzz(func(t *testing.T, text string) {
		clitest.Run(t, markdown.Run, clitest.Case{Args: []string{"html-to-markdown"}, Stdin: text})
	})
}
