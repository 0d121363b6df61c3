package consent_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/calendar"
	"comptoir/shared/consent"
	"comptoir/shared/event"
	"comptoir/shared/problem"
)

var (
	noon     = time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC)
	paris, _ = time.LoadLocation("Europe/Paris")
	today    = calendar.On(noon, paris)
	forever  calendar.Date
	blank    = consent.Consent{CustomerID: "cus_1", CustomerName: "Dupont", PartnerID: "par_1", PartnerName: "Martin"}
)

func code(err error) string {
	if p := problem.Of(err); p != nil {
		return p.Code
	}
	return fmt.Sprint(err)
}

func kinds(facts []event.Fact) string {
	var all []string
	for _, f := range facts {
		all = append(all, f.Kind)
	}
	return strings.Join(all, " ")
}

// at are consents in every state that one can be in at noon, with the partner's right of term 2.
func at(t *testing.T) map[string]consent.Consent {
	t.Helper()
	earlier := noon.Add(-72 * time.Hour)
	granted := func(c consent.Consent, term int, until calendar.Date) consent.Consent {
		after, _, err := c.Grant("Zoé", term, until, earlier, paris)
		if err != nil {
			t.Fatal(err)
		}
		return after
	}
	without := func(c consent.Consent) consent.Consent {
		after, _, err := c.Withdraw("Zoé", earlier)
		if err != nil {
			t.Fatal(err)
		}
		return after
	}
	asked, _ := blank.Ask("Ada", 2, earlier)
	before, _ := blank.Ask("Ada", 1, earlier)
	return map[string]consent.Consent{
		"nobody has asked":               blank,
		"asked":                          asked,
		"asked in a term before":         before,
		"granted":                        granted(asked, 2, forever),
		"granted until today":            granted(asked, 2, today),
		"granted, with somebody out":     granted(asked, 2, forever).ShutOut("col_1", "", earlier),
		"granted until yesterday":        granted(asked, 2, today.AddDays(-1)),
		"granted in a term before":       granted(before, 1, forever),
		"declined":                       without(asked),
		"withdrawn":                      without(granted(asked, 2, forever)),
		"withdrawn when it had lapsed":   without(granted(asked, 2, today.AddDays(-3))),
		"granted without being asked":    granted(blank, 2, forever),
		"declined, though a term before": without(before),
	}
}

