package notice

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/webhook"
)

// told is an event that a partner hears of.
func told(with ...func(*event.Event)) event.Event {
	e := event.Event{
		Fact: event.New("licence.taken", map[string]any{"quantity": 10}), ID: "evt_1", At: time.Unix(1, 0).UTC(),
		Subject: "cus_1", PartnerID: "par_1", Livemode: true,
	}
	for _, w := range with {
		w(&e)
	}
	return e
}

func kind(k string) func(*event.Event) { return func(e *event.Event) { e.Kind = k } }

// E19: the partner of record hears of every change of its customers' subscriptions.
func TestWhoIsToldOfWhat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		e    event.Event
		want bool
	}{
		{"a change of a licence", told(), true},
		{"a kind of change that is yet to come", told(kind("licence.renewed")), true},
		{"a new customer (A13)", told(kind("customer.appeared")), true},
		{"a verified domain (B13)", told(kind("customer.domainVerified")), true},
		{"nothing of reminders that are muted", told(kind(licence.RemindersMuted)), false},
		{"nor of those that are sent again", told(kind(licence.RemindersUnmuted)), false},
		{"nothing else of customers", told(kind("customer.renamed")), false},
		{"nothing of plans", told(kind("plan.changed")), false},
		{"nothing where the publisher manages the customer (D1)", told(func(e *event.Event) { e.PartnerID = "" }), false},
		{"nothing out of a sandbox (A5)", told(func(e *event.Event) { e.Livemode = false }), false},
		{"no new customer out of a sandbox (A5)", told(kind("customer.appeared"), func(e *event.Event) { e.Livemode = false }), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := slices.Contains(Told(c.e), "par_1"); got != c.want {
				t.Errorf("told: %t, want %t", got, c.want)
			}
		})
	}
}

// D10, and the rule on thresholds: who is told of seats.
func TestWhoIsToldOfSeats(t *testing.T) {
	t.Parallel()
	alone := func(e *event.Event) { e.PartnerID = "" }
	sandbox := func(e *event.Event) { e.Livemode = false }
	for _, c := range []struct {
		name string
		e    event.Event
		want []string
	}{
		{"both sides of seats near the cap", told(kind(Threshold)), []string{"par_1", "cus_1"}},
		{"a customer of the publisher's own, of its seats", told(kind(Threshold), alone), []string{"cus_1"}},
		{"the partner of what it is asked", told(kind("seat.requested")), []string{"par_1"}},
		{"the customer of the answer", told(kind("seat.requestAnswered")), []string{"cus_1"}},
		{"nobody of each seat that is added", told(kind("seat.added")), nil},
		{"nobody of a sandbox's seats (A5)", told(kind(Threshold), sandbox), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Told(c.e); !slices.Equal(got, c.want) {
				t.Errorf("told: %v, want %v", got, c.want)
			}
		})
	}
}

func TestNotificationsOfSeatsGiveTheFigures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, english string
		data          map[string]any
	}{
		{Threshold, "Dupont: 8 of 10 seats of expenses are used.", map[string]any{"threshold": 80, "state": "warning", "used": 8, "cap": 10}},
		{Threshold, "Dupont: the cap of 10 is reached for expenses.", map[string]any{"threshold": 100.0, "state": "full", "used": 10.0, "cap": 10.0}},
		{Threshold, "Dupont: 10 seats of expenses are used, and the cap is 4.", map[string]any{"threshold": 100, "state": "overLimit", "used": 10, "cap": 4}},
		{"seat.requested", "Dupont asks for 5 more seats of expenses.", map[string]any{"seats": 5}},
		{"seat.requested", "Dupont asks for 5 more seats of expenses: “Please.”", map[string]any{"seats": 5, "note": "Please."}},
		{"seat.requestAnswered", "Your request was accepted: the cap of expenses is 15 now.", map[string]any{"accepted": true, "cap": 15}},
		{"seat.requestAnswered", "Your request for seats of expenses was declined: “No.”", map[string]any{"accepted": false, "note": "No."}},
	} {
		e := told(kind(c.kind))
		e.Data = c.data
		e.Data["module"] = "expenses"
		n := Of(e, "par_1", "Dupont")
		if got := n.Text().In(language.English); got != c.english {
			t.Errorf("%s says %q, want %q", c.kind, got, c.english)
		}
		if french := n.Text().In(language.French); french == c.english || strings.Contains(french, "%!") {
			t.Errorf("%s says %q in French", c.kind, french)
		}
	}
}

