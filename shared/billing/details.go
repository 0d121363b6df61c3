package billing

import (
	"cmp"
	"slices"
	"strings"

	"comptoir/shared/event"
	"comptoir/shared/identifier"
	"comptoir/shared/money"
	"comptoir/shared/partner"
	"comptoir/shared/phrase"
	"comptoir/shared/problem"
)

// The kinds of the events of billing details.
const (
	Changed          = "partner.billingChanged"
	PublisherChanged = "publisher.billingChanged"
)

// DefaultCurrency is the one in which statements are made unless another is chosen.
const DefaultCurrency = "EUR"

// maxLines is how many lines an address has at the most.
const maxLines = 3

// Update replaces the details, but for an IBAN of which nothing is said (nil): it stays. An empty one is removed. The facts name what has
// changed; of an IBAN they say the last four characters. Errors: problem.Invalid, as Check says.
func (d Details) Update(with Details, iban *string) (Details, []event.Fact, error) {
	with.Stamp, with.Owner, with.IBAN = d.Stamp, d.Owner, d.IBAN
	if iban != nil {
		with.IBAN = *iban
	}
	with, err := with.Check()
	if err != nil {
		return d, nil, err
	}
	changed := d.differences(with)
	if len(changed) == 0 {
		return d, nil, nil
	}
	kind, data := Changed, map[string]any{"changed": changed}
	if !partner.IsID(d.Owner) {
		kind = PublisherChanged
	}
	if slices.Contains(changed, "iban") {
		data["ibanLast4"] = with.IBANLast4()
	}
	return with, []event.Fact{event.New(kind, data)}, nil
}

// IBANLast4 is what may be shown of the IBAN; nothing without one.
func (d Details) IBANLast4() string { return identifier.Last4(d.IBAN) }

// differences are the names of the fields in which two states differ.
func (d Details) differences(other Details) []string {
	var all []string
	note := func(field string, same bool) {
		if !same {
			all = append(all, field)
		}
	}
	note("legalName", d.LegalName == other.LegalName)
	note("address", d.Address.same(other.Address))
	note("registration", d.Registration == other.Registration)
	note("vatNumber", d.VATNumber == other.VATNumber)
	note("purchaseOrder", d.PurchaseOrder == other.PurchaseOrder)
	note("currency", d.Currency == other.Currency)
	note("iban", d.IBAN == other.IBAN)
	note("bic", d.BIC == other.BIC)
	note("selfBilling", d.SelfBilling == other.SelfBilling)
	return all
}

func (a Address) same(b Address) bool {
	return slices.Equal(a.Lines, b.Lines) && a.PostalCode == b.PostalCode && a.City == b.City && a.Country == b.Country
}

// Missing are the fields without which no statement can be made or paid: whom it is made out to and, of a partner, where its money goes.
func (d Details) Missing() []string {
	missing := []string{}
	need := func(field string, given bool) {
		if !given {
			missing = append(missing, field)
		}
	}
	european, french := identifier.VATPrefix(d.Address.Country) != "", d.Address.Country == "FR"
	need("legalName", d.LegalName != "")
	need("address", len(d.Address.Lines) > 0)
	need("registration", d.Registration != "" || d.Address.Country != "" && !french)
	if partner.IsID(d.Owner) {
		need("vatNumber", d.VATNumber != "" || french || !european) // elsewhere in the Union the tax is the partner's to declare, under its number
		need("iban", d.IBAN != "")
	} else {
		need("vatNumber", d.VATNumber != "")
	}
	return missing
}

