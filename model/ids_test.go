package model

import (
	"fmt"
	"testing"
)

func TestUniqueIDs(t *testing.T) {
	number := 0
	newID := func() string { number++; return fmt.Sprint("new_", number) }
	blocks := []Block{{Type: TextBlock, Text: "hm"}, call("a", "{}"), call("b", "{}"), call("b", "{}"), call("", "{}"), call("old", "{}")}
	UniqueIDs(blocks, []Message{said(call("old", "{}"), call("new_1", "{}")), user(result("old"))}, newID)
	got := ""
	for _, b := range blocks {
		got += b.ID + " "
	}
	if got != " a b new_2 new_3 new_4 " {
		t.Errorf("got %q", got)
	}
}
