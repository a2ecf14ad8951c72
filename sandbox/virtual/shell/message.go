package shell

import (
	"fmt"
	"strconv"
)

// warnf writes a message as bash words it: "bash: line 3: message".
func (s *shell) warnf(format string, args ...any) {
	s.errln(s.where() + fmt.Sprintf(format, args...))
}

func (s *shell) where() string {
	name := s.arg0
	if s.source != "" {
		name = s.source
	} else if n := len(s.frames); n > 0 && s.frames[n-1].fn && s.isRead() {
		name = s.sourceName("")
	}
	return name + ": line " + strconv.Itoa(s.line) + ": "
}

// errln writes a line to descriptor 2.
func (s *shell) errln(text string) {
	if st := s.fd(2); st != nil {
		_, _ = st.write([]byte(text+"\n"), s.proc)
	}
}
