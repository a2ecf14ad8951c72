package model

// KindOfStatus is what an HTTP status of a failed request means, where the answer's text says no more.
func KindOfStatus(status int) ErrorKind {
	switch status {
	case 401, 402, 403:
		return ErrAuth
	case 408:
		return ErrTimeout
	case 413:
		return ErrOverflow
	case 429:
		return ErrRateLimit
	case 503, 529:
		return ErrOverloaded
	}
	switch {
	case status >= 500:
		return ErrServer
	case status >= 400:
		return ErrInvalid
	}
	return ErrBadAnswer
}
