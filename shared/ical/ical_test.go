package ical_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	other "github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"comptoir/shared/calendar"
	"comptoir/shared/ical"
)

func day(text string) calendar.Date {
	d, err := calendar.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

func silent(int) string { return "" }

// parse reads a document as another program does.
func parse(t rapid.TB, document []byte) *other.Calendar {
	t.Helper()
	c, err := other.NewDecoder(bytes.NewReader(document)).Decode()
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return c
}

func textOf(t rapid.TB, c *other.Component, name string) string {
	t.Helper()
	text, err := c.Props.Text(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return text
}

func event(summary, description string) ical.Event {
	return ical.Event{
		UID: "lic_1@comptoir", On: day("2026-12-31"), Changed: time.Date(2026, 3, 10, 12, 0, 5, 0, time.FixedZone("", 3600)),
		Summary: summary, Description: description,
	}
}

func TestAnotherProgramReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	c := parse(t, ical.Calendar{Name: "Échéances", Refresh: 4 * time.Hour, Events: []ical.Event{event("Renewal", "One\nTwo")}}.Document(silent))
	if name := textOf(t, c.Component, "X-WR-CALNAME"); name != "Échéances" {
		t.Errorf("name %q", name)
	}
	every, err := c.Props.Get("REFRESH-INTERVAL").Duration()
	if err != nil || every != 4*time.Hour || c.Props.Get("X-PUBLISHED-TTL").Value != "PT4H" {
		t.Errorf("is read again after %s, %v", every, err)
	}
	events := c.Events()
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	e := events[0]
	start, err := e.DateTimeStart(time.UTC)
	if err != nil || !start.Equal(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)) || e.Props.Get("DTSTART").ValueType() != other.ValueDate {
		t.Errorf("starts %s, %v", start, err)
	}
	if stamp, err := e.Props.DateTime("DTSTAMP", nil); err != nil || !stamp.Equal(time.Date(2026, 3, 10, 11, 0, 5, 0, time.UTC)) {
		t.Errorf("stamped %s, %v", stamp, err)
	}
	if textOf(t, e.Component, "UID") != "lic_1@comptoir" || textOf(t, e.Component, "DESCRIPTION") != "One\nTwo" || textOf(t, e.Component, "TRANSP") != "TRANSPARENT" {
		t.Errorf("is %v", e.Props)
	}
}

// Names are what people have typed: none of it ends a line, a value or an event.
func TestTextsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	pieces := []string{",", ";", `\`, `\n`, "\n", "\r\n", ":", `"`, "é", "日本", "👩‍👩‍👧", " ", "END:VEVENT", "Dupont & fils", strings.Repeat("é", 40), "\t", "'"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 30).Draw(t, "text"), "")
		c := parse(t, ical.Calendar{Name: "R", Events: []ical.Event{event(text, text)}}.Document(silent))
		want := strings.ReplaceAll(text, "\r\n", "\n")
		if len(c.Events()) != 1 {
			t.Fatalf("%d events", len(c.Events()))
		}
		for _, name := range []string{"SUMMARY", "DESCRIPTION"} {
			if got := textOf(t, c.Events()[0].Component, name); got != want {
				t.Fatalf("%s is %q, was %q", name, got, want)
			}
		}
	})
}

// RFC 5545, 3.3.11. Not every program needs all of it.
func TestTextsAreEscaped(t *testing.T) {
	t.Parallel()
	document := string(ical.Calendar{Name: "R", Events: []ical.Event{event("a,b;c\\d\ne\r\nf:g\"h", "")}}.Document(silent))
	if want := "\r\nSUMMARY:a\\,b\\;c\\\\d\\ne\\nf:g\"h\r\n"; !strings.Contains(document, want) {
		t.Errorf("%q lacks %q", document, want)
	}
}

// RFC 5545, 3.1: a line has 75 octets at the most, and none is cut within a character.
func TestLinesAreFoldedBetweenCharacters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + strings.Repeat(rapid.SampledFrom([]string{"a", "é", "日", "🦊"}).Draw(t, "letter"), rapid.IntRange(0, 200).Draw(t, "times"))
		document := string(ical.Calendar{Name: text, Events: []ical.Event{event(text, text)}}.Document(func(int) string { return text }))
		if !strings.HasSuffix(document, "END:VCALENDAR\r\n") {
			t.Fatal("the last line has no end")
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(document, "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("%d octets in %q", len(line), line)
			}
		}
		parse(t, []byte(document))
	})
}

func TestALineOfSeventyFiveIsWhole(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("a", 75-len("SUMMARY:"))
	for text, folded := range map[string]bool{whole: false, whole + "a": true, whole[1:] + "é": true} {
		if got := strings.Contains(string(ical.Calendar{Name: "R", Events: []ical.Event{event(text, "")}}.Document(silent)), "\r\n "); got != folded {
			t.Errorf("%q: folded %t", text, got)
		}
	}
}

// What no document may have is left out, and the rest stays.
func TestControlCharactersAreLeftOut(t *testing.T) {
	t.Parallel()
	c := parse(t, ical.Calendar{Name: "R", Events: []ical.Event{event("a\x00b\x07c\u0085d\x7fe\xff", "")}}.Document(silent))
	if got := textOf(t, c.Events()[0].Component, "SUMMARY"); got != "abcde\uFFFD" {
		t.Errorf("%q", got)
	}
}

// A function answers 6 MB at the most, as JSON, in which the end of a line takes four.
func TestADocumentIsBounded(t *testing.T) {
	t.Parallel()
	long := event(strings.Repeat("🦊", 200), strings.Repeat("é", 600))
	all := ical.Calendar{Name: "R"}
	for range 5000 {
		all.Events = append(all.Events, long)
	}
	written := 0
	document := all.Document(func(events int) string {
		written = events
		return "cut"
	})
	c := parse(t, document)
	if len(document) > 5<<20 || written == 5000 || len(c.Events()) != written || textOf(t, c.Component, "X-WR-CALDESC") != "cut" {
		t.Errorf("%d bytes, %d events, said to be %d", len(document), len(c.Events()), written)
	}
}
