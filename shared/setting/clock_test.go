package setting_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptoir/shared/setting"
)

// TestMain gives the tests a clock, as a local cloud gives its functions one.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "clock")
	if err != nil {
		panic(err)
	}
	os.Setenv(setting.Clock, filepath.Join(dir, "clock"))
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func TestFunctionsGoByTheClockAtEveryLook(t *testing.T) {
	t.Parallel()
	for text, ahead := range map[string]time.Duration{"0": 0, "3600000": time.Hour, "2678400000\n": 31 * 24 * time.Hour} {
		if err := os.WriteFile(os.Getenv(setting.Clock), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		before := time.Now().Add(ahead)
		if now := setting.Now(); now.Before(before) || now.After(time.Now().Add(ahead)) {
			t.Errorf("%q: it is %v, want %v ahead of the real time", text, now, ahead)
		}
	}
}

func TestAClockThatCannotBeReadIsNoClock(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock")
	if _, err := setting.Ahead(file); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile(file, []byte("soon"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := setting.Ahead(file); err == nil {
		t.Error("it took “soon” for a time")
	}
}
