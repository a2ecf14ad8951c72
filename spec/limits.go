package spec

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Limits bound a run or a step. A zero field is not set.
type Limits struct {
	Turns          int      `yaml:"turns"`  // 50
	Tokens         int      `yaml:"tokens"` // of the model, in and out
	CostUSD        float64  `yaml:"cost_usd"`
	Timeout        Duration `yaml:"timeout"`         // 1h
	Depth          int      `yaml:"depth"`           // 4
	ToolOutput     Size     `yaml:"tool_output"`     // 50 KiB
	ResultAttempts int      `yaml:"result_attempts"` // 5
}

// Compaction says when older messages are folded into a summary.
type Compaction struct {
	Enabled          *bool  `yaml:"enabled"` // true
	ReserveTokens    int    `yaml:"reserve_tokens"`
	KeepRecentTokens int    `yaml:"keep_recent_tokens"`
	Model            string `yaml:"model"`
}

// Duration is written as 90s, 15m, 2h or 30d: a day has 24 hours.
type Duration time.Duration

// Size is written as 64KiB or 1MiB: a number of bytes.
type Size int64

// UnmarshalYAML reads what the schema lets through.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	days, rest, found := strings.Cut(n.Value, "d")
	if !found {
		days, rest = "0", n.Value
	}
	count, err := strconv.Atoi(days)
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 90s or 30d", n.Value)
	}
	parsed := time.Duration(0)
	if rest != "" {
		parsed, err = time.ParseDuration(rest)
	}
	*d = Duration(parsed + time.Duration(count)*24*time.Hour)
	return err
}

// UnmarshalYAML reads what the schema lets through.
func (s *Size) UnmarshalYAML(n *yaml.Node) error {
	for i, unit := range []string{"B", "KiB", "MiB", "GiB"} {
		digits, ok := strings.CutSuffix(n.Value, unit)
		if ok && strings.Trim(digits, "0123456789.") == "" {
			number, err := strconv.ParseFloat(digits, 64)
			*s = Size(number * float64(int64(1)<<(10*i)))
			return err
		}
	}
	return fmt.Errorf("%q is not a size such as 64KiB or 1MiB", n.Value)
}
