package model

// asOf is the day the facts below were collected from the providers' published model and price lists, where a row does not
// say another. They are for limits and reports, not for billing; a price that is not listed is unknown, and flue.yaml
// overrides all of it.
const asOf = "2026-03-01"

// The levels of thinking that families of models share.
var (
	allLevels   = []Thinking{ThinkingOff, ThinkingMinimal, ThinkingLow, ThinkingMedium, ThinkingHigh}
	fromMinimal = []Thinking{ThinkingMinimal, ThinkingLow, ThinkingMedium, ThinkingHigh}
	fromLow     = []Thinking{ThinkingLow, ThinkingMedium, ThinkingHigh}
	offAndLow   = []Thinking{ThinkingOff, ThinkingLow, ThinkingMedium, ThinkingHigh}
)

// images marks a model that reads images.
const images = true

// known builds a row: window and output in tokens, prices in USD per million tokens of input, output, cache read and
// cache write (0: the same as input).
func known(window, output int, thinking []Thinking, images bool, prices ...float64) Info {
	i := Info{ContextWindow: window, MaxOutput: output, Thinking: thinking, Images: images, AsOf: asOf}
	if len(prices) > 0 {
		p := append(prices, 0, 0)
		i.Price = &Price{Input: p[0], Output: p[1], CacheRead: p[2], CacheWrite: p[3]}
	}
	return i
}

// dated is a row that was collected on another day.
func dated(day string, i Info) Info {
	i.AsOf = day
	return i
}

