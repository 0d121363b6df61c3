package closings_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/functions/closings"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/statement"
	"comptoir/shared/table"
)

const (
	martin  = "/v1/partners/" + apitest.Martin
	day     = 24 * time.Hour
	account = "FR1420041010050500013M02606"
)

type set = map[string]any

func admin(w *apitest.World) apitest.Client { return w.As(apitest.Martin, membership.GlobalAdmin) }

func euros(cents int64) set { return set{"amount": cents, "currency": "EUR"} }

// paying is a world in which partners earn a tenth, can be paid out of it after seven days and from 50.00 € on, and Martin has an account.
func paying(t *testing.T) *apitest.World {
	t.Helper()
	w := apitest.New(t)
	w.Machine("operator").Do("PUT /v1/scheme", set{"default": 1000, "minimum": euros(50_00), "holdDays": 7}).Is(t, 200)
	bills(t, w, set{"iban": account})
	return w
}

// bills says whom Martin's statements are made out to.
func bills(t *testing.T, w *apitest.World, with set) {
	t.Helper()
	body := set{
		"legalName": "Cabinet Martin SARL", "registration": "732829320", "vatNumber": "FR44732829320",
		"address": set{"lines": []string{"12 rue de la Paix"}, "postalCode": "75002", "city": "Paris", "country": "FR"},
	}
	for name, value := range with {
		body[name] = value
	}
	admin(w).Do("PUT "+martin+"/billing", body).Is(t, 200)
}

// pays has Martin pay for Durand.
func pays(t *testing.T, w *apitest.World, id string, cents int64) {
	t.Helper()
	w.Machine("product").Do("POST /v1/payments", set{"externalId": id, "customerId": apitest.Durand, "billTo": "partner", "amount": euros(cents)}).Is(t, 201)
}

func desk(w *apitest.World) closings.Desk {
	return closings.Desk{Table: w.Table, Zone: apitest.Env.Zone}
}

func message() table.Due {
	return table.Due{Type: table.TypeOf[statement.Closing](), Key: table.ClosingOf(apitest.Martin).Key}
}

func gathering() table.Due {
	return table.Due{Type: table.TypeOf[commission.Calendar](), Key: table.PayoutCalendar().Key}
}

