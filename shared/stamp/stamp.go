// Package stamp holds what every value that people change carries: its version and its times.
package stamp

import "time"

// Stamp is embedded in stored values. The table advances it when the value is written; the rules
// leave it alone.
type Stamp struct {
	Version   int64     `json:"version"` // 1 when created, one more with each change
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// Stamped gives the table access to the stamp of a value that embeds it.
func (s *Stamp) Stamped() *Stamp { return s }

// Advance makes the next version, written at now.
func (s *Stamp) Advance(now time.Time) {
	if s.Version == 0 {
		s.CreatedAt = now
	}
	s.Version++
	s.UpdatedAt = now
}
