package main

import "testing"

func TestADayIsToldInWords(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*tally{
		"": {},
		"2 renewed, 1 reminded, 1 a.kind, 1 z.kind, 1 mail": {mails: 1, events: map[string]string{
			"1": "z.kind", "2": "licence.reminder", "3": "licence.renewed", "4": "a.kind", "5": "licence.renewed", "6": "licence.reminderSent",
		}},
		"2 mails": {mails: 2},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}
