// Package eventbus stands for EventBridge: it takes events by PutEvents and writes them to a file, a line each, as rules would get
// them. Nothing else of EventBridge is known.
package eventbus

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// A Bus takes the events of an account.
type Bus struct {
	Buses             []string // their names
	File              string   // that events are appended to
	Region, AccountID string

	mu sync.Mutex
}

// most is how many events one call may bring, and what they may weigh, in bytes.
const (
	most    = 10
	maxSize = 256 << 10
)

type entry struct {
	Source, DetailType, Detail, EventBusName string
	Resources                                []string
	Time                                     float64 // seconds since 1970
}

// Event is an event as a rule's target gets it.
type Event struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       time.Time       `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

type result struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

// ServeHTTP answers PutEvents in AWS JSON 1.1.
func (b *Bus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	var in struct{ Entries []entry }
	switch target, err := r.Header.Get("X-Amz-Target"), json.NewDecoder(http.MaxBytesReader(w, r.Body, 2*maxSize)).Decode(&in); {
	case target != "AWSEvents.PutEvents":
		refuse(w, "UnknownOperationException", fmt.Sprintf("%q is not known locally", target))
	case err != nil:
		refuse(w, "SerializationException", err.Error())
	case len(in.Entries) == 0 || len(in.Entries) > most || size(in.Entries) > maxSize:
		refuse(w, "ValidationException", fmt.Sprintf("a call brings 1 to %d entries, of %d bytes together", most, maxSize))
	default:
		results, failed, err := b.put(in.Entries)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			reply(w, map[string]any{"__type": "InternalException", "message": err.Error()})
			return
		}
		reply(w, map[string]any{"FailedEntryCount": failed, "Entries": results})
	}
}

func refuse(w http.ResponseWriter, code, message string) {
	w.WriteHeader(http.StatusBadRequest)
	reply(w, map[string]any{"__type": code, "message": message})
}

func reply(w http.ResponseWriter, answer map[string]any) { _ = json.NewEncoder(w).Encode(answer) }

func size(entries []entry) (bytes int) {
	for _, e := range entries {
		bytes += len(e.Source) + len(e.DetailType) + len(e.Detail)
	}
	return bytes
}

// put appends the events that are as they have to be.
func (b *Bus) put(entries []entry) (results []result, failed int, err error) {
	var lines []byte
	for _, e := range entries {
		code := b.fault(e)
		if code != "" {
			failed++
			results = append(results, result{ErrorCode: code, ErrorMessage: code})
			continue
		}
		id := rand.Text()
		line, err := json.Marshal(Event{
			Version: "0", ID: id, DetailType: e.DetailType, Source: e.Source, Account: b.AccountID, Region: b.Region,
			Time: time.UnixMilli(int64(e.Time * 1000)).UTC(), Resources: append([]string{}, e.Resources...), Detail: json.RawMessage(e.Detail),
		})
		if err != nil {
			return nil, 0, err
		}
		lines = append(append(lines, line...), '\n')
		results = append(results, result{EventID: id})
	}
	return results, failed, b.append(lines)
}

func (b *Bus) fault(e entry) (code string) {
	switch {
	case e.Source == "" || e.DetailType == "" || e.Detail == "":
		return "InvalidArgument"
	case !json.Valid([]byte(e.Detail)):
		return "MalformedDetail"
	case !slices.Contains(b.Buses, e.EventBusName):
		return "ResourceNotFoundException" // AWS says nothing, and loses it
	}
	return ""
}

func (b *Bus) append(lines []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	file, err := os.OpenFile(b.File, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(lines)
	return errors.Join(err, file.Close())
}
