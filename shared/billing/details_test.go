package billing_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"comptoir/shared/billing"
	"comptoir/shared/problem"
)

const (
	account = "FR1420041010050500013M02606" // the IBAN registry's example
	german  = "DE89370400440532013000"
)

func martin() billing.Details {
	return billing.Details{
		Owner: "par_martin",
		Party: billing.Party{
			LegalName: "Cabinet Martin SARL", Registration: "732829320", VATNumber: "FR44732829320",
			Address: billing.Address{Lines: []string{"12 rue de la Paix"}, PostalCode: "75002", City: "Paris", Country: "FR"},
		},
		Currency: "EUR", IBAN: account, BIC: "PSSTFRPPPAR",
	}
}

// C13: what documents name has the form that it is to have.
func TestDetailsAreChecked(t *testing.T) {
	t.Parallel()
	abroad := func(country, registration, vat string) func(*billing.Details) {
		return func(d *billing.Details) { d.Address.Country, d.Registration, d.VATNumber = country, registration, vat }
	}
	for _, c := range []struct {
		name  string
		with  func(*billing.Details)
		wrong []string
	}{
		{"as they are", func(*billing.Details) {}, nil},
		{"a SIRET", func(d *billing.Details) { d.Registration = "732 829 320 00074" }, nil},
		{"nothing that isn't needed", func(d *billing.Details) { d.Registration, d.VATNumber, d.IBAN, d.BIC, d.Currency = "", "", "", "", "" }, nil},
		{"three lines", func(d *billing.Details) { d.Address.Lines = []string{"a", "b", "c"} }, nil},
		{"no name", func(d *billing.Details) { d.LegalName = " " }, []string{"body.legalName"}},
		{"a name that turns around", func(d *billing.Details) { d.LegalName = "\u202eevil" }, []string{"body.legalName"}},
		{"no line", func(d *billing.Details) { d.Address.Lines = nil }, []string{"body.address.lines"}},
		{"four lines", func(d *billing.Details) { d.Address.Lines = []string{"a", "b", "c", "d"} }, []string{"body.address.lines"}},
		{"an empty line", func(d *billing.Details) { d.Address.Lines = []string{"a", ""} }, []string{"body.address.lines"}},
		{"no postal code", func(d *billing.Details) { d.Address.PostalCode = "" }, []string{"body.address.postalCode"}},
		{"no city", func(d *billing.Details) { d.Address.City = "" }, []string{"body.address.city"}},
		{"no country of the world", abroad("UK", "", ""), []string{"body.address.country"}},
		{"a wrong SIREN", func(d *billing.Details) { d.Registration = "732829321" }, []string{"body.registration"}},
		{"anything elsewhere", abroad("CH", "CHE-123.456.788", ""), nil},
		{"too much of it", abroad("CH", strings.Repeat("1", 31), ""), []string{"body.registration"}},
		{"a VAT number of the country", abroad("GR", "", "EL999999999"), nil},
		{"Monaco's", abroad("MC", "", "FR53000004605"), nil},
		{"another country's VAT number", abroad("DE", "", "FR44732829320"), []string{"body.vatNumber"}},
		{"a VAT number where the Union has none", abroad("CH", "", "FR44732829320"), []string{"body.vatNumber"}},
		{"a wrong key", func(d *billing.Details) { d.VATNumber = "FR45732829320" }, []string{"body.vatNumber"}},
		{"a currency's name", func(d *billing.Details) { d.Currency = "eur" }, []string{"body.currency"}},
		{"a wrong IBAN", func(d *billing.Details) { d.IBAN = "FR1420041010050500013M02607" }, []string{"body.iban"}},
		{"an account elsewhere", func(d *billing.Details) { d.IBAN = "SA0380000000608010167519" }, []string{"body.iban"}},
		{"no BIC", func(d *billing.Details) { d.BIC = "PSSTFR" }, []string{"body.bic"}},
		{"invoices by the publisher", func(d *billing.Details) { d.SelfBilling = true }, nil},
		{"by nobody's number", func(d *billing.Details) { d.SelfBilling, d.VATNumber, d.Registration = true, "", "" }, []string{"body.selfBilling"}},
		{"all at once", func(d *billing.Details) { *d = billing.Details{BIC: "x", IBAN: "x"} }, []string{
			"body.legalName", "body.address.lines", "body.address.postalCode", "body.address.city", "body.address.country", "body.iban", "body.bic",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := martin()
			c.with(&d)
			_, err := d.Check()
			var wrong []string
			if p := problem.Of(err); p != nil {
				for _, f := range p.Fields {
					wrong = append(wrong, f.Name)
				}
			}
			if !slices.Equal(wrong, c.wrong) {
				t.Errorf("wrong are %v (%v), want %v", wrong, err, c.wrong)
			}
		})
	}
}