func due(t *testing.T, w *apitest.World, m table.Due) {
	t.Helper()
	if err := desk(w).Handle(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func contents(w *apitest.World) string { return strings.Join(w.Contents(), "\n") }

// again fails if a message, handled once more, changes something.
func again(t *testing.T, w *apitest.World, m table.Due) {
	t.Helper()
	before := contents(w)
	due(t, w, m)
	if contents(w) != before {
		t.Error("a message handled again changed something")
	}
}

// until moves the world to an hour of a day in Paris.
func until(t *testing.T, w *apitest.World, on string, after time.Duration) {
	t.Helper()
	date, err := calendar.Parse(on)
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(date.Start(apitest.Env.Zone).Add(after).Sub(w.Now()))
}

// shows asserts values within the answer to a request, by their paths.
func shows(t *testing.T, a apitest.Answer, want set) {
	t.Helper()
	for path, value := range want {
		if got := a.Get(path); fmt.Sprint(got) != fmt.Sprint(value) {
			t.Errorf("%s is %v, want %v: %s", path, got, value, a.Text)
		}
	}
}

func statements(t *testing.T, w *apitest.World) apitest.Answer {
	t.Helper()
	return admin(w).Do("GET "+martin+"/statements", nil).Is(t, 200)
}

// A month is closed two hours after it ends, once: a statement is made, and what has become due is to be paid by the 15th.
func TestAMonthIsClosedOnceItIsOver(t *testing.T) {
	t.Parallel()
	w := paying(t)
	pays(t, w, "py_1", 1200_00)
	until(t, w, "2026-03-31", 0)
	pays(t, w, "py_2", 600_00) // within the hold period when the month ends
	until(t, w, "2026-04-01", 2*time.Hour-time.Second)
	due(t, w, message())
	if n := len(statements(t, w).Items()); n != 0 {
		t.Fatalf("%d statements were made before the month was closed", n)
	}
	w.Advance(time.Second)
	due(t, w, message())
	again(t, w, message())
	shows(t, statements(t, w), set{
		"items.1": nil, "items.0.number": "MARTIN-2026-0001", "items.0.period": "2026-03", "items.0.opening.amount": 0, "items.0.commissions.amount": 180_00,
		"items.0.closing.amount": 180_00, "items.0.payout.net.amount": 120_00, "items.0.payout.tax.amount": 24_00, "items.0.payout.gross.amount": 144_00,
		"items.0.payout.by": "2026-04-15", "items.0.payout.state": "proposed", "items.0.payout.account": "2606",
	})
	if made, proposed := w.Happened(statement.Made), w.Happened(commission.PayoutProposed); len(made) != 1 || len(proposed) != 1 || made[0].Subject != apitest.Martin || !made[0].Livemode {
		t.Errorf("happened %v, %v", made, proposed)
	}
	shows(t, admin(w).Do("GET "+martin+"/statements/2026-03", nil).Is(t, 200), set{"provisional": false, "lines.payments.1.amount.amount": 60_00, "received.amount": 1800_00})
	shows(t, admin(w).Do("GET "+martin+"/statements/2026-04", nil).Is(t, 200), set{
		"provisional": true, "number": nil, "opening.amount": 180_00, "payouts.amount": -120_00, "closing.amount": 60_00, "lines.payouts.0.kind": "payout",
	})
	until(t, w, "2026-05-01", 3*time.Hour)
	due(t, w, message())
	shows(t, statements(t, w), set{
		"items.0.number": "MARTIN-2026-0002", "items.0.opening.amount": 180_00, "items.0.payouts.amount": -120_00, "items.0.closing.amount": 60_00,
		"items.0.payout.net.amount": 60_00,
	})
}

// What can't be paid says why, and is carried over.
func TestWhatIsNotPaidIsCarriedOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do  func(*testing.T, *apitest.World)
		why string
	}{
		"too little": {func(t *testing.T, w *apitest.World) { pays(t, w, "py_1", 499_90) }, statement.BelowThreshold},
		"nothing":    {func(*testing.T, *apitest.World) {}, statement.NothingDue},
		"no account": {func(t *testing.T, w *apitest.World) { bills(t, w, set{"iban": ""}); pays(t, w, "py_1", 1200_00) }, statement.NoIBAN},
		"a debt": {func(t *testing.T, w *apitest.World) {
			pays(t, w, "py_1", 1200_00)
			until(t, w, "2026-04-01", 3*time.Hour)
			due(t, w, message())
			refunds := w.Machine("product").Do("GET /v1/customers/"+apitest.Durand+"/payments", nil).Is(t, 200).String("items.0.id")
			w.Machine("product").Do("POST /v1/payments/"+refunds+"/refunds", set{"externalId": "re_1", "kind": "calledBack"}).Is(t, 201)
		}, statement.NegativeBalance},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := paying(t)
			c.do(t, w)
			until(t, w, "2026-05-01", 3*time.Hour)
			due(t, w, message())
			shows(t, statements(t, w), set{"items.0.period": "2026-04", "items.0.payout.why": c.why, "items.0.payout.net.amount": 0, "items.0.payout.id": nil, "items.0.payout.state": nil})
		})
	}
}

// A year of which nobody has closed anything is closed month by month; what has become due is paid once.
func TestAYearIsClosedAtOnceAfterAnOutage(t *testing.T) {
	t.Parallel()
	w := paying(t)
	earned := int64(0)
	for n := range 12 {
		pays(t, w, fmt.Sprint("py_", n), 1200_00)
		earned += 120_00
		w.Advance(30 * day)
	}
	until(t, w, "2027-03-01", 3*time.Hour)
	due(t, w, message())
	again(t, w, message())
	list := statements(t, w)
	if n := len(list.Items()); n != 12 {
		t.Fatalf("%d statements were made", n)
	}
	paid := int64(0)
	for n := range 12 {
		at := fmt.Sprint("items.", 11-n)
		if number := list.String(at + ".number"); number != fmt.Sprintf("MARTIN-%s-%04d", list.String(at + ".period")[:4], n+1) {
			t.Errorf("the number %d is %s", n+1, number)
		}
		paid += int64(list.Get(at + ".payout.net.amount").(float64))
	}
	if paid != earned {
		t.Errorf("%d were earned and %d are paid", earned, paid)
	}
	until(t, w, "2027-04-01", 3*time.Hour)
	due(t, w, message())
	shows(t, statements(t, w), set{"items.0.payouts.amount": -earned, "items.0.closing.amount": 0, "items.0.payout.why": statement.NothingDue})
}

