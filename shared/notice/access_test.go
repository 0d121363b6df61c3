package notice

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/event"
	"comptoir/shared/partner"
	"comptoir/shared/profile"
)

// by is who did it: of which organisation, for the customer if that is another.
func by(organisation string) func(*event.Event) {
	return func(e *event.Event) {
		if e.Organisation = organisation; organisation != e.Subject {
			e.OnBehalfOf = e.Subject
		}
	}
}

func ofPartner(e *event.Event) { e.Subject = "par_1" }

// A17, F5: the customer is told whom its partner lets in, the partner how the customer answers; nobody of what it did itself.
func TestWhoIsToldOfAccess(t *testing.T) {
	t.Parallel()
	sandbox := func(e *event.Event) { e.Livemode = false }
	for _, c := range []struct {
		name string
		e    event.Event
		want []string
	}{
		{"the customer that it is asked for its consent", told(kind(consent.Asked), by("par_1")), []string{"cus_1"}},
		{"the partner that the customer consents", told(kind("consent.granted"), by("cus_1")), []string{"par_1"}},
		{"the partner that it declines", told(kind("consent.declined"), by("cus_1")), []string{"par_1"}},
		{"the partner that it withdraws", told(kind("consent.withdrawn"), by("cus_1")), []string{"par_1"}},
		{"the customer of whom its partner lets in", told(kind(AccessGiven), by("par_1")), []string{"cus_1"}},
		{"the customer of whom its partner takes out", told(kind(AccessEnded), by("par_1")), []string{"cus_1"}},
		{"the partner of whom the customer takes out", told(kind(AccessEnded), by("cus_1")), []string{"par_1"}},
		{"the partner of who accepts its invitation", told(kind("collaborator.accepted"), ofPartner, by("par_1")), []string{"par_1"}},
		{"the partner of who has not answered its invitation", told(kind(collaborator.InvitationLapsed), ofPartner), []string{"par_1"}},
		{"both of a consent that ends", told(kind(consent.Ended)), []string{"par_1", "cus_1"}},
		{"nobody of an invitation: it is mailed", told(kind(collaborator.InvitationSent), ofPartner, by("par_1")), nil},
		{"nobody of a role that is given: it is mailed", told(kind("collaborator.roleGiven"), ofPartner, by("par_1")), nil},
		{"nobody of a campaign: each customer is, of its own", told(kind(consent.Campaign), ofPartner, by("par_1")), nil},
		{"nobody of customers that are set: each customer is, of its own", told(kind(collaborator.CustomersSet), ofPartner, by("par_1")), nil},
		{"nobody of a right that ends: each customer is, of its own", told(kind(partner.RightEnded), ofPartner, by("par_1")), nil},
		{"nobody of a partner's contact", told(kind("partner.changed"), ofPartner, by("par_1")), nil},
		{"nobody of a user's address", told(kind(profile.AddressGiven), func(e *event.Event) { e.Subject, e.PartnerID = "user-1", "" }), nil},
		{"nobody of a password that is set anew: it is mailed", told(kind(PasswordReset), by("par_1")), nil},
		{"nobody of a sandbox's access (A5)", told(kind(AccessGiven), by("par_1"), sandbox), nil},
		{"nobody of a sandbox's consent (A5)", told(kind("consent.granted"), by("cus_1"), sandbox), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Told(c.e); !slices.Equal(got, c.want) {
				t.Errorf("told: %v, want %v", got, c.want)
			}
		})
	}
}

func TestWhatIsMailedAndWhatFollows(t *testing.T) {
	t.Parallel()
	mailed := []string{
		collaborator.InvitationSent, "collaborator.roleGiven", profile.AddressGiven, consent.Asked, PasswordReset, RemindersGathered, InvoiceOverdue, PaymentLate,
	}
	follows := []string{collaborator.CustomersSet, consent.Campaign, partner.RightEnded, RemindersMailed}
	for _, k := range append(slices.Concat(mailed, follows), "consent.granted", "collaborator.accepted", "collaborator.removed", AccessGiven, AccessEnded, "licence.taken", Threshold) {
		t.Run(k, func(t *testing.T) {
			t.Parallel()
			e := told(kind(k))
			if got, want := Mailed(e), slices.Contains(mailed, k); got != want {
				t.Errorf("mailed: %t, want %t", got, want)
			}
			if got, want := Concerns(e), slices.Contains(follows, k); got != want {
				t.Errorf("something follows for customers: %t, want %t", got, want)
			}
			if e.Livemode = false; Mailed(e) {
				t.Error("a mail leaves a sandbox (A5)")
			}
		})
	}
}

func TestNotificationsOfAccessSayWho(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, to, english, french string
		data                      map[string]any
	}{
		{"collaborator.accepted", "par_1", "Léa has accepted your invitation.", "Léa a accepté votre invitation.", map[string]any{"name": "Léa"}},
		{consent.Asked, "cus_1", "Martin asks for your consent to its support.", "Martin demande votre consentement à son assistance.", map[string]any{"partnerName": "Martin"}},
		{"consent.granted", "par_1", "Dupont consents to your support.", "Le dossier Dupont consent à votre assistance.", nil},
		{AccessGiven, "cus_1", "Léa of your partner works on your file as accountant.", "Léa, de votre partenaire, travaille désormais sur votre dossier comme comptable.", map[string]any{"name": "Léa", "role": "accountant"}},
		{AccessGiven, "cus_1", "Léa of your partner may work on your file as support, once you consent.", "Léa, de votre partenaire, pourra vous assister dans votre dossier une fois votre consentement donné.", map[string]any{"name": "Léa", "role": "support"}},
		{AccessEnded, "cus_1", "Léa of your partner works on your file no more.", "Léa, de votre partenaire, ne travaille plus sur votre dossier.", map[string]any{"name": "Léa"}},
		{collaborator.InvitationLapsed, "par_1", "Léa has not answered your invitation, and it has expired.", "Léa n’a pas répondu à votre invitation, qui a expiré.", map[string]any{"name": "Léa"}},
		{consent.Ended, "par_1", "The consent of Dupont to your support has ended.", "Le consentement du dossier Dupont à votre assistance a pris fin.", map[string]any{"partnerName": "Martin"}},
		{consent.Ended, "cus_1", "Your consent to the support of Martin has ended.", "Votre consentement à l’assistance de Martin a pris fin.", map[string]any{"partnerName": "Martin"}},
		{AccessEnded, "par_1", "Dupont has ended the access of Léa.", "Le dossier Dupont a mis fin à l’accès de Léa.", map[string]any{"name": "Léa"}},
	} {
		t.Run(strings.TrimSuffix(c.english, "."), func(t *testing.T) {
			t.Parallel()
			e := told(kind(c.kind))
			e.Data = c.data
			text := Of(e, c.to, "Dupont").Text()
			if got := text.In(language.English); got != c.english {
				t.Errorf("%q, want %q", got, c.english)
			}
			if got := text.In(language.French); got != c.french {
				t.Errorf("%q, want %q", got, c.french)
			}
		})
	}
}

// What is about the partner itself names no customer.
func TestNotificationsAboutThePartnerNameNoCustomer(t *testing.T) {
	t.Parallel()
	if n := Of(told(kind("collaborator.accepted"), ofPartner), "par_1", ""); n.CustomerID != "" {
		t.Errorf("%+v", n)
	}
	if n := Of(told(kind(AccessGiven)), "cus_1", "Dupont"); n.CustomerID != "cus_1" {
		t.Errorf("%+v", n)
	}
}
