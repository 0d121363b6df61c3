package profile_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/event"
	"comptoir/shared/problem"
	"comptoir/shared/profile"
)

var noon = time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC)

func code(err error) string {
	if p := problem.Of(err); p != nil {
		return p.Code
	}
	return fmt.Sprint(err)
}

const (
	home = "lea@home.example"
	work = "lea@work.example"
)

// having is a profile with a notification address.
func having(a profile.Address) profile.Profile {
	return profile.Profile{UserID: "user-1", Addresses: map[profile.Which]profile.Address{profile.Notification: a}}
}

// C15: an address counts once it is confirmed, and until then the one before does.
func TestSettingAnAddress(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Hour)
	for _, c := range []struct {
		name   string
		before profile.Address
		mail   string
		after  profile.Address
		told   string
	}{
		{"the first is wanted", profile.Address{}, home, profile.Address{Wanted: home, Number: 1, AskedAt: later}, "user.addressGiven"},
		{"the same once more sends another link", profile.Address{Wanted: home, Number: 1, AskedAt: noon}, home, profile.Address{Wanted: home, Number: 2, AskedAt: later}, "user.addressGiven"},
		{"another replaces what is wanted", profile.Address{Wanted: home, Number: 1, AskedAt: noon}, work, profile.Address{Wanted: work, Number: 2, AskedAt: later}, "user.addressGiven"},
		{"the confirmed one stays while another is wanted", profile.Address{Mail: home, ConfirmedAt: noon, Number: 1}, work, profile.Address{Mail: home, ConfirmedAt: noon, Wanted: work, Number: 2, AskedAt: later}, "user.addressGiven"},
		{"the confirmed one once more changes nothing", profile.Address{Mail: home, ConfirmedAt: noon, Number: 1}, home, profile.Address{Mail: home, ConfirmedAt: noon, Number: 1}, ""},
		{"the confirmed one gives up what was wanted", profile.Address{Mail: home, ConfirmedAt: noon, Wanted: work, Number: 2}, home, profile.Address{Mail: home, ConfirmedAt: noon, Number: 2}, "user.addressKept"},
		{"none takes both away, and the links with them", profile.Address{Mail: home, ConfirmedAt: noon, Wanted: work, Number: 2, AskedAt: noon}, "", profile.Address{Number: 2}, "user.addressRemoved"},
		{"none where there is none changes nothing", profile.Address{Number: 2}, "", profile.Address{Number: 2}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before := having(c.before)
			after, facts := before.Want(profile.Notification, c.mail, later)
			if got := after.Addresses[profile.Notification]; got != c.after {
				t.Errorf("%+v, want %+v", got, c.after)
			}
			told := ""
			if len(facts) == 1 && facts[0].Data["which"] == profile.Notification {
				told = facts[0].Kind
			}
			if told != c.told || len(facts) > 1 {
				t.Errorf("told %v, want %q", facts, c.told)
			}
			if told == profile.AddressGiven && facts[0].Data["number"] != c.after.Number {
				t.Errorf("the link has another number: %v", facts)
			}
			if before.Addresses[profile.Notification] != c.before {
				t.Error("the profile that was loaded has changed")
			}
		})
	}
}

func TestConfirmingAnAddress(t *testing.T) {
	t.Parallel()
	end := noon.Add(3 * 24 * time.Hour)
	for _, c := range []struct {
		name   string
		before profile.Address
		number int
		at     time.Time
		want   string
	}{
		{"by its link", profile.Address{Wanted: work, Number: 1, AskedAt: noon}, 1, noon, ""},
		{"where another counts", profile.Address{Mail: home, Wanted: work, Number: 2, AskedAt: noon}, 2, noon, ""},
		{"until the last moment", profile.Address{Wanted: work, Number: 1, AskedAt: noon}, 1, end.Add(-time.Millisecond), ""},
		{"not after three days", profile.Address{Wanted: work, Number: 1, AskedAt: noon}, 1, end, "link_expired"},
		{"not by a link before", profile.Address{Wanted: work, Number: 2, AskedAt: noon}, 1, noon, "link_ended"},
		{"not twice", profile.Address{Mail: work, Number: 1, AskedAt: noon}, 1, noon, "link_ended"},
		{"not when it was taken away", profile.Address{Number: 1}, 1, noon, "link_ended"},
		{"not where none was ever wanted", profile.Address{}, 0, noon, "link_ended"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before := having(c.before)
			after, fact, err := before.Confirm(profile.Notification, c.number, c.at)
			got := after.Addresses[profile.Notification]
			switch {
			case c.want != "" && (code(err) != c.want || !reflect.DeepEqual(after, before) || fact.Kind != ""):
				t.Errorf("%v, want %s", err, c.want)
			case c.want == "" && (err != nil || got.Mail != work || got.Wanted != "" || !got.ConfirmedAt.Equal(c.at) || fact.Kind != "user.addressConfirmed"):
				t.Errorf("%v, %+v", err, got)
			}
			if before.Addresses[profile.Notification] != c.before {
				t.Error("the profile that was loaded has changed")
			}
		})
	}
}

