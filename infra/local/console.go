package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A console tells the developer what happens, line by line.
type console struct{ mu sync.Mutex }

func (c *console) say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Println(fmt.Sprintf(format, args...))
}

// A functionLog keeps every line of a function and shows the errors among them, briefly.
type functionLog struct {
	name    string
	file    io.Writer
	console *console
}

func (l *functionLog) Write(lines []byte) (int, error) {
	for line := range bytes.Lines(lines) {
		if text := failure(line); text != "" {
			l.console.say("%s: %s", l.name, text)
		}
	}
	return l.file.Write(lines)
}

// failure returns what a line says of an error, or "" if it tells of none.
func failure(line []byte) string {
	var entry struct{ Level, Msg, Error, ErrorType, ErrorMessage string }
	text := strings.TrimSpace(string(line))
	switch {
	case json.Unmarshal(line, &entry) == nil:
		if entry.Level != "ERROR" && entry.ErrorMessage == "" {
			return ""
		}
		text = strings.Join(strings.Fields(entry.Msg+" "+entry.Error+" "+entry.ErrorType+" "+entry.ErrorMessage), " ")
	case !strings.HasPrefix(text, "panic: ") && !strings.HasPrefix(text, "fatal error: "):
		return ""
	}
	const most = 200
	if len(text) > most {
		text = text[:most] + " …"
	}
	return text
}

// announce is the one block that says where everything is.
func (c *cloud) announce(took time.Duration) {
	var b strings.Builder
	fmt.Fprintf(&b, "\nComptoir runs (started in %.1f s).\n\n", took.Seconds())
	a := c.addresses()
	for _, line := range [][2]string{
		{"Start page", a.API + "/"},
		{"API", a.API + "/v1"},
		{"Documentation", a.Docs},
		{"Mail", a.Mail},
		{"DNS", a.DNS},
		{"Issuer", a.Issuer},
		{"Clock", c.clock.now().Format("2006-01-02 15:04")},
		{"Logs", c.folder.path("logs")},
	} {
		fmt.Fprintf(&b, "  %-14s %s\n", line[0], line[1])
	}
	fmt.Fprintf(&b, "\n  Sign in as     (no password)\n")
	for _, u := range c.startPage().Users {
		fmt.Fprintf(&b, "    %-33s %s\n", u.Email, u.Role)
	}
	fmt.Fprintf(&b, "  Machines       %s\n", strings.Join(c.startPage().Clients, ", "))
	fmt.Fprintf(&b, "\n  A token:  go run ./infra/local token %s\n", c.startPage().Users[0].Email)
	fmt.Fprintf(&b, "  A mail:   go run ./infra/local mail <address>, the latest to it\n")
	fmt.Fprintf(&b, "  A record: go run ./infra/local txt _comptoir.<domain> <value>, as a customer sets it in its DNS\n")
	fmt.Fprintf(&b, "  Time:     go run ./infra/local advance 31d, to see what falls due meanwhile\n")
	fmt.Fprintf(&b, "  Money:    go run ./infra/local pay <customer>, all that is open of it\n")
	fmt.Fprintf(&b, "  Stop:     Ctrl-C; the data stays. Forget it: make reset\n")
	c.console.say("%s", b.String())
}
