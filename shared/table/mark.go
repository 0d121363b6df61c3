package table

import "time"

// Mark makes a write happen once. It is written in the transaction of the write and holds its answer.
//
//	PK MARK#<caller>#<operation>#<key>   SK MARK   expires two days later
type Mark struct {
	Caller    string    `json:"caller"`
	Operation string    `json:"operation"`
	Key       string    `json:"key"`  // the Idempotency-Key
	Hash      string    `json:"hash"` // of the input that came with it
	At        time.Time `json:"at"`
	Answer    []byte    `json:"answer"`
	Generated bool      `json:"-"` // the caller gave no key: this one serves the retries within
}

// markLife is longer than the day that is promised (F7).
const markLife = 48 * time.Hour

var _ = describe("mark", func(m Mark) keys {
	return keys{primary: m.ref().Key, until: m.At.Add(markLife)}
})

func (m Mark) ref() Ref[Mark] {
	return Ref[Mark]{Key{"MARK#" + m.Caller + "#" + m.Operation + "#" + m.Key, "MARK"}}
}
