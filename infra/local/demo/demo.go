// Package demo fills a new local cloud with a publisher's plans, three partners with their people and a few hundred
// customers with licences, members, seats and consents in every state. Names, ids and figures are always the same; dates
// lie around the day on which it is done. Everything is decided by the business packages, at past moments.
package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"comptoir/infra/local/identity"
	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/partner"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

// The plans that are sold.
const (
	Start    = "COMPTA-START" // flexible, by the month
	Pro      = "COMPTA-PRO"   // committed, by the month or the year, 30 days of trial
	Expenses = "EXPENSES"     // flexible, by the month or the year
	Payroll  = "PAYROLL"      // committed, by the year, 14 days of trial
)

func euros(amount int64) money.Money { return money.Money{Amount: amount, Currency: "EUR"} }

func plans() []plan.Plan {
	free := map[calendar.Term]money.Money{calendar.Year: euros(0)}
	return []plan.Plan{
		{Code: plan.FreePartner, Name: "Business, for partners", Commitment: plan.Flexible, Prices: free, Modules: map[string]int{"compta": 5, "expenses": 5}},
		{Code: plan.Sandbox, Name: "Sandbox", Commitment: plan.Flexible, Prices: free, Modules: map[string]int{"compta": 5, "expenses": 5, "payroll": 5}},
		{
			Code: Start, Name: "Compta Start", Commitment: plan.Flexible, Modules: map[string]int{"compta": 1},
			Prices: map[calendar.Term]money.Money{calendar.Month: euros(9_90)},
		},
		{
			Code: Pro, Name: "Compta Pro", Commitment: plan.Committed, Modules: map[string]int{"compta": 1, "expenses": 1}, TrialDays: 30,
			Prices: map[calendar.Term]money.Money{calendar.Month: euros(12_00), calendar.Year: euros(120_00)},
		},
		{
			Code: Expenses, Name: "Expenses", Commitment: plan.Flexible, Modules: map[string]int{"expenses": 1},
			Prices: map[calendar.Term]money.Money{calendar.Month: euros(4_00), calendar.Year: euros(40_00)},
		},
		{
			Code: Payroll, Name: "Payroll", Commitment: plan.Committed, Modules: map[string]int{"payroll": 2}, TrialDays: 14,
			Prices: map[calendar.Term]money.Money{calendar.Year: euros(180_00)},
		},
	}
}

type firm struct {
	partner.Partner
	customers int
}

func firms() []firm {
	sell := []partner.Capability{partner.SellLicences}
	return []firm{
		{partner.Partner{
			ID: "par_martin", Name: "Cabinet Martin", Kind: partner.AccountingFirm, FirstLine: true, Capabilities: sell,
			Contact:   partner.Contact{Mail: "bonjour@cabinet-martin.example", Phone: "+33 1 99 00 10 10"},
			Automatic: &partner.AutomaticLicence{PlanCode: Pro, Quantity: 1, Term: calendar.Year, Trial: true},
		}, 140},
		{partner.Partner{
			ID: "par_integral", Name: "Intégral Distribution", Kind: partner.Distributor, Mode: partner.Integrated, Capabilities: sell,
			Contact:   partner.Contact{Mail: "contact@integral.example", Phone: "+33 1 99 00 20 20"},
			Automatic: &partner.AutomaticLicence{PlanCode: Start, Quantity: 3, Term: calendar.Month},
		}, 170},
		{partner.Partner{
			ID: "par_nuage", Name: "Nuage", Kind: partner.Distributor, Mode: partner.NoCode, Capabilities: sell,
			Contact: partner.Contact{Mail: "hello@nuage.example"},
		}, 60},
	}
}

// roles are what the demonstration's people may do where.
var roles = map[string]map[string]membership.Role{
	"claire@cabinet-martin.example":   {"par_martin": membership.GlobalAdmin, "cus_martinfree": membership.Admin, "cus_martinsandbox": membership.Admin},
	"paul@cabinet-martin.example":     {"par_martin": membership.Viewer},
	"julie@cabinet-martin.example":    {"par_martin": membership.Accountant},
	"nadia@integral.example":          {"par_integral": membership.GlobalAdmin, "cus_integralfree": membership.Admin, "cus_integralsandbox": membership.Admin},
	"ines@integral.example":           {"par_integral": membership.Sales},
	"karim@integral.example":          {"par_integral": membership.Support},
	"tom@nuage.example":               {"par_nuage": membership.GlobalAdmin, "cus_nuagefree": membership.Admin, "cus_nuagesandbox": membership.Admin},
	"lea@boulangerie-dupont.example":  {"cus_dupont": membership.Admin},
	"hugo@boulangerie-dupont.example": {"cus_dupont": membership.Member},
}

// Seed fills an empty table.
func Seed(ctx context.Context, client *dynamodb.Client, name string) error {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return err
	}
	now := time.Now()
	source := rand.NewChaCha8([32]byte([]byte("comptoir's demonstration data, 1")))
	s := seeder{
		table: table.New(client, name, table.Random(source)), zone: zone,
		noon: calendar.On(now, zone).Start(zone).Add(9 * time.Hour), now: now, names: map[string]string{},
	}
	s.plans()
	s.money()
	for _, f := range firms() {
		s.firm(f)
	}
	if err := s.table.Import(ctx, s.drafts...); err != nil {
		return err
	}
	return s.read(ctx)
}

type seeder struct {
	table     *table.Table
	zone      *time.Location
	noon      time.Time // in the morning of today, in the zone
	now       time.Time
	drafts    []*table.Tx
	names     map[string]string // of organisations, by id
	customers []string          // of partners, by id
	number    int               // of them so far
	terms     commission.Scheme
}

