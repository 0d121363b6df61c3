package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/partner"
)

// Message is what an endpoint gets of an event, and what lies on the bus.
type Message struct {
	Type      string    `json:"type"` // the event's kind
	Timestamp time.Time `json:"timestamp"`
	ID        string    `json:"id"` // of the event: the same however often it is sent
	Livemode  bool      `json:"livemode"`
	Data      Content   `json:"data"`
}

// Content is the event.
type Content struct {
	Subject   string         `json:"subject,omitempty"`
	PartnerID string         `json:"partnerId,omitempty"`
	Actor     *event.Actor   `json:"actor,omitempty"`
	Version   int64          `json:"version,omitempty"`
	Data      map[string]any `json:"data,omitempty"`
	Truncated bool           `json:"truncated,omitempty"` // the data would have been too large
	Read      string         `json:"read,omitempty"`      // where they are read then
}

// maxBody is how many bytes a message may have.
const maxBody = 20_000

// Body is the message of an event, in JSON, under 20 kB: larger data are left out, and it says where they are read. It tells
// nothing that the subject's activity doesn't.
func Body(e event.Event) (string, error) {
	m := Message{e.Kind, e.At, e.ID, e.Livemode, Content{Subject: e.Subject, PartnerID: e.PartnerID, Actor: &e.Actor, Version: e.Version, Data: e.Data}}
	text, err := json.Marshal(m)
	if err == nil && len(text) >= maxBody {
		m.Data.Data, m.Data.Truncated, m.Data.Read = nil, true, where(e.Subject)
		text, err = json.Marshal(m)
	}
	return string(text), err
}

// where the events about a subject are read.
func where(subject string) string {
	switch {
	case partner.IsID(subject):
		return "GET /v1/partners/" + subject + "/activity"
	case strings.HasPrefix(subject, "cus_"):
		return "GET /v1/customers/" + subject + "/activity"
	}
	return "GET /v1/plans"
}

// Test is the kind of the messages that try an endpoint: they tell of nothing that happened.
const Test = "webhook.test"

// Headers are those of a message that is sent at a moment, signed with every secret that the endpoint has then.
func (e Endpoint) Headers(id, body string, now time.Time) (map[string]string, error) {
	at := strconv.FormatInt(now.Unix(), 10)
	var signatures []string
	for _, s := range e.signing(now) {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Text, secretPrefix))
		if err != nil {
			return nil, fmt.Errorf("webhook: a secret of %s is not base64", e.ID)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + at + "." + body))
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return map[string]string{"webhook-id": id, "webhook-timestamp": at, "webhook-signature": strings.Join(signatures, " ")}, nil
}

const secretPrefix = "whsec_"

// SecretBytes is how many random bytes make a secret.
const SecretBytes = 32

// NewSecret is the secret of some random bytes.
func NewSecret(random []byte) string { return secretPrefix + base64.StdEncoding.EncodeToString(random) }
