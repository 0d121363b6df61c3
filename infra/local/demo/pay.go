package demo

import (
	"fmt"
	"strings"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/identifier"
	"comptoir/shared/licence"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

// iban is the n-th made-up account, with right check digits.
func iban(n int) string {
	return checked(func(check int) (string, error) {
		return identifier.IBAN(fmt.Sprintf("FR%02d2004101005%011d%02d", check, 1_000_000+n*7919, 1+n%97))
	})
}

// vatNumber is that of a French company.
func vatNumber(siren string) string {
	return checked(func(key int) (string, error) { return identifier.FrenchVAT(fmt.Sprintf("FR%02d%s", key, siren)) })
}

// checked finds the two digits with which a number is right.
func checked(number func(int) (string, error)) string {
	for n := range 100 {
		if s, err := number(n); err == nil {
			return s
		}
	}
	panic("demo: no check digits fit")
}

// details are the billing details of those who have given them: of Nuage they are missing.
func details() []billing.Details {
	of := func(owner, name, line, code, city string, n int) billing.Details {
		return billing.Details{
			Owner: owner, Currency: billing.DefaultCurrency,
			Party: billing.Party{
				LegalName: name, Registration: siren(n), VATNumber: vatNumber(siren(n)),
				Address: billing.Address{Lines: []string{line}, PostalCode: code, City: city, Country: "FR"},
			},
		}
	}
	publisher := of(billing.Publisher, "Comptoir Éditions SAS", "3 quai du Port", "44000", "Nantes", 9000)
	martin := of("par_martin", "Cabinet Martin SARL", "12 rue de la Paix", "75002", "Paris", 9001)
	martin.IBAN, martin.BIC, martin.SelfBilling = iban(9001), "PSSTFRPPPAR", true
	integral := of("par_integral", "Intégral Distribution SA", "8 avenue Foch", "69006", "Lyon", 9002)
	integral.PurchaseOrder = "ID-2026-44"
	return []billing.Details{publisher, martin, integral}
}

// bills gives an owner its billing details.
func (s *seeder) bills(tx *table.Tx, owner string) {
	for _, with := range details() {
		if with.Owner != owner {
			continue
		}
		account := with.IBAN
		d, facts, err := billing.Details{Owner: owner}.Update(with, &account)
		if err != nil {
			panic(err) // the demonstration is ours
		}
		tx.Put(&d)
		tx.Record(&d, facts...)
	}
}

// pays gives a partner a mandate and transfers.
func (s *seeder) pays(tx *table.Tx, p *partner.Partner, n int) {
	m := billing.Methods{Owner: p.ID}
	for k, kind := range []billing.Kind{billing.SEPA, billing.Transfer} {
		var facts []event.Fact
		m, facts = s.adds(tx, m, kind, n, k)
		tx.Record(p, facts...)
	}
	tx.Put(&m)
}

// adds adds a payment method to those of an owner.
func (s *seeder) adds(tx *table.Tx, m billing.Methods, kind billing.Kind, n, k int) (billing.Methods, []event.Fact) {
	today := calendar.On(tx.Now, s.zone)
	_, short, _ := strings.Cut(m.Owner, "_")
	said := billing.NewMethod{Kind: kind}
	switch kind {
	case billing.SEPA:
		said.IBAN, said.Mandate, said.SignedOn = iban(n), fmt.Sprintf("%s-%d", strings.ToUpper(short), k+1), today
	case billing.Card:
		said.Reference, said.Last4, said.Brand = fmt.Sprintf("card_%s%d", short, k+1), fmt.Sprintf("%04d", n*37%10_000), []string{"Visa", "Mastercard"}[n%2]
		said.Expires = calendar.YearMonthOf(today).Add(4 + n%32)
	}
	m, _, facts, err := m.Add(said, fmt.Sprintf("pay_%s%d", short, k+1), tx.Now, today)
	if err != nil {
		panic(err)
	}
	return m, facts
}

// paying is how customers pay, by turns; some have said nothing.
var paying = [][]billing.Kind{{billing.SEPA}, {billing.Card}, nil, {billing.Transfer}, {billing.SEPA, billing.Card}, {billing.Card, billing.Transfer}, nil}

// pays has the customer's administrator add the payment methods of its turn.
func (t *story) pays(days int) {
	kinds := paying[t.s.number%len(paying)]
	if len(kinds) == 0 {
		return
	}
	tx := t.draft(days, "addPaymentMethod", event.Actor{ID: t.team[0].UserID, Kind: "person", Name: t.team[0].Name})
	m, c := billing.Methods{Owner: t.c.ID}, t.c
	var all []event.Fact
	for k, kind := range kinds {
		var facts []event.Fact
		m, facts = t.s.adds(tx, m, kind, t.s.number, k)
		all = append(all, facts...)
	}
	first, _ := m.Preferred()
	c = c.PayBy(customer.Method{ID: first.ID, Kind: string(first.Kind), Last4: first.Last4})
	tx.Put(&m)
	tx.Put(&c)
	tx.Record(&c, all...)
	t.c = c
}

// paid has a licence paid by the customer in every third story that has a way to, otherwise by its partner, mostly by its mandate.
func (t *story) paid(order *licence.Order) {
	if by := t.c.PaysBy(); by.ID != "" && t.s.number%3 == 0 {
		order.BillTo, order.PaymentID = licence.PaidByCustomer, by.ID
		return
	}
	if t.s.number%4 != 0 {
		order.PaymentID = "pay_" + strings.TrimPrefix(t.p.ID, "par_") + "1"
	}
}