// workers handle a message side by side, each until it succeeds, as the queue has them do.
func workers(t *testing.T, w *apitest.World, n int, m table.Due) {
	t.Helper()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			var err error
			for range 5 {
				if err = desk(w).Handle(t.Context(), m); err == nil {
					return
				}
			}
			t.Error(err)
		})
	}
	all.Wait()
}

// Whatever comes at once, months are closed once, and a payout is in one batch.
func TestWorkersAtOnceCloseOnce(t *testing.T) {
	t.Parallel()
	w := paying(t)
	pays(t, w, "py_1", 1200_00)
	until(t, w, "2026-05-01", 3*time.Hour)
	pays(t, w, "py_2", 700_00)
	until(t, w, "2026-06-10", 3*time.Hour)
	workers(t, w, 4, message())
	workers(t, w, 4, gathering())
	again(t, w, message())
	again(t, w, gathering())
	made, batches := w.Happened(statement.Made), w.Happened(commission.BatchMade)
	if len(made) != 3 || len(w.Happened(commission.PayoutProposed)) != 2 || len(batches) != 1 || batches[0].Number("payouts") != 2 {
		t.Errorf("made %v, gathered %v", made, batches)
	}
	shows(t, statements(t, w), set{"items.0.number": "MARTIN-2026-0003", "items.0.payout.net.amount": 70_00, "items.2.payout.net.amount": 120_00})
}

// A closing that is killed between its months goes on where it was.
func TestAClosingThatIsKilledGoesOn(t *testing.T) {
	t.Parallel()
	w := paying(t)
	pays(t, w, "py_1", 1200_00)
	until(t, w, "2026-09-01", 3*time.Hour)
	for n := range 40 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n+1)*2*time.Millisecond)
		_ = desk(w).Handle(ctx, message())
		cancel()
	}
	due(t, w, message())
	again(t, w, message())
	list := statements(t, w)
	if len(list.Items()) != 6 || len(w.Happened(commission.PayoutProposed)) != 1 {
		t.Errorf("there are %s", list.Text)
	}
	shows(t, list, set{"items.0.number": "MARTIN-2026-0006", "items.0.closing.amount": 120_00})
}