// A17: every step from every state. It is who asks and who answers, never how often, that changes something.
func TestEveryStep(t *testing.T) {
	t.Parallel()
	type step struct{ state, told string } // afterwards; nothing told is nothing changed
	for name, c := range map[string]struct {
		is                   consent.State
		ask, grant, withdraw step
	}{
		"nobody has asked":               {"", step{"requested", "consent.asked"}, step{"granted", "consent.granted"}, step{"", "not_found"}},
		"asked":                          {"requested", step{"requested", ""}, step{"granted", "consent.granted"}, step{"declined", "consent.declined"}},
		"asked in a term before":         {"requested", step{"requested", "consent.asked"}, step{"granted", "consent.granted"}, step{"declined", "consent.declined"}},
		"granted":                        {"granted", step{"granted", ""}, step{"granted", ""}, step{"withdrawn", "consent.withdrawn"}},
		"granted until today":            {"granted", step{"granted", ""}, step{"granted", "consent.granted"}, step{"withdrawn", "consent.withdrawn"}},
		"granted, with somebody out":     {"granted", step{"granted", ""}, step{"granted", "consent.granted"}, step{"withdrawn", "consent.withdrawn"}},
		"granted until yesterday":        {"lapsed", step{"requested", "consent.asked"}, step{"granted", "consent.granted"}, step{"withdrawn", "consent.withdrawn"}},
		"granted in a term before":       {"lapsed", step{"requested", "consent.asked"}, step{"granted", "consent.granted"}, step{"withdrawn", "consent.withdrawn"}},
		"declined":                       {"declined", step{"requested", "consent.asked"}, step{"granted", "consent.granted"}, step{"declined", ""}},
		"withdrawn":                      {"withdrawn", step{"requested", "consent.asked"}, step{"granted", "consent.granted"}, step{"withdrawn", ""}},
		"withdrawn when it had lapsed":   {"withdrawn", step{"requested", "consent.asked"}, step{"granted", "consent.granted"}, step{"withdrawn", ""}},
		"granted without being asked":    {"granted", step{"granted", ""}, step{"granted", ""}, step{"withdrawn", "consent.withdrawn"}},
		"declined, though a term before": {"declined", step{"requested", "consent.asked"}, step{"granted", "consent.granted"}, step{"declined", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := at(t)[name]
			if got := before.State(2, noon); got != c.is {
				t.Fatalf("it is %q, want %q", got, c.is)
			}
			check := func(what string, want step, after consent.Consent, facts []event.Fact, err error) {
				told := kinds(facts)
				if err != nil {
					told = code(err)
				}
				if got := after.State(2, noon); string(got) != want.state || told != want.told {
					t.Errorf("%s: %q and %q, want %q and %q", what, got, told, want.state, want.told)
				}
				if len(facts) == 0 && !reflect.DeepEqual(after, before) {
					t.Errorf("%s: without a fact %+v became %+v", what, before, after)
				}
				for _, f := range facts {
					if f.Data["partnerId"] != "par_1" {
						t.Errorf("%s: told %v", what, f)
					}
				}
			}
			after, facts := before.Ask("Ada", 2, noon)
			check("asked", c.ask, after, facts, nil)
			if len(facts) > 0 && (after.RequestedBy != "Ada" || !after.RequestedAt.Equal(noon) || after.AnsweredBy != "" || !after.AnsweredAt.IsZero() || !after.Until.IsZero()) {
				t.Errorf("asked: %+v", after)
			}
			after, facts, err := before.Grant("Bob", 2, forever, noon, paris)
			check("granted", c.grant, after, facts, err)
			if len(facts) > 0 && (after.AnsweredBy != "Bob" || !after.AnsweredAt.Equal(noon) || !after.Until.IsZero() || !after.EndsAt.IsZero()) {
				t.Errorf("granted: %+v", after)
			}
			after, facts, err = before.Withdraw("Bob", noon)
			check("withdrawn", c.withdraw, after, facts, err)
			if after.Covers("col_2", "", 2, noon) || len(facts) > 0 && (after.AnsweredBy != "Bob" || !after.AnsweredAt.Equal(noon)) {
				t.Errorf("withdrawn: %+v", after)
			}
		})
	}
}

// The end of a consent is said once, when it comes; a consent given for longer, given anew or withdrawn has another end or none.
func TestTheEndOfAConsentIsSaid(t *testing.T) {
	t.Parallel()
	until := func(c consent.Consent, last calendar.Date) consent.Consent {
		after, _, err := c.Grant("Zoé", 2, last, noon, paris)
		if err != nil {
			t.Fatal(err)
		}
		return after
	}
	tonight := today.AddDays(1).Start(paris)
	ended, _, _ := until(blank, today).Lapse(2, tonight)
	withdrawn, _, _ := until(blank, today).Withdraw("Zoé", noon)
	asked, _ := ended.Ask("Ada", 2, tonight)
	anew, _, _ := ended.Grant("Zoé", 2, today.AddDays(9), tonight, paris)
	shut := until(blank, today).ShutOut("col_1", "", noon)
	for name, c := range map[string]struct {
		given consent.Consent
		due   time.Time
		term  int
		told  string
	}{
		"until tonight":                         {until(blank, today), tonight, 2, "consent.lapsed"},
		"until tonight, with somebody out":      {shut, tonight, 2, "consent.lapsed"},
		"without an end":                        {until(blank, forever), time.Time{}, 2, ""},
		"given for longer":                      {until(until(blank, today), today.AddDays(3)), today.AddDays(4).Start(paris), 2, "consent.lapsed"},
		"given without an end after all":        {until(until(blank, today), forever), time.Time{}, 2, ""},
		"withdrawn":                             {withdrawn, time.Time{}, 2, ""},
		"said already":                          {ended, time.Time{}, 2, ""},
		"asked for again":                       {asked, time.Time{}, 2, ""},
		"given anew":                            {anew, today.AddDays(10).Start(paris), 2, "consent.lapsed"},
		"over before, with the partner's right": {until(blank, today), tonight, 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !c.given.DueAt().Equal(c.due) {
				t.Fatalf("due at %v, want %v", c.given.DueAt(), c.due)
			}
			if _, facts, due := c.given.Lapse(c.term, c.due.Add(-time.Millisecond)); due || len(facts) > 0 {
				t.Errorf("before its time: %v", facts)
			}
			after, facts, due := c.given.Lapse(c.term, tonight.AddDate(1, 0, 0))
			if kinds(facts) != c.told || due == c.due.IsZero() {
				t.Errorf("told %v, due %t", facts, due)
			}
			if _, facts, again := after.Lapse(c.term, tonight.AddDate(1, 0, 0)); again || len(facts) > 0 {
				t.Errorf("twice: %v", facts)
			}
			if due && after.State(2, tonight.AddDate(1, 0, 0)) != consent.Lapsed {
				t.Errorf("it is %s", after.State(2, tonight.AddDate(1, 0, 0)))
			}
		})
	}
}

