//go:build unix

// Command shellbench runs the same scripts in flue's sandbox, in just-bash and in bash, by turns and in one run, and prints
// the medians and their ratios. It needs bash, GNU's tools, jq, node and npm. rows.go has the scripts, runners.go who runs
// them, sessions.go what many sessions cost.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// cpu says to measure the time of the processor.
var cpu bool

func main() {
	pattern := flag.String("run", "", "a regular expression: only the rows whose name it matches")
	without := flag.Bool("without-just-bash", false, "leave just-bash out, which is slow")
	flag.BoolVar(&cpu, "cpu", false, "measure the processor's time instead of the clock's: for a machine that does other things meanwhile")
	budget := flag.Duration("time", 2*time.Second, "how long each runner may take for one row, after its third round")
	flag.Parse()
	if err := run(*pattern, !*without, *budget); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(pattern string, withJustBash bool, budget time.Duration) error {
	wanted, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "shellbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	var justBash *inJustBash
	if withJustBash {
		dir := filepath.Join(tmp, "node")
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		if justBash, err = startJustBash(dir); err != nil {
			return err
		}
		defer justBash.stop()
	}
	fmt.Println("| script | flue, ms | just-bash | bash | just-bash ÷ flue | bash ÷ flue |")
	fmt.Println("|---|---|---|---|---|---|")
	for i, r := range rows {
		if !wanted.MatchString(r.name) {
			continue
		}
		dir := filepath.Join(tmp, fmt.Sprint("row", i))
		if err := r.write(dir); err != nil {
			return err
		}
		if err := measure(r, dir, justBash, budget); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	fmt.Println()
	return sessions(wanted)
}

// write makes a folder with the row's files.
func (r row) write(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil || r.files == nil {
		return err
	}
	for name, text := range r.files() {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// measure runs a row by turns, and prints its line of the table.
func measure(r row, dir string, justBash *inJustBash, budget time.Duration) error {
	runners := []runner{&inFlue{}, &inBash{}}
	if justBash != nil && r.kind != bulk {
		runners = append(runners, justBash)
	}
	took := make([][]time.Duration, len(runners))
	total := make([]time.Duration, len(runners))
	for _, x := range runners {
		if err := x.open(r, dir); err != nil {
			return err
		}
		defer x.close()
	}
	for round, more := 0, true; more; round++ {
		more = false
		outputs := make([]string, len(runners))
		for i, x := range runners {
			if round >= 3 && total[i] > budget || round >= 100 {
				continue
			}
			more = true
			// Short scripts run some times in a row: else each would find the processor's caches filled by the others.
			for turn := time.Duration(0); turn < 20*time.Millisecond; {
				output, t, err := x.run()
				if err != nil {
					return err
				}
				outputs[i], turn, total[i] = output, turn+t, total[i]+t
				if round > 0 { // the first one warms up
					took[i] = append(took[i], t)
				}
			}
		}
		for i := range runners {
			if round == 0 && !slices.Equal(printed(outputs[i]), printed(outputs[0])) {
				return fmt.Errorf("%T printed %.200q, and %T %.200q", runners[i], outputs[i], runners[0], outputs[0])
			}
		}
	}
	figures := make([]float64, 3)
	for i := range runners {
		figures[i] = median(took[i]).Seconds() * 1000
	}
	flue, bash, other, ahead := figures[0], figures[1], "", ""
	if figures[2] > 0 {
		other, ahead = number(figures[2]), number(figures[2]/flue)
	}
	fmt.Printf("| %s | %s | %s | %s | %s | %s |\n", strings.ReplaceAll(r.name, "|", `\|`), number(flue), other, number(bash), ahead, number(bash/flue))
	return nil
}

// printed is what a script printed, but for the order of files in a folder, and the spaces before a number.
func printed(text string) []string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	slices.Sort(lines)
	return lines
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// number writes a figure with two or three digits that count.
func number(f float64) string {
	switch {
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	case f >= 0.1:
		return fmt.Sprintf("%.2f", f)
	}
	return fmt.Sprintf("%.4f", f)
}