func TestDetailsAreKeptInOneForm(t *testing.T) {
	t.Parallel()
	d := martin()
	d.LegalName, d.Registration, d.VATNumber = " Cabinet Martin SARL ", "732 829 320", "fr 44 732 829 320"
	d.IBAN, d.BIC, d.Currency, d.Address.Country = "fr14 2004 1010 0505 0001 3m02 606", "psst fr pp par", "", "fr"
	got, err := d.Check()
	if err != nil || !reflect.DeepEqual(got, martin()) {
		t.Errorf("%+v, %v", got, err)
	}
}

// The IBAN stays unless something is said of it, and no fact holds it.
func TestUpdateNamesWhatHasChanged(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	for _, c := range []struct {
		name    string
		iban    *string
		with    func(*billing.Details)
		iban4   any
		changed []string
	}{
		{"nothing", nil, func(*billing.Details) {}, nil, nil},
		{"the same IBAN", text("FR14 2004 1010 0505 0001 3M02 606"), func(*billing.Details) {}, nil, nil},
		{"another IBAN", text(german), func(*billing.Details) {}, "3000", []string{"iban"}},
		{"no IBAN", text(""), func(*billing.Details) {}, "", []string{"iban"}},
		{"the city", nil, func(d *billing.Details) { d.Address.City = "Lyon" }, nil, []string{"address"}},
		{"much", text(german), func(d *billing.Details) {
			d.LegalName, d.Registration, d.VATNumber, d.PurchaseOrder, d.Currency, d.BIC, d.SelfBilling = "Martin", "", "DE999999999", "PO 7", "CHF", "", true
			d.Address.Country = "DE"
		}, "3000", []string{"legalName", "address", "registration", "vatNumber", "purchaseOrder", "currency", "iban", "bic", "selfBilling"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before, with := martin(), martin()
			before.Version = 3
			with.IBAN, with.Owner = "none of these counts", "par_other"
			c.with(&with)
			after, facts, err := before.Update(with, c.iban)
			if err != nil {
				t.Fatal(err)
			}
			if after.Owner != "par_martin" || after.Version != 3 {
				t.Errorf("they are %s's, of version %d", after.Owner, after.Version)
			}
			if c.iban == nil && after.IBAN != account {
				t.Errorf("the IBAN is %s", after.IBAN)
			}
			if len(c.changed) == 0 {
				if len(facts) > 0 {
					t.Errorf("facts of nothing: %v", facts)
				}
				return
			}
			if len(facts) != 1 || facts[0].Kind != billing.Changed {
				t.Fatalf("facts are %v", facts)
			}
			if changed := facts[0].Data["changed"]; !reflect.DeepEqual(changed, c.changed) {
				t.Errorf("changed are %v, want %v", changed, c.changed)
			}
			if got := facts[0].Data["ibanLast4"]; got != c.iban4 {
				t.Errorf("of the IBAN it says %v, want %v", got, c.iban4)
			}
		})
	}
}

func TestWrongDetailsChangeNothing(t *testing.T) {
	t.Parallel()
	with := martin()
	with.BIC = "x"
	after, facts, err := martin().Update(with, nil)
	if err == nil || facts != nil || !reflect.DeepEqual(after, martin()) {
		t.Error(after, facts, err)
	}
}

func TestThePublishersDetailsAreItsOwnFact(t *testing.T) {
	t.Parallel()
	_, facts, err := billing.Details{Owner: billing.Publisher}.Update(martin(), nil)
	if err != nil || len(facts) != 1 || facts[0].Kind != billing.PublisherChanged {
		t.Error(facts, err)
	}
}

// C2 in its spirit: what is missing is said.
func TestMissingIsWhatStatementsNeed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		of   billing.Details
		want []string
	}{
		{"of all", martin(), nil},
		{"of nothing", billing.Details{Owner: "par_martin"}, []string{"legalName", "address", "registration", "iban"}},
		{"of the publisher's nothing", billing.Details{Owner: billing.Publisher}, []string{"legalName", "address", "registration", "vatNumber"}},
		{"in France", in("FR"), []string{"registration", "iban"}},
		{"elsewhere in the Union", in("DE"), []string{"vatNumber", "iban"}},
		{"elsewhere", in("CH"), []string{"iban"}},
	} {
		if got := c.of.Missing(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func in(country string) billing.Details {
	d := martin()
	d.Address.Country, d.Registration, d.VATNumber, d.IBAN = country, "", "", ""
	return d
}

// Whatever is said of the IBAN, no fact tells more of it than its last four characters.
func TestFactsDontTellTheIBAN(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		iban := rapid.SampledFrom([]string{account, german, "BE68539007547034", "NL91ABNA0417164300", ""}).Draw(t, "IBAN")
		before := martin()
		before.IBAN = rapid.SampledFrom([]string{account, ""}).Draw(t, "before")
		with := martin()
		with.PurchaseOrder = rapid.StringMatching(`[A-Z0-9]{0,6}`).Draw(t, "order")
		after, facts, err := before.Update(with, &iban)
		if err != nil || after.IBAN != iban {
			t.Fatal(after.IBAN, err)
		}
		for _, f := range facts {
			for name, value := range f.Data {
				if s, ok := value.(string); ok && len(s) > 4 {
					t.Fatalf("%s is %s", name, s)
				}
			}
		}
	})
}