var table = map[string]Info{
	"anthropic/claude-opus-4-6":            known(200_000, 128_000, allLevels, images, 5, 25, 0.5, 6.25),
	"anthropic/claude-opus-4-5":            known(200_000, 64_000, allLevels, images, 5, 25, 0.5, 6.25),
	"anthropic/claude-opus-4-5-20251101":   known(200_000, 64_000, allLevels, images, 5, 25, 0.5, 6.25),
	"anthropic/claude-opus-4-1":            known(200_000, 32_000, allLevels, images, 15, 75, 1.5, 18.75),
	"anthropic/claude-opus-4-1-20250805":   known(200_000, 32_000, allLevels, images, 15, 75, 1.5, 18.75),
	"anthropic/claude-opus-4-0":            known(200_000, 32_000, allLevels, images, 15, 75, 1.5, 18.75),
	"anthropic/claude-sonnet-4-6":          known(200_000, 64_000, allLevels, images, 3, 15, 0.3, 3.75),
	"anthropic/claude-sonnet-4-5":          known(200_000, 64_000, allLevels, images, 3, 15, 0.3, 3.75),
	"anthropic/claude-sonnet-4-5-20250929": known(200_000, 64_000, allLevels, images, 3, 15, 0.3, 3.75),
	"anthropic/claude-sonnet-4-0":          known(200_000, 64_000, allLevels, images, 3, 15, 0.3, 3.75),
	"anthropic/claude-haiku-4-5":           known(200_000, 64_000, allLevels, images, 1, 5, 0.1, 1.25),
	"anthropic/claude-haiku-4-5-20251001":  known(200_000, 64_000, allLevels, images, 1, 5, 0.1, 1.25),

	"openai/gpt-5.4":      dated("2026-03-19", known(1_050_000, 128_000, offAndLow, images, 2.5, 15, 0.25)),
	"openai/gpt-5.4-mini": dated("2026-03-19", known(400_000, 128_000, offAndLow, images, 0.75, 4.5, 0.075)),
	"openai/gpt-5.2":      known(400_000, 128_000, offAndLow, images, 1.75, 14, 0.175),
	"openai/gpt-5.1":      known(400_000, 128_000, offAndLow, images, 1.25, 10, 0.125),
	"openai/gpt-5":        known(400_000, 128_000, fromMinimal, images, 1.25, 10, 0.125),
	"openai/gpt-5-mini":   known(400_000, 128_000, fromMinimal, images, 0.25, 2, 0.025),
	"openai/gpt-5-nano":   known(400_000, 128_000, fromMinimal, images, 0.05, 0.4, 0.005),
	"openai/gpt-4.1":      known(1_047_576, 32_768, nil, images, 2, 8, 0.5),
	"openai/gpt-4.1-mini": known(1_047_576, 32_768, nil, images, 0.4, 1.6, 0.1),
	"openai/gpt-4.1-nano": known(1_047_576, 32_768, nil, images, 0.1, 0.4, 0.025),
	"openai/gpt-4o":       known(128_000, 16_384, nil, images, 2.5, 10, 1.25),
	"openai/gpt-4o-mini":  known(128_000, 16_384, nil, images, 0.15, 0.6, 0.075),
	"openai/o3":           known(200_000, 100_000, fromLow, images, 2, 8, 0.5),
	"openai/o3-mini":      known(200_000, 100_000, fromLow, false, 1.1, 4.4, 0.55),
	"openai/o4-mini":      known(200_000, 100_000, fromLow, images, 1.1, 4.4, 0.275),

	"google/gemini-2.5-pro":        known(1_048_576, 65_536, fromLow, images, 1.25, 10, 0.125),
	"google/gemini-2.5-flash":      known(1_048_576, 65_536, offAndLow, images, 0.3, 2.5, 0.03),
	"google/gemini-2.5-flash-lite": known(1_048_576, 65_536, offAndLow, images, 0.1, 0.4, 0.01),
	// Prompts of more than 200,000 tokens cost more with the pro models; 3.7 and 3.8 flash cost twice as much from 2027 on.
	"google/gemini-3.8-flash":       dated("2026-10-07", known(1_048_576, 65_536, fromLow, images, 0.75, 3.75, 0.075)),
	"google/gemini-3.7-flash":       dated("2026-08-19", known(1_048_576, 65_536, fromLow, images, 0.75, 3.75, 0.075)),
	"google/gemini-3.5-flash-lite":  dated("2026-10-07", known(1_048_576, 65_536, fromLow, images, 0.3, 2.5, 0.03)),
	"google/gemini-3.1-pro-preview": dated("2026-10-07", known(1_048_576, 65_536, fromLow, images, 2, 12, 0.2)),
	"google/gemini-3.1-flash-lite":  dated("2026-07-01", known(1_048_576, 65_536, fromMinimal, images, 0.25, 1.5)),
	"google/gemini-3-flash-preview": dated("2026-05-30", known(1_048_576, 65_536, fromMinimal, images, 0.5, 3, 0.05)),

	"xai/grok-4":           known(256_000, 0, nil, images, 3, 15, 0.75),
	"xai/grok-3":           known(131_072, 0, nil, false, 3, 15, 0.75),
	"xai/grok-3-mini":      known(131_072, 0, []Thinking{ThinkingLow, ThinkingHigh}, false, 0.3, 0.5, 0.075),
	"xai/grok-code-fast-1": known(256_000, 0, nil, false, 0.2, 1.5, 0.02),

	"deepseek/deepseek-chat":     known(128_000, 8_192, nil, false, 0.28, 0.42, 0.028),
	"deepseek/deepseek-reasoner": known(128_000, 64_000, nil, false, 0.28, 0.42, 0.028),

	"mistral/mistral-large-latest":  known(128_000, 0, nil, images),
	"mistral/mistral-medium-latest": known(128_000, 0, nil, images, 0.4, 2),
	"mistral/mistral-small-latest":  known(128_000, 0, nil, images, 0.1, 0.3),
	"mistral/codestral-latest":      known(256_000, 0, nil, false, 0.3, 0.9),
	"mistral/devstral-small-latest": known(128_000, 0, nil, false, 0.1, 0.3),

	"groq/openai/gpt-oss-120b":                       known(131_072, 65_536, fromLow, false, 0.15, 0.6),
	"groq/openai/gpt-oss-20b":                        known(131_072, 65_536, fromLow, false, 0.075, 0.3),
	"groq/llama-3.3-70b-versatile":                   known(131_072, 32_768, nil, false, 0.59, 0.79),
	"groq/llama-3.1-8b-instant":                      known(131_072, 131_072, nil, false, 0.05, 0.08),
	"groq/meta-llama/llama-4-scout-17b-16e-instruct": known(131_072, 8_192, nil, images, 0.11, 0.34),

	"cerebras/gpt-oss-120b": known(131_072, 0, nil, false, 0.35, 0.75),

	"openrouter/anthropic/claude-sonnet-4.5": known(200_000, 64_000, fromLow, images),
	"openrouter/anthropic/claude-haiku-4.5":  known(200_000, 64_000, fromLow, images),
	"openrouter/openai/gpt-5":                known(400_000, 128_000, fromMinimal, images),
	"openrouter/google/gemini-2.5-pro":       known(1_048_576, 65_536, fromLow, images),
}
