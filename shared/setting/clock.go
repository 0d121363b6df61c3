package setting

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Clock names the file by which a local cloud moves the time of its functions. No deployment has it: it is no
// function's setting.
const Clock = "COMPTOIR_CLOCK"

// Now is the time that functions go by: the real one, or what the clock of a local cloud shows at this moment.
func Now() time.Time {
	file := os.Getenv(Clock)
	if file == "" {
		return time.Now()
	}
	ahead, err := Ahead(file)
	if err != nil {
		panic(err) // the local cloud has written it before it started us
	}
	return time.Now().Add(ahead)
}

// Ahead is by how much the clock of a file is ahead of the real time. The file holds milliseconds.
func Ahead(file string) (time.Duration, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	ms, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the clock %s: %w", file, err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}
