package queue

import (
	"encoding/json"
	"strings"
	"testing"
)

// SQS refuses messages with some characters. A message is ASCII, and says what was to be said.
func TestMessagesAreASCII(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"plain", "dossier né d’œuvre", "😀", "\uffff", "\U0010ffff"} {
		body, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		sent := ascii(body)
		if strings.IndexFunc(sent, func(r rune) bool { return r > 0x7e }) >= 0 {
			t.Errorf("%q is sent as %s", text, sent)
		}
		var read string
		if err := json.Unmarshal([]byte(sent), &read); err != nil || read != text {
			t.Errorf("%q is read as %q, %v", text, read, err)
		}
	}
}
