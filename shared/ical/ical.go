// Package ical writes iCalendar documents (RFC 5545) of events that last a day, for calendar programs to show or to subscribe to.
package ical

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"comptoir/shared/calendar"
)

// Type is the media type of documents.
const Type = "text/calendar"

// MaxSize is the most bytes of a document's events: what a function answers is bounded, too.
const MaxSize = 4 << 20

// A Calendar is a document.
type Calendar struct {
	Name    string
	Refresh time.Duration // after which it is worth reading again, in whole hours; 0: it isn't read again
	Events  []Event
}

// An Event lasts a day and keeps nobody busy.
type Event struct {
	UID         string // the same whenever the event is written, and no other's
	On          calendar.Date
	Changed     time.Time
	Summary     string
	Description string // lines
}

// Document is the calendar as a document. Not all events may fit: it says how many do, and note, given that, what people read of it.
func (c Calendar) Document(note func(events int) string) []byte {
	var events writer
	written := 0
	for ; written < len(c.Events) && events.Len() < MaxSize; written++ {
		events.event(c.Events[written])
	}
	var w writer
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Comptoir//Comptoir//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.text("NAME", c.Name)
	w.text("X-WR-CALNAME", c.Name)
	if said := note(written); said != "" {
		w.text("DESCRIPTION", said)
		w.text("X-WR-CALDESC", said)
	}
	if c.Refresh > 0 {
		every := fmt.Sprintf("PT%dH", int(c.Refresh.Hours()))
		w.line("REFRESH-INTERVAL;VALUE=DURATION", every)
		w.line("X-PUBLISHED-TTL", every)
	}
	w.Write(events.Bytes())
	w.line("END", "VCALENDAR")
	return w.Bytes()
}

type writer struct{ bytes.Buffer }

func (w *writer) event(e Event) {
	w.line("BEGIN", "VEVENT")
	w.text("UID", e.UID)
	w.line("DTSTAMP", e.Changed.UTC().Format("20060102T150405Z"))
	w.line("DTSTART;VALUE=DATE", strings.ReplaceAll(e.On.String(), "-", ""))
	w.text("SUMMARY", e.Summary)
	w.text("DESCRIPTION", e.Description)
	w.line("TRANSP", "TRANSPARENT")
	w.line("END", "VEVENT")
}

// escape is a text as values have it.
var escape = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// text writes a property that holds a text. What nobody sees of it is left out.
func (w *writer) text(name, value string) {
	value = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(value, "\uFFFD"))
	w.line(name, escape.Replace(value))
}

// width is how many bytes a line has at the most, its end aside.
const width = 75

// line writes a property, folded between characters.
func (w *writer) line(name, value string) {
	column := 0
	for _, r := range name + ":" + value {
		n := utf8.RuneLen(r)
		if column+n > width {
			w.WriteString("\r\n ")
			column = 1
		}
		w.WriteRune(r)
		column += n
	}
	w.WriteString("\r\n")
}
