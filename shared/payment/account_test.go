package payment_test

import (
	"fmt"
	"testing"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/payment"
	"comptoir/shared/plan"
)

var start = licence.At(time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC), time.UTC)

func charged(a payment.Account, id, licenceID string, cents int64, on licence.Moment) payment.Account {
	return a.Charge(payment.Charge{
		ID: id, LicenceID: licenceID, Payer: licence.PaidByPartner, Total: euros(cents), On: on.Today, DueOn: on.Today.AddDays(payment.DueDays),
	})
}

func later(days int) licence.Moment { return licence.At(start.Now.AddDate(0, 0, days), time.UTC) }

// Whoever is to pay is told on the day after the last, the licence is suspended after the grace period, and resumed when all that it was
// suspended for is paid.
func TestWhatNobodyPaysSuspendsTheLicence(t *testing.T) {
	t.Parallel()
	a := charged(payment.Account{}, "chg_1", "lic_a", 100_00, start)
	a = charged(a, "chg_2", "lic_b", 50_00, later(10))
	due := func(a payment.Account, days int, want payment.Step, about string) payment.Account {
		t.Helper()
		if step, id := a.Next(later(days).Today); step != want || id != about {
			t.Fatalf("after %d days it is %q %s, want %q %s", days, step, id, want, about)
		}
		return a.Await(later(days))
	}
	if a = due(a, 30, "", ""); !a.DueAt.Equal(start.Today.AddDays(31).Start(time.UTC)) {
		t.Errorf("it falls due at %v", a.DueAt)
	}
	a = due(a, 31, payment.Tell, "")
	a, facts := a.Told(later(31).Today)
	if len(facts) != 1 || facts[0].Kind != payment.InvoiceOverdue || facts[0].Text("number") != "chg_1" || facts[0].Text("suspendsOn") != "2026-04-24" {
		t.Errorf("it tells %+v", facts)
	}
	if a = due(a, 31, "", ""); !a.DueAt.Equal(later(10).Today.AddDays(31).Start(time.UTC)) {
		t.Errorf("it falls due at %v, for the other charge", a.DueAt)
	}
	a, _ = a.Told(later(41).Today)
	a = due(a, 44, "", "")
	a = due(a, 45, payment.Pause, "lic_a")
	a = a.Pausing("lic_a", true, later(45).Today)
	a = due(a, 45, "", "")
	a, _ = a.Pay(licence.PaidByPartner, euros(99_99), "")
	a = due(a, 50, "", "")
	a, _ = a.Pay(licence.PaidByPartner, euros(1), "")
	a = due(a, 50, payment.Resume, "lic_a")
	a = due(a.Resuming("lic_a"), 50, "", "")
	a = due(a, 55, payment.Pause, "lic_b")
	if a = due(a.Pausing("lic_b", false, later(55).Today), 55, "", ""); !a.DueAt.IsZero() {
		t.Errorf("a licence that can't be suspended falls due again at %v", a.DueAt)
	}
	if a, _ = a.Pay(licence.PaidByPartner, euros(50_00), ""); len(a.Open) > 0 {
		t.Errorf("open is %+v", a.Open)
	}
	due(a, 56, "", "")
}

// A payment pays the charge that it names, then the oldest; the rest is credit, from which the next charge is paid.
func TestAPaymentPaysTheOldestFirst(t *testing.T) {
	t.Parallel()
	a := charged(charged(charged(payment.Account{}, "chg_1", "a", 10_00, start), "chg_2", "a", 20_00, start), "chg_3", "b", 30_00, start)
	a, shares := a.Pay(licence.PaidByPartner, euros(35_00), "chg_3")
	if len(shares) != 2 || shares[0].ChargeID != "chg_3" || shares[0].Amount != euros(30_00) || shares[1].ChargeID != "chg_1" || shares[1].Amount != euros(5_00) {
		t.Errorf("it pays %+v", shares)
	}
	if other, shares := a.Pay(licence.PaidByCustomer, euros(5_00), ""); len(shares) != 1 || shares[0].ChargeID != "" || other.Balance(licence.PaidByPartner, "EUR") != euros(25_00) {
		t.Errorf("one payer's money pays what another owes: %+v", shares)
	}
	a, shares = a.Pay(licence.PaidByPartner, euros(30_00), "")
	if len(shares) != 3 || shares[2].ChargeID != "" || shares[2].Amount != euros(5_00) || len(a.Open) != 0 || a.Balance(licence.PaidByPartner, "EUR") != euros(-5_00) {
		t.Errorf("it pays %+v and leaves %+v", shares, a)
	}
	if a = charged(a, "chg_4", "a", 3_00, start); len(a.Open) != 0 || a.Balance(licence.PaidByPartner, "EUR") != euros(-2_00) {
		t.Errorf("the credit is left as %+v", a)
	}
}

