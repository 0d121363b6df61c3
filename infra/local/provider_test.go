package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/resource"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/payment"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/table"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Who pays how, in this order; the tests have a customer of each.
var habits = []habit{{pays: 10}, {fails: 10, pays: 14}, {pays: 35}, {pays: 50}, {}}

// withHabit is a customer's id with a habit, and none of others.
func withHabit(t *testing.T, want habit, others []string) string {
	t.Helper()
	for n := range 1000 {
		if id := fmt.Sprintf("cus_c%04d", n); habitOf(id) == want && !slices.Contains(others, id) {
			return id
		}
	}
	t.Fatalf("nobody has the habit %+v", want)
	return ""
}

func TestACustomerPaysByItsHabit(t *testing.T) {
	t.Parallel()
	made := calendar.On(time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC), time.UTC)
	o := payment.Open{Debt: payment.Debt{DueOn: made.AddDays(payment.DueDays)}}
	for _, h := range habits {
		var failed, paid []int
		for day := range 100 {
			reports, fails := h.on(made.AddDays(day), o)
			switch {
			case fails:
				failed = append(failed, day)
			case reports:
				paid = append(paid, day)
			}
		}
		if h.fails == 0 && failed != nil || h.fails > 0 && !slices.Equal(failed, []int{h.fails}) {
			t.Errorf("%+v: it fails on the days %v", h, failed)
		}
		if h.pays == 0 && paid != nil || h.pays > 0 && (len(paid) != 100-h.pays || paid[0] != h.pays) {
			t.Errorf("%+v: it pays on the days %v", h, paid)
		}
	}
}

func TestMostCustomersPayAndSomeNever(t *testing.T) {
	t.Parallel()
	counts := map[habit]int{}
	for n := range 1000 {
		counts[habitOf(fmt.Sprintf("cus_c%04d", n))]++
	}
	if n := counts[habit{pays: 10}]; n < 600 || n > 800 {
		t.Errorf("%d of 1000 pay in time", n)
	}
	if n := counts[habit{}]; n < 20 || n > 90 {
		t.Errorf("%d of 1000 never pay", n)
	}
}

// The same name means the same payment: what is open again is paid anew.
func TestAPaymentIsNamedByItsChargeAndTheAccountAsItWasSeen(t *testing.T) {
	t.Parallel()
	a := payment.Account{CustomerID: "cus_a"}
	o := payment.Open{Debt: payment.Debt{ChargeID: "chg_a", Payer: licence.PaidByPartner}, Left: money.Money{Amount: 10_01, Currency: "EUR"}}
	first := reportOn(a, o, false)
	if first.Tax.Amount != 2_00 || first.Amount.Amount != 12_01 {
		t.Errorf("10.01 are paid as %v with %v tax", first.Amount, first.Tax)
	}
	if failed := reportOn(a, o, true); failed.ExternalID != first.ExternalID || failed.Status != "failed" {
		t.Errorf("what failed is %+v", failed)
	}
	other := o
	other.ChargeID, other.Payer = "", licence.PaidByCustomer
	credit := other
	credit.Payer = licence.PaidByPartner
	later := a
	later.Version++
	names := []string{first.ExternalID, reportOn(later, o, false).ExternalID, reportOn(a, other, false).ExternalID, reportOn(a, credit, false).ExternalID}
	if slices.Sort(names); len(slices.Compact(names)) != 4 {
		t.Errorf("the names are %v", names)
	}
}

