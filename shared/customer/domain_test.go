package customer_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/problem"
)

var noon = time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)

func claiming(customerID, domain string) customer.Customer {
	return customer.Customer{ID: customerID, Domain: domain}
}

func recordOf(t *testing.T, c customer.Customer) customer.Record {
	t.Helper()
	r, err := c.DomainRecord()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A record that was set must go on being right: it is derived, never kept.
func TestTheRecordOfADomainIsTheSameForEver(t *testing.T) {
	t.Parallel()
	wantEqual(t, "record", recordOf(t, claiming("cus_1", "dupont.example")), customer.Record{
		Type: "TXT", Name: "_comptoir.dupont.example", Value: "comptoir-verification=dom_qzwmaxz4v0x4me6dtqh02gp7",
	})
}

// B13: two who claim one domain prove it each with a value of its own.
func TestTheRecordBelongsToOneCustomerAndOneDomain(t *testing.T) {
	t.Parallel()
	some := func(t *rapid.T) (id, domain string) {
		return rapid.StringMatching(`cus_[0-9a-z]{1,3}`).Draw(t, "id"), rapid.StringMatching(`[0-9a-z]{1,3}\.ex`).Draw(t, "domain")
	}
	rapid.Check(t, func(t *rapid.T) {
		aID, aDomain := some(t)
		bID, bDomain := some(t)
		a, _ := claiming(aID, aDomain).DomainRecord()
		b, _ := claiming(bID, bDomain).DomainRecord()
		if same := aID == bID && aDomain == bDomain; same != (a.Value == b.Value) {
			t.Fatalf("%s for %s and %s for %s: %s and %s", aID, aDomain, bID, bDomain, a.Value, b.Value)
		}
		if strings.Contains(a.Value, aID) {
			t.Fatalf("%s tells who the customer is", a.Value)
		}
	})
}

func TestACustomerWithoutADomainHasNothingToProve(t *testing.T) {
	t.Parallel()
	c := claiming("cus_1", "")
	if _, err := c.DomainRecord(); problem.Of(err) == nil || problem.Of(err).Code != "no_domain" {
		t.Errorf("refused with %v", err)
	}
	wantEqual(t, "verified", c.Verified(), true)
	wantEqual(t, "next", c.Next(), customer.ToManage)
	after, facts := c.Verify([]string{"", "comptoir-verification="}, noon)
	wantEqual(t, "customer", after, c)
	wantEqual(t, "facts", len(facts), 0)
}

// B13: the list offers verify, then manage.
func TestVerify(t *testing.T) {
	t.Parallel()
	c := claiming("cus_1", "dupont.example")
	proof := recordOf(t, c).Value
	const other = "v=spf1 include:_spf.example -all"
	for _, each := range []struct {
		name  string
		found []string
		want  bool
	}{
		{"the value alone", []string{proof}, true},
		{"the value among others", []string{other, "", proof, "google-site-verification=abc"}, true},
		{"the value twice", []string{proof, proof}, true},
		{"the value with spaces around it", []string{" \t" + proof + "\n"}, true},
		{"the value with the quotation marks pasted too", []string{`"` + proof + `"`}, true},
		{"the value with quotation marks and spaces", []string{`' "` + proof + `" '`}, true},
		{"nothing", nil, false},
		{"only others", []string{other, ""}, false},
		{"another customer's value for the same domain", []string{recordOf(t, claiming("cus_2", "dupont.example")).Value}, false},
		{"its own value for another domain", []string{recordOf(t, claiming("cus_1", "dupond.example")).Value}, false},
		{"the value in another case", []string{strings.ToUpper(proof)}, false},
		{"more than the value", []string{proof + "0"}, false},
		{"less than the value", []string{proof[:len(proof)-1]}, false},
		{"the value within another", []string{other + " " + proof}, false},
		{"the value in two parts", []string{proof[:10], proof[10:]}, false},
		{"the derived text alone", []string{strings.TrimPrefix(proof, "comptoir-verification=")}, false},
	} {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			after, facts := c.Verify(each.found, noon)
			wantEqual(t, "verified", after.Verified(), each.want)
			if !each.want {
				wantEqual(t, "customer", after, c)
				wantEqual(t, "next", after.Next(), customer.ToVerify)
				wantEqual(t, "facts", len(facts), 0)
				return
			}
			wantEqual(t, "next", after.Next(), customer.ToManage)
			wantEqual(t, "when", after.DomainVerifiedAt, noon)
			wantEqual(t, "facts", facts, []event.Fact{event.New("customer.domainVerified", map[string]any{"domain": "dupont.example"})})
			wantEqual(t, "the customer asked", c.Verified(), false)
		})
	}
}

func TestWhatIsVerifiedStaysSo(t *testing.T) {
	t.Parallel()
	c := claiming("cus_1", "dupont.example")
	c, _ = c.Verify([]string{recordOf(t, c).Value}, noon)
	for _, found := range [][]string{nil, {"something else"}, {recordOf(t, c).Value}} {
		after, facts := c.Verify(found, noon.Add(time.Hour))
		wantEqual(t, "customer", after, c)
		wantEqual(t, "facts", len(facts), 0)
	}
}
