package notice

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/profile"
)

// reminded is what is said of a licence, with some of it said otherwise.
func reminded(with map[string]any) event.Event {
	e := told(kind(licence.Reminded))
	e.Data = map[string]any{
		"licenceId": "lic_1", "days": 30, "on": "2027-03-31", "lastDay": "2027-03-30", "what": "renews", "billTo": "partner",
		"next": map[string]any{"planCode": "COMPTA", "quantity": 10, "term": "year", "price": money.Money{Amount: 118356, Currency: "EUR"}},
	}
	for name, v := range with {
		e.Data[name] = v
	}
	return e
}

// E19: the partner of record is reminded; the customer too, where it pays or where there is no partner to do it.
func TestWhoIsReminded(t *testing.T) {
	t.Parallel()
	pays := map[string]any{"billTo": "customer"}
	alone := func(e event.Event) event.Event { e.PartnerID = ""; return e }
	sandbox := func(e event.Event) event.Event { e.Livemode = false; return e }
	muted := func(e event.Event) event.Event { e.Kind = licence.Muted; return e }
	for name, c := range map[string]struct {
		e      event.Event
		want   []string
		mailed bool // at once; a partner's people are by a digest
	}{
		"the partner that pays":                     {reminded(nil), []string{"par_1"}, false},
		"both where the customer pays":              {reminded(pays), []string{"par_1", "cus_1"}, true},
		"the customer that no partner manages":      {alone(reminded(pays)), []string{"cus_1"}, true},
		"nobody of a sandbox (A5)":                  {sandbox(reminded(pays)), nil, false},
		"nobody while reminders are muted":          {muted(reminded(nil)), nil, false},
		"the customer that pays though they are":    {muted(reminded(pays)), []string{"cus_1"}, true},
		"not even it where no partner manages it":   {alone(muted(reminded(pays))), nil, false},
		"nobody of the proof that they were":        {told(kind(licence.ReminderSent)), nil, false},
		"nobody of a digest: it is mailed":          {told(kind(RemindersGathered), ofPartner), nil, true},
		"nobody of a digest that was mailed":        {told(kind(RemindersMailed), ofPartner), nil, false},
		"the partner of an invoice that is overdue": {told(kind(InvoiceOverdue), ofPartner), []string{"par_1"}, true},
		"the partner of a payment that is late":     {told(kind(PaymentLate)), []string{"par_1"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Told(c.e); !slices.Equal(got, c.want) {
				t.Errorf("told: %v, want %v", got, c.want)
			}
			if got := Mailed(c.e); got != c.mailed {
				t.Errorf("mailed: %t", got)
			}
		})
	}
}

// F3: what comes, at which price, until when something can be done, and what is not used.
func TestAReminderSaysWhatComes(t *testing.T) {
	t.Parallel()
	trial := map[string]any{"planCode": "COMPTA", "quantity": 1, "term": "month", "price": money.Money{Currency: "EUR"}}
	for _, c := range []struct {
		with            map[string]any
		english, french string
	}{
		{
			nil, "COMPTA × 10 is renewed on 31 March 2027 for €1,183.56 a year, before tax; until 30 March 2027 it can be changed or called off.",
			"COMPTA × 10 se renouvelle le 31 mars 2027 pour 1 183,56 € par an, hors taxes ; jusqu’au 30 mars 2027, on peut encore modifier ou annuler.",
		},
		{
			map[string]any{"unusedSeats": map[string]int{"expenses": 3, "archive": 0, "payroll": 12}},
			"COMPTA × 10 is renewed on 31 March 2027 for €1,183.56 a year, before tax; until 30 March 2027 it can be changed or called off. Seats that nobody has: expenses 3, payroll 12.",
			"COMPTA × 10 se renouvelle le 31 mars 2027 pour 1 183,56 € par an, hors taxes ; jusqu’au 30 mars 2027, on peut encore modifier ou annuler. Sièges sans titulaire : expenses 3, payroll 12.",
		},
		{
			map[string]any{"what": "converts"},
			"the trial of COMPTA × 10 becomes the paid licence on 31 March 2027, for €1,183.56 a year, before tax; until 30 March 2027 it can be changed or called off.",
			"l’essai de COMPTA × 10 devient la licence payante le 31 mars 2027, pour 1 183,56 € par an, hors taxes ; jusqu’au 30 mars 2027, on peut encore modifier ou annuler.",
		},
		{
			map[string]any{"what": "suspends", "next": trial},
			"the trial of COMPTA × 1 ends on 31 March 2027, and it is suspended; until 30 March 2027 it can be kept.",
			"l’essai de COMPTA × 1 se termine le 31 mars 2027 et la licence sera suspendue ; on peut la conserver jusqu’au 30 mars 2027.",
		},
		{
			map[string]any{"what": "ends", "next": trial},
			"COMPTA × 1 ends on 31 March 2027; until 30 March 2027 it can be kept.",
			"COMPTA × 1 prend fin le 31 mars 2027 ; on peut la conserver jusqu’au 30 mars 2027.",
		},
	} {
		said := Of(reminded(c.with), "par_1", "Dupont").Text()
		plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
		if got := plain.Replace(said.In(language.English)); got != "Dupont: "+c.english {
			t.Errorf("%q\nwant %q", got, c.english)
		}
		if got := plain.Replace(said.In(language.French)); got != "Dupont : "+c.french {
			t.Errorf("%q\nwant %q", got, c.french)
		}
	}
}

