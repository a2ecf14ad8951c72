package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// absolute is name in the sandbox, from its root.
func absolute(files sandbox.FS, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(files.Dir(), name)
}

// relative is how the model reads the absolute path name: from the working directory, where it is below it.
func relative(files sandbox.FS, name string) string {
	if rest, ok := strings.CutPrefix(name, strings.TrimSuffix(files.Dir(), "/")+"/"); ok {
		return rest
	}
	return name
}

// writesPath is the Writes of a tool whose argument path names the file that it changes.
func writesPath(files sandbox.FS) func(json.RawMessage) string {
	return func(args json.RawMessage) string {
		var a struct{ Path string }
		if json.Unmarshal(args, &a) != nil || a.Path == "" {
			return ""
		}
		return absolute(files, a.Path)
	}
}

// fileError says why name could not be opened or written, and what is there instead. An error that is not about the
// file itself stops the run.
func fileError(ctx context.Context, files sandbox.FS, doing, name string, err error) (Result, error) {
	switch {
	case ctx.Err() != nil:
		return Result{}, fmt.Errorf("%s %s: %w", doing, name, ctx.Err())
	case errors.Is(err, fs.ErrNotExist):
		return refuse("%s does not exist%s", name, whatIsThere(ctx, files, absolute(files, name)))
	case errors.Is(err, fs.ErrPermission):
		return refuse("%s %s: not allowed: it is read-only or outside the sandbox", doing, name)
	}
	return refuse("%s %s: %v", doing, name, err)
}

// whatIsThere names what a missing path may have been meant to be: near names in the deepest folder of it that exists.
func whatIsThere(ctx context.Context, files sandbox.FS, name string) string {
	for name != "/" {
		folder, missing := path.Split(name)
		folder = path.Clean(folder)
		entries, err := files.ReadDir(ctx, folder)
		if err != nil {
			name = folder
			continue
		}
		names := make([]string, len(entries))
		for i, e := range entries {
			names[i] = e.Name()
		}
		if near := nearest(missing, names); near != "" {
			return fmt.Sprintf("; did you mean %s?", relative(files, path.Join(folder, near)))
		}
		return fmt.Sprintf("; %s holds %s", relative(files, folder), listing(entries, 20))
	}
	return ""
}

// listing names the first entries of a folder, folders with a slash behind them.
func listing(entries []fs.FileInfo, most int) string {
	if len(entries) == 0 {
		return "nothing"
	}
	var b strings.Builder
	for i, e := range entries {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(entries)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(e.Name())
		if e.IsDir() {
			b.WriteString("/")
		}
	}
	return b.String()
}

// nearest is the word of list that name may have been meant to be, or "".
func nearest(name string, list []string) string {
	for _, word := range list {
		if strings.EqualFold(word, name) {
			return word
		}
	}
	best, bestDistance := "", len(name)/3+1
	for _, word := range list {
		if len(word) > 128 || len(name) > 128 {
			continue
		}
		if d := editDistance(name, word); d < bestDistance {
			best, bestDistance = word, d
		}
	}
	return best
}

// editDistance counts insertions, deletions and replacements between a and b (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
