package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const clockPath = "/local/clock"

// A line of the answer while the clock is moved.
type line struct {
	Text  string `json:"text,omitempty"`
	Error string `json:"error,omitempty"` // why it ended too early: the last line
	Done  bool   `json:"done,omitempty"`  // the last line otherwise
}

// serveClock moves the clock by what the body says, and answers a line of JSON for each thing to tell. Pages of other sites
// can't ask for it.
func (c *cloud) serveClock() http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "POST how far the clock is to move", http.StatusMethodNotAllowed)
			return
		}
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 100))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		by, err := parseSpan(strings.TrimSpace(string(text)))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/jsonl")
		lines := json.NewEncoder(w)
		tell := func(l line) {
			lines.Encode(l)
			http.NewResponseController(w).Flush()
		}
		err = c.advance(r.Context(), by, func(format string, args ...any) { tell(line{Text: fmt.Sprintf(format, args...)}) })
		if err != nil {
			tell(line{Error: err.Error()})
			return
		}
		tell(line{Done: true})
	}))
}

// moveClock has the cloud that runs on the folder move its clock, and prints what it tells.
func moveClock(ctx context.Context, dir, by string) error {
	if _, err := parseSpan(by); err != nil {
		return err
	}
	a, err := running(dir)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.API+clockPath, strings.NewReader(by))
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(answer.Body)
		return errors.New(strings.TrimSpace(string(why)))
	}
	for lines := bufio.NewScanner(answer.Body); ; {
		if !lines.Scan() {
			return errors.Join(errors.New("the local cloud has ended meanwhile"), lines.Err())
		}
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return err
		}
		switch {
		case l.Error != "":
			return errors.New(l.Error)
		case l.Done:
			return nil
		}
		fmt.Println(l.Text)
	}
}