// Whatever is set and tried: what counts was confirmed by the last link of its own, in time, and stays until another is.
func TestOnlyALinkMakesAnAddressCount(t *testing.T) {
	t.Parallel()
	type link struct {
		number int
		mail   string
		sent   time.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		p, now := profile.Profile{UserID: "user-1"}, noon
		counts, links, good := map[profile.Which]string{}, map[profile.Which][]link{}, map[profile.Which]*link{}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "hours")) * time.Hour)
			which := rapid.SampledFrom([]profile.Which{profile.Notification, profile.Fallback}).Draw(t, "which")
			if sent := links[which]; len(sent) > 0 && rapid.Bool().Draw(t, "confirms") {
				l := rapid.SampledFrom(sent).Draw(t, "link")
				may := good[which] != nil && good[which].number == l.number && now.Sub(l.sent) < 72*time.Hour
				var err error
				if p, _, err = p.Confirm(which, l.number, now); (err == nil) != may {
					t.Fatalf("link %v at %v: %v", l, now, err)
				}
				if may {
					counts[which], good[which] = l.mail, nil
				}
			} else {
				mail := rapid.SampledFrom([]string{"", home, work, "lea@else.example"}).Draw(t, "mail")
				var facts []event.Fact
				p, facts = p.Want(which, mail, now)
				switch {
				case mail == "":
					counts[which], good[which] = "", nil
				case mail == counts[which]:
					good[which] = nil
				default:
					l := link{facts[0].Data["number"].(int), mail, now}
					for _, before := range links[which] {
						if before.number >= l.number {
							t.Fatalf("link %v has a number like %v before", l, before)
						}
					}
					links[which], good[which] = append(links[which], l), &l
				}
			}
			for _, which := range []profile.Which{profile.Notification, profile.Fallback} {
				wanted := ""
				if good[which] != nil {
					wanted = good[which].mail
				}
				if a := p.Addresses[which]; a.Mail != counts[which] || a.Wanted != wanted {
					t.Fatalf("%s is %+v, want %q and %q", which, a, counts[which], wanted)
				}
			}
		}
	})
}

func TestSpeaking(t *testing.T) {
	t.Parallel()
	p, facts := profile.Profile{UserID: "user-1"}.Speak("fr")
	if p.Language != "fr" || len(facts) != 1 || facts[0].Kind != "user.languageSet" || facts[0].Data["language"] != "fr" {
		t.Errorf("%+v, %v", p, facts)
	}
	if again, facts := p.Speak("fr"); len(facts) > 0 || !reflect.DeepEqual(again, p) {
		t.Errorf("%+v, %v", again, facts)
	}
}

// Everybody is mailed until they refuse, and choosing the same again changes nothing.
func TestChoosingMails(t *testing.T) {
	t.Parallel()
	at := profile.Profile{UserID: "user-1"}
	for n, c := range []struct{ wanted, changes bool }{{true, false}, {false, true}, {false, false}, {true, true}, {true, false}} {
		before := at.Wants(profile.Renewals)
		after, facts := at.Choose(profile.Renewals, c.wanted)
		if after.Wants(profile.Renewals) != c.wanted || at.Wants(profile.Renewals) != before || len(facts) == 1 != c.changes {
			t.Errorf("step %d: %+v, %v", n, after, facts)
		}
		if c.changes && (facts[0].Kind != "user.mailsChosen" || facts[0].Data["wanted"] != c.wanted || facts[0].Data["about"] != profile.Renewals) {
			t.Errorf("step %d tells %v", n, facts)
		}
		if at = after; !at.Wants("") {
			t.Error("what can't be refused is")
		}
	}
}

// Events of a user lie beside the profile, and name neither an organisation nor a mail address.
func TestWhatIsToldOfAUser(t *testing.T) {
	t.Parallel()
	p := having(profile.Address{})
	p.Version = 2
	if want := (event.About{Kind: "user", ID: "user-1", Version: 2, Livemode: true}); p.About() != want {
		t.Errorf("%+v", p.About())
	}
	wanted, given := p.Want(profile.Fallback, work, noon)
	_, confirmed, err := wanted.Confirm(profile.Fallback, 1, noon)
	if err != nil {
		t.Fatal(err)
	}
	_, removed := wanted.Want(profile.Fallback, "", noon)
	for _, f := range append(append(given, removed...), confirmed) {
		for name, v := range f.Data {
			if v == work {
				t.Errorf("%s tells the address as %s", f.Kind, name)
			}
		}
	}
}
