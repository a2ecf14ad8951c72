package sort_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
	"github.com/flue-run/flue/sandbox/virtual/commands/sort"
)

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// line writes a line of one of some kinds; those of one kind are often alike.
func line(r *rand.Rand) string {
	var words []string
	switch r.IntN(9) {
	case 0:
		for range r.IntN(5) {
			words = append(words, pick(r, "a", "b", "ab", "abc", "B", "-1", "2", "10", "1.5", "1K", "3M", "JAN", "feb", ""))
		}
		return strings.Join(words, " ")
	case 1:
		for range 1 + r.IntN(3) {
			words = append(words, fmt.Sprint(r.IntN(220)-20))
		}
		return strings.Join(words, ",")
	case 2:
		text := []byte("prefix-that-is-long-")
		for range r.IntN(14) {
			text = append(text, pick[byte](r, 'a', 'b', 0, 1, 255, ' '))
		}
		return string(text)
	case 3:
		return fmt.Sprintf("name-%03d", r.IntN(50))
	case 4:
		return fmt.Sprintf("v%d.%d.%d", r.IntN(12), r.IntN(12), r.IntN(3))
	case 5:
		var text []byte
		for range r.IntN(12) {
			text = append(text, byte(11+r.IntN(245)))
		}
		return string(text)
	case 6:
		return strings.Repeat("x", r.IntN(40))
	case 7:
		return fmt.Sprintf("%d,name-%03d,%d", r.IntN(1000), r.IntN(40), r.IntN(9))
	}
	for range r.IntN(4) {
		words = append(words, pick(r, "q", "w ", " e", "", "12", "7"))
	}
	return strings.Join(words, "\t")
}

func options(r *rand.Rand) (args []string) {
	for range pick(r, 0, 0, 1, 1, 2, 3) {
		start, end := pick(r, "1", "2", "3", "1.2", "2.1", "1.3"), pick(r, "", ",1", ",2", ",2.2", ",1.4", ",3")
		order := pick(r, "", "", "r", "n", "nr", "b", "f", "d", "i", "h", "M", "V", "g", "fr", "bn")
		args = append(args, "-k", pick(r, start+order+end, start+end+order))
	}
	if r.IntN(5) < 2 {
		args = append(args, "-t", pick(r, ",", " ", "\t", "-"))
	}
	for _, o := range []string{"-r", "-u", "-s", "-n", "-f", "-b", "-c"} {
		if r.IntN(7) == 0 {
			args = append(args, o)
		}
	}
	return args
}

// TestRealSort compares with the sort that is installed, where there is one.
func TestRealSort(t *testing.T) {
	real, err := exec.LookPath("sort")
	if err != nil {
		t.Skip("sort is not installed")
	}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		lines := make([]string, pick(r, 0, 1, 2, 5, 11, 13, 50, 199, 201, 400, 1500))
		alike := pick(r, 1, 1, 2, 10) // how many lines there are of each
		for i := range lines {
			if lines[i] = line(r); i > 0 && r.IntN(alike) > 0 {
				lines[i] = lines[r.IntN(i)]
			}
		}
		args := append([]string{"sort"}, options(r)...)
		if r.IntN(10) == 0 {
			args = append(args, "-m")
			slices.Sort(lines)
		}
		in := strings.Join(lines, "\n") + pick(r, "\n", "")
		var out bytes.Buffer
		cmd := exec.CommandContext(t.Context(), real, args[1:]...)
		cmd.Env, cmd.Stdin, cmd.Stdout = append(os.Environ(), "LC_ALL=C"), strings.NewReader(in), &out
		cmd.Run() // its status is compared
		got := clitest.Run(t, sort.Run, clitest.Case{Args: args, Stdin: in, Env: map[string]string{"LC_ALL": "C"}})
		if got.Out != out.String() || got.Status != cmd.ProcessState.ExitCode() {
			t.Errorf("seed %d: %q of %d lines: status %d, want %d\n got %.300q\nwant %.300q", seed, args, len(lines), got.Status, cmd.ProcessState.ExitCode(), got.Out, out.String())
		}
	}
}