var (
	system  = event.Actor{ID: "comptoir", Kind: "system"}
	product = event.Actor{ID: "product", Kind: "machine", Name: "product"}
)

// ago is a morning some days ago; never later than now.
func (s *seeder) ago(days int) time.Time {
	at := s.noon.AddDate(0, 0, -days)
	if at.After(s.now) {
		return s.now
	}
	return at
}

func (s *seeder) draft(at time.Time, operation string, by event.Actor, organisation string) *table.Tx {
	tx := s.table.Draft(at, operation, by, organisation)
	s.drafts = append(s.drafts, tx)
	return tx
}

func (s *seeder) plans() {
	tx := s.draft(s.ago(400), "putPlan", operator, "")
	for _, p := range plans() {
		tx.Put(&p)
		tx.Record(&p, event.New("plan.created", map[string]any{"code": p.Code}))
	}
	s.bills(tx, billing.Publisher)
}

func (s *seeder) firm(f firm) {
	short := strings.TrimPrefix(f.ID, "par_")
	tx := s.draft(s.ago(390), "seed", system, "")
	tx.Put(&f.Partner)
	s.names[f.ID] = f.Name
	s.bills(tx, f.ID)
	s.pays(tx, &f.Partner, 9000+len(s.names))
	s.own(tx, f.ID, "cus_"+short+"free", f.Name, plan.FreePartner)
	s.own(tx, f.ID, "cus_"+short+"sandbox", f.Name+" (sandbox)", plan.Sandbox)
	var customers []customer.Customer
	for n := range f.customers {
		customers = append(customers, s.customer(f.Partner, n).c)
	}
	s.staff(f.Partner, customers)
}

// seller is who takes licences for a partner in the demonstration.
func seller(partnerID string) event.Actor {
	for _, u := range identity.Users {
		if roles[u.Email][partnerID] == membership.GlobalAdmin {
			return event.Actor{ID: u.Sub, Kind: "person", Name: u.Name}
		}
	}
	return system
}

// naming makes the n-th customer's name: a trade and a family name.
func naming(n int) (name, slug string) {
	trade, family := trades[n%len(trades)], families[(n*7+n/len(trades))%len(families)]
	if n == 0 {
		return "Boulangerie Dupont", "dupont"
	}
	return trade + " " + family, fmt.Sprintf("c%04d", n)
}

var trades = []string{
	"Boulangerie", "Garage", "Menuiserie", "Librairie", "Fleuriste", "Pharmacie", "Plomberie", "Restaurant", "Cabinet dentaire",
	"Imprimerie", "Taxi", "Maçonnerie", "Boucherie", "Auto-école", "Opticien", "Serrurerie", "Traiteur", "Pressing", "Vignoble",
}

var families = []string{
	"Dupont", "Bernard", "Petit", "Durand", "Leroy", "Moreau", "Simon", "Laurent", "Lefèvre", "Michel", "Garcia", "David",
	"Bertrand", "Roux", "Vincent", "Fournier", "Morel", "Girard", "André", "Mercier", "Blanc", "Guérin", "Boyer", "Garnier",
	"Chevalier", "François", "Legrand", "Gauthier", "Perrin", "Robin", "Clément", "Morin", "Nicolas", "Henry", "Roussel",
	"Mathieu", "Gautier", "Masson", "Marchand", "Duval", "Denis", "Dumont", "Marie", "Lemaire", "Noël", "Meyer", "Dufour",
}

// siren is the n-th made-up SIREN, with a right check digit.
func siren(n int) string {
	digits := fmt.Sprintf("%08d", 40_000_000+n*137)
	sum := 0
	for i, d := range digits {
		v := int(d - '0')
		if i%2 == 1 { // doubled: counted from the right, the check digit being the first
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

// appear makes a customer of a partner, with a team of some size, and begins its story.
func (s *seeder) appear(p partner.Partner, size, days int) *story {
	name, slug := naming(s.number)
	id := "cus_" + slug
	s.number++
	domain := strings.ReplaceAll(strings.Join(customer.Words(name), "-"), " ", "-")
	if slug != "dupont" {
		domain += "-" + slug
	}
	administrator := customer.Administrator{
		UserID: memberID(id, 1), Name: givenNames[s.number%len(givenNames)] + " " + families[s.number%len(families)], Mail: "direction@" + domain + ".example",
	}
	if slug == "dupont" {
		administrator = customer.Administrator{UserID: "usr_lea", Name: "Léa Dupont", Mail: "lea@boulangerie-dupont.example"}
	}
	c, appeared := customer.Appear(customer.Report{
		CustomerID: id, AccountID: "acc-" + slug, PartnerID: p.ID, Name: name, Domain: domain + ".example", SIREN: siren(s.number),
		Administrator: administrator,
	})
	s.names[c.ID] = c.Name
	s.customers = append(s.customers, c.ID)
	t := &story{s: s, p: p, team: s.team(c, size)}
	tx := t.draft(days, "reportAccount", product)
	c.AsOf = calendar.On(tx.Now, s.zone)
	t.seats = enrol(tx, &c, seat.Loaded(nil, nil), t.team[0])
	tx.Put(&c)
	tx.PutWords(c)
	tx.Settle(c.ID, t.seats, c.AsOf)
	tx.Record(&c, appeared)
	t.c = c
	t.welcome(days)
	if s.number%unproved != 0 {
		t.prove(days)
	}
	t.pays(days)
	return t
}

var givenNames = []string{"Léa", "Hugo", "Manon", "Louis", "Chloé", "Jules", "Camille", "Adam", "Inès", "Paul", "Zoé", "Raphaël", "Jeanne"}