// A reminder is read alike as it was recorded and as a queue brings it.
func TestAReminderIsReadFromJSONToo(t *testing.T) {
	t.Parallel()
	e := reminded(map[string]any{"unusedSeats": map[string]int{"expenses": 3}})
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var queued event.Event
	if err := json.Unmarshal(text, &queued); err != nil {
		t.Fatal(err)
	}
	if got, want := ReminderOf(queued.Fact), ReminderOf(e.Fact); !reflect.DeepEqual(got, want) || got.Next.Price.Amount != 118356 || got.DueOn().String() != "2027-03-01" {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestADigest(t *testing.T) {
	t.Parallel()
	began := time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)
	id := DigestID{"par_1", ReminderOf(reminded(nil).Fact).DueOn(), 1}
	d := id.Begin(began)
	for _, c := range []struct {
		after     time.Duration
		open, due bool
	}{{0, true, false}, {45*time.Minute - 1, true, false}, {45 * time.Minute, false, false}, {50*time.Minute - 1, false, false}, {50 * time.Minute, false, true}, {30 * 24 * time.Hour, false, true}} {
		closed, facts := d.Close(began.Add(c.after))
		if d.Open(began.Add(c.after)) != c.open || (len(facts) == 1) != c.due || closed.DueAt.IsZero() != c.due {
			t.Errorf("after %v: open %t, %v", c.after, d.Open(began.Add(c.after)), facts)
		}
		if !c.due {
			continue
		}
		e := told(ofPartner)
		e.Fact = facts[0]
		if DigestOf(e) != id {
			t.Errorf("its event is about %v", DigestOf(e))
		}
		if _, again := closed.Close(began.Add(c.after)); len(again) > 0 {
			t.Error("it goes out twice")
		}
	}
	if _, facts := d.Mailed(Mailing{}); len(facts) > 0 {
		t.Error("what nobody got passes for mailed")
	}
	m := Mailing{}.With(began.Add(2), "b").With(began.Add(1), "a")
	mailed, facts := d.Mailed(m)
	if len(facts) != 1 || !reflect.DeepEqual(MailingOf(event.Event{Fact: facts[0]}), Mailing{2, began.Add(2), []string{"b", "a"}}) {
		t.Errorf("%v", facts)
	}
	if _, again := mailed.Mailed(m); len(again) > 0 {
		t.Error("it was mailed twice")
	}
}

// C15, C16: which address a kind of mail goes to, and which can be refused.
func TestRoutes(t *testing.T) {
	t.Parallel()
	full := profile.Profile{Addresses: map[profile.Which]profile.Address{
		profile.Notification: {Mail: "notices@a.example", Wanted: "later@a.example"}, profile.Fallback: {Mail: "late@a.example"},
	}}
	refuses, _ := full.Choose(profile.Renewals, false)
	unconfirmed := profile.Profile{Addresses: map[profile.Which]profile.Address{profile.Notification: {Wanted: "n@a.example"}, profile.Fallback: {Wanted: "f@a.example"}}}
	for kind, want := range map[string][3]string{ // full, refuses, unconfirmed
		InvoiceOverdue:           {"late@a.example", "late@a.example", ""},
		PaymentLate:              {"late@a.example", "late@a.example", ""},
		licence.Reminded:         {"notices@a.example", "", "known@a.example"},
		RemindersGathered:        {"notices@a.example", "", "known@a.example"},
		"consent.asked":          {"notices@a.example", "notices@a.example", "known@a.example"},
		"collaborator.roleGiven": {"notices@a.example", "notices@a.example", "known@a.example"},
		PasswordReset:            {"known@a.example", "known@a.example", "known@a.example"},
	} {
		for n, p := range []profile.Profile{full, refuses, unconfirmed} {
			if got := Routes[kind].To(p, "known@a.example"); got != want[n] {
				t.Errorf("%s, profile %d: to %q, want %q", kind, n, got, want[n])
			}
		}
	}
}