func TestAConsentIsOverWithTheRightToSupport(t *testing.T) {
	t.Parallel()
	c, _, err := blank.Grant("Zoé", 2, forever, noon, paris)
	if err != nil {
		t.Fatal(err)
	}
	for name, term := range map[string]int{"lost": -1, "lost and back": 3, "of a term before": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.State(term, noon) != consent.Lapsed || c.Covers("col_1", "", term, noon) {
				t.Errorf("%s", c.State(term, noon))
			}
		})
	}
	if !c.Covers("col_1", "", 2, noon.AddDate(90, 0, 0)) {
		t.Error("without an end it ends")
	}
}

// The last day is whole, in the publisher's zone, also where the clocks change.
func TestTheLastDayIsWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ until, ends string }{
		"in winter":                             {"2026-03-20", "2026-03-20T23:00:00Z"},
		"before the day of 23 hours":            {"2026-03-28", "2026-03-28T23:00:00Z"},
		"on the day of 23 hours":                {"2026-03-29", "2026-03-29T22:00:00Z"},
		"before the day of 25 hours":            {"2026-10-24", "2026-10-24T22:00:00Z"},
		"on the day of 25 hours":                {"2026-10-25", "2026-10-25T23:00:00Z"},
		"at the end of a month":                 {"2026-04-30", "2026-04-30T22:00:00Z"},
		"at the end of February in a leap year": {"2028-02-29", "2028-02-29T23:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			until, err := calendar.Parse(c.until)
			if err != nil {
				t.Fatal(err)
			}
			ends, err := time.Parse(time.RFC3339, c.ends)
			if err != nil {
				t.Fatal(err)
			}
			given, facts, err := blank.Grant("Zoé", 0, until, noon, paris)
			if err != nil || !given.EndsAt.Equal(ends) || given.Until != until || facts[0].Data["until"] != until {
				t.Fatalf("%v until %v: %v, %v", given.Until, given.EndsAt, facts, err)
			}
			if !given.Covers("col_1", "", 0, ends.Add(-time.Millisecond)) || given.Covers("col_1", "", 0, ends) || given.State(0, ends) != consent.Lapsed {
				t.Errorf("it ends at another time than %v", ends)
			}
		})
	}
}

func TestAConsentCoversTheDaysUpToItsLast(t *testing.T) {
	t.Parallel()
	zones := rapid.SampledFrom([]string{"Europe/Paris", "UTC", "America/New_York", "Pacific/Kiritimati", "Africa/Cairo", "Australia/Lord_Howe"})
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(zones.Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		until := calendar.On(noon, zone).AddDays(rapid.IntRange(0, 1830).Draw(t, "days"))
		c, _, err := blank.Grant("Zoé", 0, until, noon, zone)
		if err != nil {
			t.Fatal(err)
		}
		moment := until.Start(zone).Add(time.Duration(rapid.Int64Range(-60*3600, 60*3600).Draw(t, "seconds")) * time.Second)
		if covers, want := c.Covers("col_1", "", 0, moment), !calendar.On(moment, zone).After(until); covers != want {
			t.Fatalf("until %v it covers %v: %t", until, moment.In(zone), covers)
		}
	})
}

