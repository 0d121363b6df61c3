package nameserver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// A File keeps TXT records: on each line a name, a space and a value.
type File string

// Answer says what the file has of a name, as it is now. A file that can't be read is a failure of the server's.
func (f File) Answer(name string) Answer {
	text, err := os.ReadFile(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Answer{Code: dnsmessage.RCodeServerFailure}
	}
	found := NoSuchName
	for line := range strings.Lines(string(text)) {
		if at, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " "); at == name {
			found.Code, found.Values = dnsmessage.RCodeSuccess, append(found.Values, value)
		}
	}
	return found
}

// Add adds a record.
func (f File) Add(name, value string) error {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if _, err := dnsmessage.NewName(name + "."); err != nil || name == "" || strings.ContainsAny(name, " \n") {
		return fmt.Errorf("%q is not the name of a record", name)
	}
	if strings.Contains(value, "\n") {
		return errors.New("a value has one line")
	}
	file, err := os.OpenFile(string(f), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(name + " " + value + "\n")
	return errors.Join(err, file.Close())
}
