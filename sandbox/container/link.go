package container

import (
	"errors"
	"io"
	"sync"
)

// link is many streams of frames over one connection: between flue and the keeper in a container.
type link struct {
	accept func(s *stream, kind byte) // is called for each stream that the other end begins; it must not wait
	gone   chan struct{}              // closed when the connection has ended

	writing sync.Mutex
	to      io.Writer

	mu      sync.Mutex
	streams map[uint32]*stream
	next    uint32 // number of the next stream that this end begins
	err     error  // what ended the connection
}

// newLink reads frames until the connection ends. The two ends number their streams from 1 and from 2.
func newLink(from io.Reader, to io.Writer, first uint32, accept func(s *stream, kind byte)) *link {
	l := &link{to: to, next: first, accept: accept, gone: make(chan struct{}), streams: map[uint32]*stream{}}
	go l.read(from)
	return l
}

var errNoStream = errors.New("the stream has ended")

func (l *link) read(from io.Reader) {
	for {
		kind, number, data, err := readFrame(from)
		if err != nil {
			l.end(err)
			return
		}
		l.mu.Lock()
		s := l.streams[number]
		begins := s == nil && number%2 != l.next%2 && (kind == frameCall || kind == frameScript || kind == frameFile)
		if begins {
			s = l.add(number)
		}
		l.mu.Unlock()
		switch {
		case s == nil: // it was closed meanwhile
		case kind == frameClosed:
			s.finish(io.EOF)
		default:
			s.put(kind, data)
			if begins {
				l.accept(s, kind)
			}
		}
	}
}

// end tells all streams that there is no connection any more.
func (l *link) end(err error) {
	l.mu.Lock()
	l.err = err
	all := l.streams
	l.streams = map[uint32]*stream{}
	l.mu.Unlock()
	for _, s := range all {
		s.finish(err)
	}
	close(l.gone)
}

func (l *link) add(number uint32) *stream {
	s := &stream{link: l, number: number}
	s.news.L = &s.mu
	l.streams[number] = s
	return s
}

// begin begins a stream.
func (l *link) begin() *stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.add(l.next)
	l.next += 2
	if l.err != nil {
		s.finish(l.err)
	}
	return s
}

// stream is one of a link. What comes waits without bound: who begins a stream asks for no more than it wants.
type stream struct {
	link   *link
	number uint32

	mu   sync.Mutex
	news sync.Cond
	come []frame
	err  error
}

type frame struct {
	kind byte
	data []byte
}

var _ frames = (*stream)(nil)

func (s *stream) put(kind byte, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.come = append(s.come, frame{kind, data})
	s.news.Signal()
}

func (s *stream) finish(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	s.news.Broadcast()
}

func (s *stream) receive() (byte, []byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.come) == 0 && s.err == nil {
		s.news.Wait()
	}
	if len(s.come) == 0 {
		return 0, nil, s.err
	}
	f := s.come[0]
	s.come = s.come[1:]
	return f.kind, f.data, nil
}

// peek is the frame that began a stream.
func (s *stream) peek() ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.come) == 0 {
		return nil, false
	}
	return s.come[0].data, true
}

func (s *stream) send(kind byte, data []byte) error {
	s.mu.Lock()
	err := s.err
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.link.writing.Lock()
	defer s.link.writing.Unlock()
	return writeFrame(s.link.to, kind, s.number, data)
}

// Close ends the stream, and tells the other end.
func (s *stream) Close() error {
	s.link.mu.Lock()
	_, open := s.link.streams[s.number]
	delete(s.link.streams, s.number)
	s.link.mu.Unlock()
	s.finish(errNoStream)
	if !open {
		return nil
	}
	s.link.writing.Lock()
	defer s.link.writing.Unlock()
	return writeFrame(s.link.to, frameClosed, s.number, nil)
}