func TestMarkingKeepsWhenItWasReadFirst(t *testing.T) {
	t.Parallel()
	first, later := time.Unix(10, 0), time.Unix(20, 0)
	n := Notification{}.Mark(true, first).Mark(true, later)
	if !n.ReadAt.Equal(first) {
		t.Errorf("read at %v", n.ReadAt)
	}
	if n = n.Mark(false, later); !n.ReadAt.IsZero() {
		t.Errorf("unread, yet read at %v", n.ReadAt)
	}
}

func TestNotificationHoldsWhatTheEventSays(t *testing.T) {
	t.Parallel()
	want := Notification{
		EventID: "evt_1", OrganisationID: "par_1", Kind: "licence.taken", At: time.Unix(1, 0).UTC(), CustomerID: "cus_1",
		CustomerName: "Dupont", Data: map[string]any{"quantity": 10},
	}
	if got := Of(told(), "par_1", "Dupont"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNotificationNamesTheCustomer(t *testing.T) {
	t.Parallel()
	for _, k := range append(slices.Sorted(maps.Keys(words)), "licence.unheardOf") {
		for _, lang := range []language.Tag{language.English, language.French} {
			text := Of(told(kind(k)), "par_1", "Pains 100 % bio").Text().In(lang)
			if !strings.Contains(text, "Pains 100 % bio") || strings.Contains(text, "%!") {
				t.Errorf("%s in %s: %s", k, lang, text)
			}
		}
	}
}

// otherwise is what is said of a kind without words.
const otherwise = "Something changed at %s."

// Every kind of fact that a partner is told of has its own words, and no words are idle.
func TestEveryKindOfFactHasItsWords(t *testing.T) {
	t.Parallel()
	recorded := map[string]bool{}
	for _, dir := range []string{"../licence", "../customer", "../consent", "../collaborator"} {
		for _, k := range kindsIn(t, dir) {
			recorded[k] = true
		}
	}
	if len(recorded) < 8 {
		t.Errorf("only %v are recorded", recorded)
	}
	said := map[string]string{}
	for k := range recorded {
		format := Of(told(kind(k)), "par_1", "Dupont").Text().Format
		switch {
		case len(Told(told(kind(k)))) == 0:
		case format == otherwise:
			t.Errorf("%s has no words", k)
		case said[format] != "":
			t.Errorf("%s is said like %s", k, said[format])
		default:
			said[format] = k
		}
	}
	for k := range words {
		if !recorded[k] {
			t.Errorf("nobody records %s", k)
		}
	}
}

// kindsIn are the kinds of facts that the sources of a package name.
func kindsIn(t *testing.T, dir string) []string {
	t.Helper()
	form := regexp.MustCompile(`^(licence|customer|consent|collaborator)\.[a-zA-Z]+$`)
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if s, err := strconv.Unquote(literal.Value); err == nil && form.MatchString(s) {
					kinds = append(kinds, s)
				}
			}
			return true
		})
	}
	return kinds
}

// A partner is told where its endpoint was that is gone or fails; of the publisher's nobody is told here.
func TestNotificationsOfEndpoints(t *testing.T) {
	t.Parallel()
	for kind, english := range map[string]string{
		webhook.Disabled: "The endpoint at hooks.example.com has answered that it is gone; nothing is sent there any longer.",
		webhook.Failed:   "The endpoint at hooks.example.com could not be reached for three days; events for it were given up.",
		webhook.Rotated:  "",
	} {
		e := event.Event{Fact: webhook.Endpoint{ID: "whe_1", URL: "https://hooks.example.com/x"}.Fact(kind), Subject: "par_1", PartnerID: "par_1", Livemode: true}
		if got := Told(e); slices.Equal(got, []string{"par_1"}) != (english != "") {
			t.Errorf("%s is told to %v", kind, got)
		}
		if got := Of(e, "par_1", "").Text().In(language.English); english != "" && got != english {
			t.Errorf("%s says %q", kind, got)
		}
		e.Subject, e.PartnerID = webhook.Publisher, ""
		if got := Told(e); len(got) > 0 {
			t.Errorf("%s of the publisher is told to %v", kind, got)
		}
	}
}
