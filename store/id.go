package store

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// Prefixes of the ids that NewID makes.
const (
	RunPrefix     = "run"
	SessionPrefix = "ses"
)

// maxSessionID is the longest session id, in bytes.
const maxSessionID = 128

// ValidSession says whether id may name a session: ^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$.
// Ids are keys and never paths, but they appear in URLs, logs and file names of exports.
func ValidSession(id string) bool {
	if id == "" || len(id) > maxSessionID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		alnum := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		mark := c == '.' || c == '_' || c == ':' || c == '@' || c == '-'
		if !alnum && (i == 0 || !mark) {
			return false
		}
	}
	return true
}

// Check says what makes the admission unfit for any store: each engine asks before it writes.
func (a Admission) Check() error {
	switch {
	case a.Run == "":
		return fmt.Errorf("admit: the run has no id")
	}
	if err := a.Session.Check(); err != nil {
		return fmt.Errorf("admit run %s: %w", a.Run, err)
	}
	return nil
}

// Check says what makes the key unfit for a session.
func (k Key) Check() error {
	switch {
	case k.Agent == "":
		return fmt.Errorf("session %.140q names no agent", k.Session)
	case !ValidSession(k.Session):
		return fmt.Errorf("%.140q is no session id: a letter or a digit, then letters, digits and ._:@-, at most %d in all",
			k.Session, maxSessionID)
	}
	return nil
}

// idDigits are Crockford's base 32 in lower case: in the order of their values, and without i, l, o and u.
var idDigits = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an id such as run_01k9m7c3hs8v2q0d6x4n1r5t7w: the prefix, the time in milliseconds, then 80 bits from
// random. Ids of one prefix sort by their time, and each is a valid session id. random is crypto/rand's Reader
// outside tests; NewID panics if it fails, which that one never does.
func NewID(prefix string, now time.Time, random io.Reader) string {
	// The time needs the lower 48 of its 64 bits until the year 10889.
	var b [18]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli()))
	if _, err := io.ReadFull(random, b[8:]); err != nil {
		panic("store: no random bytes for an id: " + err.Error())
	}
	return prefix + "_" + idDigits.EncodeToString(b[2:])
}
