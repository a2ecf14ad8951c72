package git

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli/clitest"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// arrive stores a pack in an empty repository and says what became of it.
func arrive(t testing.TB, pack []byte, loose bool, then func(*repo)) (err error) {
	clitest.Run(t, func(ctx context.Context, inv *shell.Invocation) int {
		r := &repo{ctx: ctx, inv: inv, out: inv.Buffered(inv.Stdout), cache: map[id]object{}, at: inv.Dir, dir: "/w/.git"}
		if err = r.storePack(pack, map[id]bool{}, loose); err == nil && then != nil {
			then(r)
		}
		held := r.held + r.kept
		inv.Budget.Release(held)
		if left := inv.Budget.Held(); left != 0 {
			t.Errorf("%d bytes are still held", left)
		}
		if files, _ := inv.FS.ReadDir("/w/.git/objects"); err != nil && len(files) > 0 {
			t.Errorf("%v, and yet it left %v", err, files)
		}
		return 0
	}, clitest.Case{Args: []string{"git"}, Files: map[string]string{".git/HEAD": "ref: refs/heads/main\n"}})
	return err
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

// entryOf is an object of a pack whose head says size; link is what stands between head and content.
func entryOf(kind byte, size int, link, data []byte) []byte {
	b := []byte{kind<<4 | byte(size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		b[len(b)-1] |= 0x80
		b = append(b, byte(size&0x7f))
	}
	return append(append(b, link...), deflated(data)...)
}

func packOf(count int, entries ...[]byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(count))
	for _, e := range entries {
		b = append(b, e...)
	}
	sum := sha1.Sum(b)
	return append(b, sum[:]...)
}

// number writes a size as a delta has it.
func number(n int) (b []byte) {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n&0x7f)|0x80)
	}
	return append(b, byte(n))
}

// deltaOf makes, of a base of so many bytes, what its operations say.
func deltaOf(base, result int, ops ...byte) []byte {
	return append(append(number(base), number(result)...), ops...)
}

func whole(kind byte, data string) []byte { return entryOf(kind, len(data), nil, []byte(data)) }

