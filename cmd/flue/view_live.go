package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
	"golang.org/x/term"
)

// liveView is for a person at a terminal: text as it streams, calls with their arguments, and below them a status line
// that moves.
type liveView struct {
	mu sync.Mutex
	teller
	color  bool
	width  func() int
	doing  string // what the status line says
	shown  bool   // the status line is on the screen
	inText bool   // streamed text is on the screen and its line is not ended
	frame  int
	stop   chan struct{}
	ended  sync.WaitGroup
}

// The status line is drawn so often.
const frameTime = 100 * time.Millisecond

var frames = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

func newLiveView(file *os.File, color bool) *liveView {
	v := &liveView{teller: teller{w: file}, color: color, stop: make(chan struct{}), width: func() int {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
		return 80
	}}
	v.ended.Go(v.animate)
	return v
}

// animate redraws the status line until Close.
func (v *liveView) animate() {
	tick := time.NewTicker(frameTime)
	defer tick.Stop()
	for {
		select {
		case <-v.stop:
			return
		case <-tick.C:
			v.mu.Lock()
			v.frame++
			v.draw()
			v.mu.Unlock()
		}
	}
}

func (v *liveView) Close() {
	v.mu.Lock()
	stopped := v.doing == "stopped"
	v.doing = "stopped"
	v.endText()
	v.erase()
	v.mu.Unlock()
	if !stopped {
		close(v.stop)
		v.ended.Wait()
	}
}

func (v *liveView) Event(e engine.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.erase()
	if line := v.note(e); line != "" {
		v.line("", v.paint(yellow, line))
	}
	switch e.Type {
	case engine.RunStart:
		v.line(v.paint(bold, e.Agent)+" ", v.paint(dim, "session "+e.Session+" · "+e.Run))
		if e.Sandbox != "" {
			v.line("  ", v.paint(dim, e.Sandbox))
		}
	case engine.SandboxNote:
		v.line("  ", v.paint(dim, cut(oneLine(e.Text), v.width()-4)))
	case engine.StepStart:
		v.line(v.paint(cyan, "▸ "), v.paint(bold, "step "+e.Step)+v.paint(dim, strings.TrimSuffix(" · "+e.Kind+" · "+e.Model, " · ")))
		v.doing = "working"
	case engine.StepEnd:
		if e.Output.Skipped {
			v.line(v.paint(dim, "▸ "), v.paint(dim, "step "+e.Step+" skipped"))
		}
		if e.Output.Error != nil {
			v.line("  "+v.paint(red, "✗ "), "going on: "+cut(oneLine(e.Output.Error.Message), v.width()-14))
		}
	case engine.TurnStart:
		v.doing = "asking " + e.Model
	case engine.ThinkingDelta:
		v.doing = "thinking"
	case engine.TextDelta:
		v.doing = ""
		v.stream(e.Text)
	case engine.TurnEnd:
		v.doing = "working"
	case engine.ToolStart:
		v.line("  "+v.paint(cyan, "● ")+v.paint(bold, e.Tool)+" ", cut(arguments(e.Args), v.width()-6-len(e.Tool)))
		v.doing = "running " + e.Tool
	case engine.ToolEnd:
		mark := v.paint(green, "✓ ")
		if *e.IsError {
			mark = v.paint(red, "✗ ")
		}
		v.line("    "+mark, v.paint(dim, cut(e.Tool+": "+outcome(e), v.width()-8)))
		v.doing = "working"
	case engine.CommandStart:
		v.line("    "+v.paint(yellow, "$ ")+v.paint(bold, e.Command)+" ", cut(words(e.Args), v.width()-8-len(e.Command)))
		v.doing = "running " + e.Command
	case engine.CommandEnd:
		if *e.ExitCode != 0 {
			v.line("    "+v.paint(red, "✗ "), v.paint(dim, fmt.Sprintf("%s: exit status %d", e.Command, *e.ExitCode)))
		}
		v.doing = "working"
	case engine.TaskStart:
		v.line("  "+v.paint(cyan, "▹ "), "sub-agent "+v.paint(bold, e.Subagent))
	case engine.TaskEnd:
		mark := v.paint(green, "✓ ")
		if e.Error != nil {
			mark = v.paint(red, "✗ ")
		}
		v.line("  "+mark, v.paint(dim, cut("sub-agent "+e.Subagent+" "+ended(e), v.width()-6)))
	case engine.CheckRun:
		mark := v.paint(green, "✓ ")
		if !*e.Passed {
			mark = v.paint(red, "✗ ")
		}
		v.line("  "+mark, fmt.Sprintf("check, attempt %d: %s", e.Attempt, passed(*e.Passed)))
	case engine.CompactionStart:
		v.doing = "summarizing the conversation"
	case engine.CompactionEnd:
		v.line("  "+v.paint(yellow, "≡ "), v.paint(dim, compacted(e)))
		v.doing = "working"
	case engine.RetryWait:
		v.line("  "+v.paint(yellow, "↻ "), cut("retry in "+e.Delay+": "+oneLine(e.Reason), v.width()-6))
		v.doing = "waiting"
	case engine.Done:
		mark := v.paint(green, "✔ ")
		if e.Outcome != store.Completed {
			mark = v.paint(red, "✘ ")
			v.line(mark, v.paint(red, printable(e.Error.Error())))
		}
		v.line(mark, string(e.Outcome)+v.paint(dim, "  "+v.totals(e.Time)))
		v.doing = ""
	}
	v.draw()
}

// stream writes text as it comes, two columns in.
func (v *liveView) stream(text string) {
	text = printable(text)
	if !v.inText {
		if text = strings.TrimLeft(text, "\n"); text == "" {
			return
		}
		io.WriteString(v.w, "  ")
		v.inText = true
	}
	io.WriteString(v.w, strings.ReplaceAll(text, "\n", "\n  "))
}

func (v *liveView) endText() {
	if v.inText {
		io.WriteString(v.w, "\n")
		v.inText = false
	}
}

func (v *liveView) line(mark, text string) {
	v.endText()
	fmt.Fprintln(v.w, mark+text)
}

// erase takes the status line off the screen.
func (v *liveView) erase() {
	if v.shown {
		io.WriteString(v.w, "\r\x1b[K")
		v.shown = false
	}
}

// draw puts the status line on the screen, unless text is streaming there.
func (v *liveView) draw() {
	if v.inText || v.doing == "" || v.doing == "stopped" {
		return
	}
	v.erase()
	status := frames[v.frame%len(frames)] + " " + v.doing + " · " + v.totals(time.Now())
	io.WriteString(v.w, v.paint(dim, cut(status, v.width()-1)))
	v.shown = true
}

// The colours of the view, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func (v *liveView) paint(sgr, text string) string {
	if !v.color || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}
