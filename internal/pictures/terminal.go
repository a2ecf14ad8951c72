package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/flue-run/flue/internal/chromium"
)

// columns is how wide the terminal is.
const columns = 100

// terminal is what a person at a terminal sees of a run.
func terminal(ctx context.Context, b *chromium.Browser, flue, project string) ([]byte, error) {
	socket := fmt.Sprintf("pictures-%d", os.Getpid())
	tmux := func(args ...string) ([]byte, error) {
		out, err := exec.CommandContext(ctx, "tmux", append([]string{"-L", socket, "-f", os.DevNull}, args...)...).Output()
		if err != nil {
			return nil, fmt.Errorf("tmux %s: %w", args[0], err)
		}
		return out, nil
	}
	shell := fmt.Sprintf("cd %s && exec env PATH=%s:$PATH PS1='$ ' LC_ALL=C.UTF-8 sh", project, filepath.Dir(flue))
	if _, err := tmux("-u", "new-session", "-d", "-x", fmt.Sprint(columns), "-y", "50", shell); err != nil {
		return nil, err
	}
	defer tmux("kill-server")
	if _, err := tmux("send-keys", "-l", fmt.Sprintf("flue run support --set question='%s'", question)); err != nil {
		return nil, err
	}
	if _, err := tmux("send-keys", "Enter"); err != nil {
		return nil, err
	}
	var screen []byte
	for !bytes.Contains(screen, []byte("\n}\n$")) { // the result is there, and the prompt again
		time.Sleep(50 * time.Millisecond)
		var err error
		if screen, err = tmux("capture-pane", "-p"); err != nil {
			return nil, err
		}
	}
	screen, err := tmux("capture-pane", "-e", "-p")
	if err != nil {
		return nil, err
	}
	page := "data:text/html;charset=utf-8," + url.PathEscape(style+"<pre>"+asHTML(strings.TrimRight(string(screen), "\n $"))+"</pre>")
	if err := b.Go(ctx, page); err != nil {
		return nil, err
	}
	var size struct{ Width, Height int }
	measure := "(({width, height}) => ({width: Math.ceil(width), height: Math.ceil(height)}))(document.querySelector('pre').getBoundingClientRect())"
	if err := b.Eval(ctx, measure, &size); err != nil {
		return nil, err
	}
	if err := b.Size(ctx, size.Width, size.Height); err != nil {
		return nil, err
	}
	return b.Picture(ctx)
}

const style = `<style>
body { margin: 0; background: #1b1816 }
pre { display: inline-block; margin: 0; padding: 20px 24px; color: #ece6df; font: 15px/1.45 "DejaVu Sans Mono", monospace }
.bold { font-weight: bold } .dim { opacity: .6 }
</style>`

// colours are the eight of a terminal.
var colours = [8]string{"#1b1816", "#f2958d", "#79c797", "#e3b95c", "#7fa3c7", "#c79bc7", "#6cc0bd", "#ece6df"}

// asHTML is a screen as tmux captures it, with its attributes: those that flue uses.
func asHTML(screen string) string {
	var out strings.Builder
	var bold, dim bool
	colour := -1
	for i, part := range strings.Split(screen, "\x1b[") {
		text := part
		if i > 0 {
			var codes string
			codes, text, _ = strings.Cut(part, "m")
			for code := range strings.SplitSeq(codes, ";") {
				switch n := code; {
				case n == "" || n == "0":
					bold, dim, colour = false, false, -1
				case n == "1":
					bold = true
				case n == "2":
					dim = true
				case n == "39":
					colour = -1
				case len(n) == 2 && n[0] == '3' || len(n) == 2 && n[0] == '9':
					colour = int(n[1] - '0')
				}
			}
		}
		if text == "" {
			continue
		}
		class := ""
		if bold {
			class += "bold "
		}
		if dim {
			class += "dim"
		}
		paint := ""
		if colour >= 0 && colour < len(colours) {
			paint = "color:" + colours[colour]
		}
		fmt.Fprintf(&out, `<span class="%s" style="%s">%s</span>`, class, paint, html.EscapeString(text))
	}
	return out.String()
}