func TestWhenAConsentMayEnd(t *testing.T) {
	t.Parallel()
	late := time.Date(2026, 3, 10, 23, 30, 0, 0, time.UTC) // the 11th in Paris
	for _, c := range []struct {
		name  string
		until calendar.Date
		now   time.Time
		ok    bool
	}{
		{"today", today, noon, true},
		{"not yesterday", today.AddDays(-1), noon, false},
		{"not on the day that is over in Paris", today, late, false},
		{"five years ahead", today.AddDays(5 * 366), noon, true},
		{"not a day later", today.AddDays(5*366 + 1), noon, false},
		{"never", forever, noon, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			after, facts, err := blank.Grant("Zoé", 0, c.until, c.now, paris)
			if (err == nil) != c.ok || !c.ok && (code(err) != "invalid_input" || problem.Of(err).Fields[0].Name != "body.until" || !reflect.DeepEqual(after, blank) || len(facts) > 0) {
				t.Errorf("%v, %+v", err, after)
			}
			if _, says := facts0(facts)["until"]; c.ok && says == c.until.IsZero() {
				t.Errorf("told %v", facts)
			}
		})
	}
}

func facts0(facts []event.Fact) map[string]any {
	if len(facts) == 0 {
		return nil
	}
	return facts[0].Data
}

// F5: the customer ends what lets one person in.
func TestShuttingOneOut(t *testing.T) {
	t.Parallel()
	given, _, err := blank.Grant("Zoé", 0, forever, noon, paris)
	if err != nil {
		t.Fatal(err)
	}
	one := given.ShutOut("col_1", "", noon)
	two := one.ShutOut("col_2", "", noon)
	t.Run("shuts out that one alone", func(t *testing.T) {
		t.Parallel()
		if one.Covers("col_1", "", 0, noon) || !one.Covers("col_2", "", 0, noon) || two.Covers("col_1", "", 0, noon) || two.Covers("col_2", "", 0, noon) || !two.Covers("col_3", "", 0, noon) {
			t.Errorf("%v and %v", one.Shut, two.Shut)
		}
	})
	t.Run("leaves the consent as it is, and the one that was loaded", func(t *testing.T) {
		t.Parallel()
		if two.State(0, noon) != consent.Granted || len(given.Shut) != 0 || len(one.Shut) != 1 {
			t.Errorf("%v, %v, %v", given.Shut, one.Shut, two.Shut)
		}
	})
	t.Run("lasts while the partner asks", func(t *testing.T) {
		t.Parallel()
		if after, facts := one.Ask("Ada", 0, noon); len(facts) > 0 || !reflect.DeepEqual(after, one) {
			t.Errorf("%+v, %v", after, facts)
		}
	})
	t.Run("ends when consent is given anew, which is told", func(t *testing.T) {
		t.Parallel()
		after, facts, err := two.Grant("Zoé", 0, forever, noon, paris)
		if err != nil || kinds(facts) != "consent.granted" || !after.Covers("col_1", "", 0, noon) || !after.Covers("col_2", "", 0, noon) {
			t.Errorf("%+v, %v, %v", after, facts, err)
		}
	})
	t.Run("lets nobody in where nothing is granted", func(t *testing.T) {
		t.Parallel()
		if asked, _ := blank.Ask("Ada", 0, noon); asked.Covers("col_1", "", 0, noon) || blank.Covers("col_1", "", 0, noon) {
			t.Error("it does")
		}
	})
}

func TestWhoAsksIsNamed(t *testing.T) {
	t.Parallel()
	_, facts := blank.Ask("Ada", 0, noon)
	if want := map[string]any{"partnerId": "par_1", "partnerName": "Martin"}; len(facts) != 1 || !reflect.DeepEqual(facts[0].Data, want) {
		t.Errorf("%v", facts)
	}
}