// Check brings the details into the form that is kept, and refuses what is none.
// Errors: problem.Invalid, with every field that is wrong.
func (d Details) Check() (Details, error) {
	c := &checking{}
	d.LegalName = c.name("legalName", d.LegalName)
	d.Address = c.address(d.Address)
	d.Registration = c.registration(d.Registration, d.Address.Country)
	if d.VATNumber != "" {
		d.VATNumber = c.vat(d.VATNumber, d.Address.Country)
	}
	if d.PurchaseOrder = strings.TrimSpace(d.PurchaseOrder); d.PurchaseOrder != "" {
		d.PurchaseOrder = c.name("purchaseOrder", d.PurchaseOrder)
	}
	if d.Currency = cmp.Or(d.Currency, DefaultCurrency); !money.IsCurrency(d.Currency) {
		c.refuse("currency", phrase.Say("A currency is the three capital letters of ISO 4217, for example EUR."))
	}
	if d.IBAN != "" {
		d.IBAN = c.iban("iban", d.IBAN)
	}
	if d.BIC != "" {
		bic, err := identifier.BIC(d.BIC)
		if err != nil {
			c.refuse("bic", phrase.Say("This is not a BIC."))
		}
		d.BIC = bic
	}
	if d.SelfBilling && d.VATNumber == "" && d.Registration == "" {
		c.refuse("selfBilling", phrase.Say("Invoices in the partner's name need its VAT number or its registration."))
	}
	return d, c.err()
}

// checking gathers what is wrong with an input.
type checking struct{ fields []problem.Field }

func (c *checking) refuse(field string, why phrase.Text) {
	if !slices.ContainsFunc(c.fields, func(f problem.Field) bool { return f.Name == "body."+field }) { // its first mistake will do
		c.fields = append(c.fields, problem.Field{Name: "body." + field, Detail: why})
	}
}

func (c *checking) err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return problem.InvalidFields(c.fields...)
}

// name is a text of one line that is seen.
func (c *checking) name(field, text string) string {
	name, err := identifier.Name(text)
	if err != nil {
		c.refuse(field, phrase.Say("This needs a letter or a digit, and nothing that can't be seen."))
	}
	return name
}

func (c *checking) address(a Address) Address {
	if len(a.Lines) < 1 || len(a.Lines) > maxLines {
		c.refuse("address.lines", phrase.Say("An address has 1 to %d lines.", maxLines))
	}
	lines := make([]string, len(a.Lines))
	for n, line := range a.Lines {
		lines[n] = c.name("address.lines", line)
	}
	a.Lines = lines
	a.PostalCode = c.name("address.postalCode", a.PostalCode)
	a.City = c.name("address.city", a.City)
	country, err := identifier.Country(a.Country)
	if err != nil {
		c.refuse("address.country", phrase.Say("A country is the two letters of ISO 3166-1, for example FR."))
	}
	a.Country = country
	return a
}

// maxRegistration is the longest registration outside France, in bytes.
const maxRegistration = 30

// registration is a SIREN or a SIRET in France, and what others have elsewhere.
func (c *checking) registration(number, country string) string {
	if number = strings.TrimSpace(number); number == "" {
		return ""
	}
	if country != "FR" {
		if len(number) > maxRegistration {
			c.refuse("registration", phrase.Say("A registration has %d characters at the most.", maxRegistration))
		}
		return c.name("registration", number)
	}
	if siret, err := identifier.SIRET(number); err == nil {
		return siret
	}
	siren, err := identifier.SIREN(number)
	if err != nil {
		c.refuse("registration", phrase.Say("This is not a SIREN or a SIRET."))
	}
	return siren
}

func (c *checking) vat(number, country string) string {
	number, err := identifier.VAT(number)
	switch {
	case err != nil:
		c.refuse("vatNumber", phrase.Say("This is not a VAT number of the European Union."))
	case country != "" && number[:2] != identifier.VATPrefix(country):
		c.refuse("vatNumber", phrase.Say("This VAT number is of another country than the address."))
	}
	return number
}

func (c *checking) iban(field, number string) string {
	iban, err := identifier.IBAN(number)
	switch {
	case err != nil:
		c.refuse(field, phrase.Say("This is not an IBAN."))
	case !identifier.InSEPA(iban[:2]):
		c.refuse(field, phrase.Say("This account is outside the Single Euro Payments Area."))
	}
	return iban
}
