package runtime

import (
	"bytes"
	"io"
)

// A lineWriter passes on whole lines only, so that the lines of several processes do not mix.
type lineWriter struct {
	to   io.Writer
	rest []byte
}

func (w *lineWriter) Write(data []byte) (int, error) {
	w.rest = append(w.rest, data...)
	if end := bytes.LastIndexByte(w.rest, '\n') + 1; end > 0 && w.to != nil {
		w.to.Write(w.rest[:end]) // a log that cannot be written must not stop the function
		w.rest = append(w.rest[:0], w.rest[end:]...)
	}
	return len(data), nil
}

func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.Write([]byte("\n"))
	}
}
