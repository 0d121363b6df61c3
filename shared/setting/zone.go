package setting

import (
	"fmt"
	"time"
	_ "time/tzdata" // Lambda has no time zones of its own
)

// Zone is the publisher's time zone, which must be set; the error names the setting.
func Zone() (*time.Location, error) {
	name, err := Need(TimeZone)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", TimeZone, err)
	}
	return zone, nil
}