// Without a word on who has paid it is who a charge was made out to, or who alone owes something.
func TestWhoPaysIfNobodySaysIt(t *testing.T) {
	t.Parallel()
	partners := payment.Open{Debt: payment.Debt{ChargeID: "chg_1", Payer: licence.PaidByPartner}, Left: euros(1)}
	customers := payment.Open{Debt: payment.Debt{ChargeID: "chg_2", Payer: licence.PaidByCustomer}, Left: euros(1)}
	for name, c := range map[string]struct {
		open  []payment.Open
		named string
		want  licence.Payer
	}{
		"nobody owes anything":     {nil, "", licence.PaidByPartner},
		"the customer alone owes":  {[]payment.Open{customers, customers}, "", licence.PaidByCustomer},
		"both owe":                 {[]payment.Open{customers, partners}, "", licence.PaidByPartner},
		"both owe, one is named":   {[]payment.Open{partners, customers}, "chg_2", licence.PaidByCustomer},
		"what is named isn't open": {[]payment.Open{customers}, "chg_9", licence.PaidByCustomer},
	} {
		if got := (payment.Account{Open: c.open}).Debtor(c.named, licence.PaidByPartner); got != c.want {
			t.Errorf("%s: it is the %s", name, got)
		}
	}
}

// What a licence given back brings back settles what is open of it before what is open of others, and is credit beyond.
func TestWhatComesBackSettlesWhatIsOpen(t *testing.T) {
	t.Parallel()
	a := charged(charged(payment.Account{}, "chg_1", "other", 10_00, start), "chg_2", "given", 1200_00, start)
	a = charged(a, "chg_3", "given", -1183_56, start)
	if len(a.Open) != 2 || a.Open[0].Left != euros(10_00) || a.Open[1].Left != euros(16_44) {
		t.Errorf("open is %+v", a.Open)
	}
	if a = charged(a, "chg_4", "given", -30_00, start); len(a.Open) != 0 || a.Balance(licence.PaidByPartner, "EUR") != euros(-3_56) {
		t.Errorf("left is %+v", a)
	}
}

// What is owed again is paid from the credit there is: nobody who owes nothing loses a licence.
func TestWhatIsCalledBackIsPaidFromCredit(t *testing.T) {
	t.Parallel()
	a := charged(payment.Account{}, "chg_1", "lic_a", 100_00, start)
	a, shares := a.Pay(licence.PaidByPartner, euros(100_00), "")
	a, _ = a.Pay(licence.PaidByPartner, euros(80_00), "") // for nothing
	a = a.CallBack(shares[0].Debt, euros(50_00), later(5).Today)
	if len(a.Open) > 0 || a.Balance(licence.PaidByPartner, "EUR") != euros(-30_00) {
		t.Errorf("left is %+v", a)
	}
	a = a.CallBack(shares[0].Debt, euros(50_00), later(5).Today)
	if len(a.Open) != 1 || a.Open[0].Left != euros(20_00) || len(a.Credits) > 0 {
		t.Errorf("left is %+v", a)
	}
}

// However much is overdue at once, what is told of it in one go fits into one transaction.
func TestMuchThatIsOverdueIsToldOfBitByBit(t *testing.T) {
	t.Parallel()
	a := payment.Account{}
	for n := range 250 {
		a = charged(a, fmt.Sprint("chg_", n), fmt.Sprint("lic_", n), 1_00, start)
	}
	today, told := later(31).Today, 0
	for range 250 {
		step, _ := a.Next(today)
		if step != payment.Tell {
			break
		}
		var facts []event.Fact
		if a, facts = a.Told(today); len(facts) == 0 || len(facts) > 90 {
			t.Fatalf("%d facts at once", len(facts))
		}
		told += len(facts)
	}
	if told != 250 {
		t.Errorf("%d were told of", told)
	}
}

// The licences of a partner's own companies are never charged, whatever they are said to cost (A4, A5).
func TestAPartnersOwnCompaniesAreNotCharged(t *testing.T) {
	t.Parallel()
	out := licence.Outcome{Lines: []licence.Line{{Amount: euros(1)}}, Total: euros(1)}
	for _, code := range []string{plan.FreePartner, plan.Sandbox} {
		if c, is := payment.For(licence.Licence{Offer: licence.Offer{PlanCode: code}}, out, start); is {
			t.Errorf("%s makes %+v", code, c)
		}
	}
	sold := licence.Licence{ID: "lic_a", CustomerID: "cus_a", PartnerID: "par_a", Offer: licence.Offer{PlanCode: "PRO"}, BillTo: licence.PaidByCustomer}
	if c, is := payment.For(sold, out, start); !is || c.Payer != licence.PaidByCustomer || c.Total != euros(1) || c.DueOn != start.Today.AddDays(30) {
		t.Errorf("it makes %+v", c)
	}
	if c, is := payment.For(sold, licence.Outcome{}, start); is {
		t.Errorf("what costs nothing makes %+v", c)
	}
}