// owing has customers with a licence of a year each, charged today; the first has it on trial for five days.
func owing(t *testing.T, customers []string) Seed {
	return func(ctx context.Context, client *dynamodb.Client, name string) error {
		kept := table.New(client, name)
		p := plan.Plan{
			Code: "START", Name: "Start", Commitment: plan.Flexible, Modules: map[string]int{"compta": 1},
			Prices: map[calendar.Term]money.Money{calendar.Year: {Amount: 99_00, Currency: "EUR"}}, TrialDays: 5,
		}
		var drafts []*table.Tx
		for n, id := range customers {
			tx := kept.Draft(time.Now(), "seed", event.Actor{ID: "seed", Kind: "machine"}, "")
			at := licence.At(tx.Now, paris(t))
			c, _ := customer.Appear(customer.Report{CustomerID: id, AccountID: id, PartnerID: "par_a", Name: id})
			order := licence.Order{
				LicenceID: "lic_" + id[4:], CustomerID: id, PartnerID: c.PartnerID, Quantity: 1, Term: calendar.Year, AutoRenew: true, BillTo: licence.PaidByPartner,
				Trial: n == 0,
			}
			l, out, err := licence.Take(order, p, at)
			if err != nil {
				return err
			}
			if n == 0 {
				tx.Put(&p)
			}
			if err := tx.Hold(&table.Holder{Customer: c, Seats: seat.Loaded(nil, nil)}, licence.Licence{}, &l, out, at); err != nil {
				return err
			}
			drafts = append(drafts, tx)
		}
		return kept.Import(ctx, drafts...)
	}
}

// owed is a customer's licence and account.
func owed(t *testing.T, a addresses, customerID string) (l licence.Licence, account payment.Account) {
	t.Helper()
	kept := table.New(resource.Connect(engine.Region, "local", a.DynamoDB, a.Queues).DynamoDB, a.Tables[0])
	licences := table.Licence(customerID, "lic_"+customerID[4:])
	_, err := table.Read(t.Context(), kept, table.Call{Load: []table.Load{licences, table.AccountOf(customerID)}, Allow: table.Unasked}, func(tx *table.Tx) (*struct{}, error) {
		l, _ = licences.Find(tx)
		account = tx.Account(customerID)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l, account
}

// Weeks go by in a running cloud: customers pay in time, late or never, and who never does is paid for by hand.
func TestCustomersPayWhileTheClockMoves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	buildWhole(t, filepath.Join(dir, "bin"), "payments")
	var customers []string
	for _, h := range append([]habit{{pays: 10}}, habits...) {
		customers = append(customers, withHabit(t, h, customers))
	}
	never := customers[len(customers)-1]
	s := testSettings(dir, filepath.Join(dir, "bin"))
	s.snapshot, s.seed, s.port = template, owing(t, customers), freePort(t)
	a, stop := start(t, s)
	today := calendar.On(time.Now(), paris(t))

	told := move(t, a, "51d")
	for day, want := range map[int]string{
		5: "1 converted", 10: "1 paid, 1 failed to pay", 14: "1 paid", 15: "1 paid", 31: "3 overdue", 35: "1 paid", 45: "2 suspended unpaid", 50: "1 paid, 1 resumed",
	} {
		if line := today.AddDays(day).String() + "  " + want + "\n"; !strings.Contains(told, line) {
			t.Errorf("it does not tell %q but\n%s", line, told)
		}
	}
	if want := "All in all: 1 converted, 1 reminded, 5 paid, 1 failed to pay, 3 overdue, 2 suspended unpaid, 1 resumed."; !strings.Contains(told, want) {
		t.Errorf("it does not tell %q but\n%s", want, told)
	}
	for _, id := range customers {
		l, account := owed(t, a, id)
		if owes := id == never; owes != (len(account.Open) > 0) || owes != slices.Contains(l.Reasons, licence.Unpaid) {
			t.Errorf("%s of habit %+v: suspended for %v, open is %+v", id, habitOf(id), l.Reasons, account.Open)
		}
	}

	pay := func(id string) error { return command(t.Context(), []string{"pay", id}, s.dir, s.port) }
	if err := pay(never); err != nil {
		t.Error(err)
	}
	move(t, a, "1h") // once all that follows is done
	if l, account := owed(t, a, never); len(l.Reasons) > 0 || len(account.Open) > 0 {
		t.Errorf("after a payment by hand: suspended for %v, open is %+v", l.Reasons, account.Open)
	}
	for _, id := range []string{never, "cus_nobody"} {
		if err := pay(id); err == nil || !strings.Contains(err.Error(), "nothing open") {
			t.Errorf("%s pays once more: %v", id, err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
