package grep

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// rgTypes are the file types people ask for.
var rgTypes = map[string]string{
	"c": "*.c *.h", "cpp": "*.cpp *.cc *.cxx *.hpp *.hh *.h *.hxx", "cs": "*.cs", "css": "*.css *.scss", "csv": "*.csv", "go": "*.go",
	"html": "*.html *.htm", "java": "*.java", "js": "*.js *.jsx *.mjs *.cjs", "json": "*.json", "kotlin": "*.kt *.kts", "lua": "*.lua",
	"make": "Makefile makefile GNUmakefile *.mk", "markdown": "*.md *.markdown", "md": "*.md *.markdown", "php": "*.php", "py": "*.py *.pyi",
	"python": "*.py *.pyi", "rb": "*.rb Gemfile Rakefile", "ruby": "*.rb Gemfile Rakefile", "rust": "*.rs", "sh": "*.sh *.bash *.zsh",
	"sql": "*.sql", "swift": "*.swift", "toml": "*.toml", "ts": "*.ts *.tsx *.mts *.cts", "txt": "*.txt", "xml": "*.xml", "yaml": "*.yaml *.yml",
}

func listTypes(inv *shell.Invocation) int {
	for _, name := range slices.Sorted(maps.Keys(rgTypes)) {
		fmt.Fprintf(inv.Stdout, "%s: %s\n", name, strings.ReplaceAll(rgTypes[name], " ", ", "))
	}
	return 0
}
