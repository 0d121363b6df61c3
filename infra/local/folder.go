package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"comptoir/infra/local/nameserver"
)

// A folder keeps the data of one local cloud: of one at a time, for as long as it is locked.
type folder struct {
	dir  string
	lock *os.File
}

var errInUse = errors.New("in use")

// lockFolder makes the folder if it is missing. The kernel gives the lock back however we end.
func lockFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o755); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, errInUse
	}
	return &folder{dir, lock}, nil
}

func (f *folder) path(elements ...string) string {
	return filepath.Join(append([]string{f.dir}, elements...)...)
}

func (f *folder) unlock() { f.lock.Close() }

// once does something the first time that a cloud runs on the folder, and never again.
func (f *folder) once(name string, do func() error) error {
	marker := f.path(name)
	if _, err := os.Stat(marker); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return os.WriteFile(marker, nil, 0o644)
}

// addresses are where a running cloud can be reached, for commands such as token.
type addresses struct {
	API     string         `json:"api"`
	Docs    string         `json:"docs"`
	Issuer  string         `json:"issuer"`
	Mail    string         `json:"mail"`
	Tables  []string       `json:"tables"`
	Portal  string         `json:"portal"` // the client that people sign in to
	Clients []clientSecret `json:"clients"`

	DynamoDB string `json:"dynamodb"`
	Queues   string `json:"queues"`
	DNS      string `json:"dns"`
	Archive  string `json:"archive"`
}

type clientSecret struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

const addressFile = "addresses.json"

// recordsOf is the file of the DNS records in the folder.
func recordsOf(dir string) nameserver.File { return nameserver.File(filepath.Join(dir, "records.txt")) }

// addRecord adds a TXT record to the DNS of the cloud that runs on the folder.
func addRecord(dir, name, value string) error {
	if _, err := running(dir); err != nil {
		return err
	}
	return recordsOf(dir).Add(name, value)
}

func (f *folder) publish(a addresses) error {
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(f.path(addressFile), data, 0o600)
}

// running reads the addresses of the cloud that runs on the folder.
func running(dir string) (a addresses, err error) {
	notRunning := fmt.Errorf(`nothing runs on %s: start it with "make run"`, dir)
	if _, err := os.Stat(filepath.Join(dir, "lock")); err != nil {
		return a, notRunning
	}
	f, err := lockFolder(dir)
	if err == nil {
		f.unlock()
		return a, notRunning
	}
	if !errors.Is(err, errInUse) {
		return a, err
	}
	data, err := os.ReadFile(filepath.Join(dir, addressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return a, fmt.Errorf("what runs on %s is still starting", dir)
	}
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(data, &a)
}

// reset deletes the folder, but none that was never a local cloud's.
func reset(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "lock")); errors.Is(err, fs.ErrNotExist) {
		fmt.Println("Nothing to forget.")
		return nil
	}
	f, err := lockFolder(dir)
	if errors.Is(err, errInUse) {
		return fmt.Errorf("a local cloud runs on %s: stop it first, with Ctrl-C where it runs", dir)
	}
	if err != nil {
		return err
	}
	defer f.unlock()
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	fmt.Println("All local data is forgotten.")
	return nil
}