func TestHostilePack(t *testing.T) {
	hello := whole(3, "hello")
	h := hashOf("blob", []byte("hello"))
	back := func(n int) []byte { return []byte{byte(n)} }
	same := deltaOf(5, 5, 0x90, 5) // copy it all
	other := id{1, 2, 3}
	tree := "100644 a\x00" + string(other[:])
	good := packOf(1, hello)
	wrong := bytes.Clone(good)
	wrong[len(wrong)-1] ^= 1
	zeros := entryOf(3, 0xffffff, nil, make([]byte, 0xffffff))
	bomb := deltaOf(0xffffff, 17*0xffffff, bytes.Repeat([]byte{0xf0, 0xff, 0xff, 0xff}, 17)...)
	chain := func(n int) []byte {
		list := [][]byte{hello}
		for range n {
			list = append(list, entryOf(6, len(same), back(len(list[len(list)-1])), same))
		}
		return packOf(len(list), list...)
	}
	for name, c := range map[string]struct {
		pack []byte
		want string // in the error; "" for none
	}{
		"whole":               {good, ""},
		"empty":               {packOf(0), ""},
		"delta":               {packOf(2, hello, entryOf(6, 9, back(len(hello)), deltaOf(5, 6, 0x90, 5, 1, '!'))), "an object is shorter than it says"},
		"right delta":         {packOf(2, hello, entryOf(6, 6, back(len(hello)), deltaOf(5, 6, 0x90, 5, 1, '!'))), ""},
		"delta by name":       {packOf(2, entryOf(7, 6, h[:], deltaOf(5, 6, 0x90, 5, 1, '!')), hello), ""},
		"nothing":             {nil, "early EOF"},
		"short":               {good[:20], "early EOF"},
		"truncated":           {good[:len(good)-3], "an object is corrupt"},
		"signature":           {append([]byte("KCAP"), good[4:]...), "pack signature mismatch"},
		"version":             {append([]byte("PACK\x00\x00\x00\x09"), good[8:]...), "version 9 unsupported"},
		"checksum":            {wrong, "SHA1 mismatch"},
		"count":               {packOf(2, hello), "bad object at offset 30"},
		"huge count":          {packOf(1<<31, hello), "early EOF"},
		"junk":                {packOf(1, hello, []byte("junk")), "junk at the end"},
		"kind 0":              {packOf(1, whole(0, "hello")), "bad object at offset 12"},
		"kind 5":              {packOf(1, whole(5, "hello")), "bad object at offset 12"},
		"too long":            {packOf(1, entryOf(3, 4, nil, []byte("hello"))), "longer than it says"},
		"too short":           {packOf(1, entryOf(3, 6, nil, []byte("hello"))), "shorter than it says"},
		"enormous":            {packOf(1, entryOf(3, 1<<40, nil, []byte("hello"))), "larger than this git takes"},
		"not zlib":            {packOf(1, append([]byte{0x35}, "hello world"...)), "corrupt"},
		"before the start":    {packOf(1, entryOf(6, len(same), back(100), same)), "bad object at offset 12"},
		"upon itself":         {packOf(1, entryOf(6, len(same), back(0), same)), "bad object at offset 12"},
		"between objects":     {packOf(2, hello, entryOf(6, len(same), back(len(hello)-1), same)), "1 unresolved delta"},
		"base not here":       {packOf(1, entryOf(7, len(same), other[:], same)), "1 unresolved delta"},
		"each other's base":   {packOf(2, entryOf(7, len(same), h[:], same), entryOf(7, len(same), h[:], same)), "2 unresolved deltas"},
		"copy beyond":         {packOf(2, hello, entryOf(6, 4, back(len(hello)), deltaOf(5, 9, 0x90, 9))), "a delta is corrupt"},
		"insert beyond":       {packOf(2, hello, entryOf(6, 4, back(len(hello)), deltaOf(5, 9, 9, 'x'))), "a delta is corrupt"},
		"another base":        {packOf(2, hello, entryOf(6, 4, back(len(hello)), deltaOf(6, 5, 0x90, 5))), "a delta is corrupt"},
		"another result":      {packOf(2, hello, entryOf(6, 4, back(len(hello)), deltaOf(5, 6, 0x90, 5))), "a delta is corrupt"},
		"longest chain":       {chain(maxDelta), ""},
		"longer chain":        {chain(maxDelta + 1), "more than 4095 deltas"},
		"bomb":                {packOf(2, zeros, entryOf(6, len(bomb), offset(len(zeros)), bomb)), "a delta is corrupt"},
		"tree without blob":   {packOf(1, whole(2, tree)), "remote did not send all necessary objects"},
		"malformed tree":      {packOf(1, whole(2, "100644 a")), "malformed tree"},
		"malformed commit":    {packOf(1, whole(1, "tree nothing\n\nx")), "bad commit"},
		"malformed tag":       {packOf(1, whole(4, "object nothing\n\nx")), "bad tag"},
		"commit with no tree": {packOf(1, whole(1, "tree "+other.String()+"\nauthor a <b> 1 +0000\ncommitter a <b> 1 +0000\n\nx")), "remote did not send all necessary objects"},
	} {
		for _, loose := range []bool{true, false} {
			err := arrive(t, c.pack, loose, func(r *repo) {
				if o, err := r.read(h); name != "empty" && (err != nil || string(o.data) != "hello") {
					t.Errorf("%s: afterwards %q, %v", name, o.data, err)
				}
			})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		}
	}
}

// offset writes how far back a base is.
func offset(n int) []byte {
	b := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		n--
		b = append([]byte{byte(n&0x7f) | 0x80}, b...)
	}
	return b
}

// TestPackRoundTrip: what is written is read, by name and through the index.
func TestPackRoundTrip(t *testing.T) {
	var list []id
	var pack []byte
	arrive(t, packOf(2, whole(3, "hello"), whole(3, strings.Repeat("long ", 1000))), false, func(r *repo) {
		list = []id{hashOf("blob", []byte("hello")), hashOf("blob", []byte(strings.Repeat("long ", 1000)))}
		var err error
		if pack, err = r.writePack(list); err != nil {
			t.Fatal(err)
		}
	})
	if err := arrive(t, pack, false, func(r *repo) {
		for _, h := range list {
			if o, err := r.read(h); err != nil || hashOf(o.kind, o.data) != h {
				t.Errorf("%s: %v", h, err)
			}
		}
	}); err != nil {
		t.Error(err)
	}
}

func FuzzPack(f *testing.F) {
	h := hashOf("blob", []byte("hello"))
	hello := whole(3, "hello")
	f.Add(append(hello, entryOf(6, 6, []byte{byte(len(hello))}, deltaOf(5, 6, 0x90, 5, 1, '!'))...), 2)
	f.Add(append(entryOf(7, 6, h[:], deltaOf(5, 6, 0x90, 5, 1, '!')), hello...), 2)
	f.Add(whole(1, "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor a <b> 1 +0000\ncommitter a <b> 1 +0000\n\nx"), 1)
	f.Fuzz(func(t *testing.T, entries []byte, count int) {
		arrive(t, packOf(count, entries), count%2 == 0, nil)
	})
}