// Payouts go to the bank in batches, by hand or by themselves on the 10th; one that comes back is paid with the next.
func TestAPayoutGoesItsWay(t *testing.T) {
	t.Parallel()
	w := paying(t)
	operator := w.Machine("operator")
	pays(t, w, "py_1", 1200_00)
	until(t, w, "2026-04-01", 3*time.Hour)
	due(t, w, message())
	again(t, w, gathering()) // it isn't the 10th
	until(t, w, "2026-04-10", 3*time.Hour)
	due(t, w, gathering())
	again(t, w, gathering())
	operator.Do("POST /v1/payouts/batches", nil).Is(t, 409, "no_payouts")
	id := operator.Do("GET /v1/payouts/batches", nil).Is(t, 200).String("items.0.id")
	batch := "/v1/payouts/batches/" + id
	one := operator.Do("GET "+batch, nil).Is(t, 200)
	shows(t, one, set{"state": "proposed", "payouts": 1, "total.amount": 144_00, "items.0.account": "2606", "items.0.partnerId": apitest.Martin})
	one.Lacks(t, account)
	operator.Do("GET "+batch, nil, "Accept: application/xml").Is(t, 409, "publisher_iban_missing")
	operator.Do("PUT /v1/billing", set{
		"legalName": "Éditeur SA", "registration": "732829320", "vatNumber": "FR44732829320", "iban": "DE89370400440532013000",
		"address": set{"lines": []string{"1 place du Marché"}, "postalCode": "75002", "city": "Paris", "country": "FR"},
	}).Is(t, 200)
	file := operator.Do("GET "+batch, nil, "Accept: application/xml").Is(t, 200)
	for _, text := range []string{"<IBAN>" + account + "</IBAN>", "<IBAN>DE89370400440532013000</IBAN>", ">144.00<", "MARTIN-2026-0001", "Cabinet Martin SARL"} {
		if !strings.Contains(file.Text, text) {
			t.Errorf("the file lacks %s: %s", text, file.Text)
		}
	}
	payout := set{"payoutId": one.String("items.0.id"), "reason": "AC04"}
	operator.Do("POST "+batch+"/confirm", set{"on": "2026-04-10"}).Is(t, 409, "payout_batch_not_sent")
	operator.Do("POST "+batch+"/returns", payout).Is(t, 409, "payout_batch_not_sent")
	operator.Do("POST "+batch+"/send", nil).Is(t, 200)
	operator.Do("POST "+batch+"/send", nil).Is(t, 409, "payout_batch_sent")
	shows(t, statements(t, w), set{"items.0.payout.state": "sent"})
	operator.Do("POST "+batch+"/confirm", set{"on": "2026-04-11"}).Is(t, 422)
	operator.Do("POST "+batch+"/confirm", set{"on": "2026-04-10"}).Is(t, 200)
	operator.Do("POST "+batch+"/confirm", set{"on": "2026-04-10"}).Is(t, 409, "payout_batch_confirmed")
	shows(t, statements(t, w), set{"items.0.payout.state": "confirmed", "items.0.payout.confirmedOn": "2026-04-10"})
	operator.Do("POST "+batch+"/returns", payout).Is(t, 201)
	operator.Do("POST "+batch+"/returns", payout).Is(t, 409, "payout_returned")
	shows(t, statements(t, w), set{"items.0.payout.state": "returned"})
	until(t, w, "2026-05-01", 3*time.Hour)
	due(t, w, message())
	shows(t, statements(t, w), set{"items.0.payouts.amount": 0, "items.0.closing.amount": 120_00, "items.0.payout.net.amount": 120_00, "items.1.payout.state": "returned"})
}

// What a partner's own free company and its sandbox hold is never charged, so no statement has it (A4, A5).
func TestOwnCompaniesAppearInNoStatement(t *testing.T) {
	t.Parallel()
	w := paying(t)
	w.Have(func(tx *table.Tx) {
		tx.Now = w.Now()
		for _, code := range []string{plan.FreePartner, plan.Sandbox} {
			id := "cus_own" + strings.ToLower(code[:4])
			c, _ := customer.Appear(customer.Report{CustomerID: id, AccountID: id, Name: "Own", Sandbox: code == plan.Sandbox})
			c.PartnerID, c.OwnedBy = apitest.Martin, apitest.Martin
			at := licence.At(w.Now(), apitest.Env.Zone)
			l, out := licence.Permanent("lic_"+code[:4], id, plan.Plan{Code: code, Modules: map[string]int{apitest.Expenses: 1}}, at)
			l.PartnerID = apitest.Martin
			if err := tx.Hold(&table.Holder{Customer: c, Seats: seat.Loaded(nil, nil)}, licence.Licence{}, &l, out, at); err != nil {
				t.Fatal(err)
			}
		}
	})
	sandbox := w.Machine("product").Do("POST /v1/accounts", set{
		"accountId": "acc-tries", "name": "Tries", "partnerId": apitest.Martin, "sandbox": true, "administrator": set{"name": "Ada", "mail": "ada@tries.example"},
	}).Is(t, 201).String("customerId")
	admin(w).Do("POST /v1/customers/"+sandbox+"/licences", set{"planCode": apitest.Yearly, "term": "year", "quantity": 1}).Is(t, 201)
	shows(t, admin(w).Do("GET /v1/customers/"+sandbox+"/charges", nil).Is(t, 200), set{"items.0": nil})
	shows(t, admin(w).Do("GET "+martin+"/statements/2026-03", nil).Is(t, 200), set{"sales.amount": 0, "lines.sales.0": nil})
	admin(w).Do("POST /v1/customers/"+apitest.Durand+"/licences", set{"planCode": apitest.Yearly, "term": "year", "quantity": 1}).Is(t, 201)
	shows(t, admin(w).Do("GET "+martin+"/statements/2026-03", nil).Is(t, 200), set{"sales.amount": 120_00, "lines.sales.0.customerId": apitest.Durand, "lines.sales.1": nil})
}
