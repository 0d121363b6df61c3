package functions_test

import (
	"fmt"
	"strings"
	"testing"

	"comptoir/functions/apitest"
	"comptoir/functions/closings"
	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/statement"
	"comptoir/shared/table"
)

const (
	statementsOf = martin + "/statements"
	batchesAt    = "/v1/payouts/batches"
)

var (
	gathers       = action{machine("operator"), "POST " + batchesAt, nil, nil}
	sends         = action{machine("operator"), "POST " + batchesAt + "/pba_proposed/send", nil, nil}
	confirmsBatch = action{machine("operator"), "POST " + batchesAt + "/pba_sent/confirm", set{"on": "2026-03-10"}, nil}
	comesBack     = action{machine("operator"), "POST " + batchesAt + "/pba_sent/returns", set{"payoutId": payoutOf("2025-12"), "reason": "AC04 account closed"}, nil}
)

func monthOf(text string) calendar.YearMonth {
	m, err := calendar.ParseYearMonth(text)
	if err != nil {
		panic(err)
	}
	return m
}

// payoutOf is the payout of a month of Martin's.
func payoutOf(period string) string {
	return commission.PayoutID(apitest.Martin, monthOf(period), "EUR")
}

// batchOf is the batch that a call is about: one that was not sent yet is sent.
func batchOf(name string) string {
	if strings.HasPrefix(name, "sendpayoutbatch") {
		return "pba_proposed"
	}
	return "pba_sent"
}

// statementsOfMartin drafts three closed months of Martin's: the payout of the first was sent, that of the second is in a batch, that of the third is proposed.
func statementsOfMartin(tx *table.Tx) {
	made, err := calendar.Parse("2026-03-02")
	if err != nil {
		panic(err)
	}
	for n, period := range []string{"2025-12", "2026-01", "2026-02"} {
		f := statement.Frame{
			PartnerID: apitest.Martin, Period: monthOf(period), Currency: "EUR", At: apitest.Start.AddDate(0, 0, -8),
			Opening: euros(120_00), Closing: euros(120_00), Pending: euros(0), Payable: money.Money{Amount: 120_00, Currency: "EUR"},
			Partner: billing.Details{Owner: apitest.Martin, Party: billing.Party{LegalName: "Cabinet Martin SARL"}, IBAN: "FR1420041010050500013M02606"},
		}
		s, err := f.Make(nil, nil)
		if err != nil {
			panic(err)
		}
		c := statement.Closing{PartnerID: apitest.Martin, Numbers: n}
		c.Number(&s.Head)
		p, _ := f.Pays(s.Head)
		if n < 2 {
			id := []string{"pba_sent", "pba_proposed"}[n]
			b, with, _ := commission.Gather(id, []commission.Payout{p}, made)
			if n == 0 {
				b, _, _ = b.Send(apitest.Start)
			}
			p = with[0]
			tx.Put(&b)
		}
		tx.Put(&s.Head)
		tx.Put(&p)
	}
}

// settled is that Martin has statements and payouts, and that the publisher has an account.
func settled(t *testing.T, w *apitest.World) string {
	w.Have(statementsOfMartin)
	return did(billsPublisher)(t, w)
}

// closes has Martin's month closed, and then payouts gathered.
func closes(t *testing.T, w *apitest.World) {
	t.Helper()
	desk := closings.Desk{Table: w.Table, Zone: apitest.Env.Zone}
	for _, due := range []table.Due{
		{Type: table.TypeOf[statement.Closing](), Key: table.ClosingOf(apitest.Martin).Key}, {Type: table.TypeOf[commission.Calendar](), Key: table.PayoutCalendar().Key},
	} {
		if err := desk.Handle(t.Context(), due); err != nil {
			t.Fatal(err)
		}
	}
}

// Statements are a matter of administrators and billing; each partner's are its own.
func TestStatementsAreForThoseWhoSeeMoney(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settled(t, w)
	for _, path := range []string{"", "/2026-01", "/2026-03"} {
		for _, role := range []membership.Role{membership.Viewer, membership.Sales, membership.Accountant, membership.Support} {
			w.As(apitest.Martin, role).Do("GET "+statementsOf+path, nil).Is(t, 403)
		}
		for _, role := range []membership.Role{membership.GlobalAdmin, membership.AccountAdmin, membership.Billing} {
			w.As(apitest.Martin, role).Do("GET "+statementsOf+path, nil).Is(t, 200)
		}
		w.As(apitest.Nuage, membership.GlobalAdmin).Do("GET "+statementsOf+path, nil).Is(t, 404)
	}
	for _, month := range []string{"2025-11", "2026-04", "2026-02?currency=USD"} {
		biller(w).Do("GET "+statementsOf+"/"+month, nil).Is(t, 404)
	}
}

// Documents come as files in the caller's language; what is too large comes by a link.
func TestStatementsAreDocuments(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	settled(t, w)
	for mediaType, begins := range map[string]string{
		"text/csv": "\ufeff", "application/pdf": "%PDF-", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "PK",
	} {
		a := biller(w).Do("GET "+statementsOf+"/2026-02", nil, "Accept: "+mediaType, "Accept-Language: fr").Is(t, 200)
		if !strings.HasPrefix(a.Header["content-type"], mediaType) || !strings.Contains(a.Header["content-disposition"], "MARTIN-2026-0003.") {
			t.Errorf("%s: %v", mediaType, a.Header)
		}
		if mediaType == "text/csv" && !strings.HasPrefix(a.Text, begins) {
			t.Errorf("%s begins with %q", mediaType, a.Text[:10])
		}
	}
	today := calendar.On(apitest.Start, apitest.Env.Zone)
	w.Have(func(tx *table.Tx) {
		for n := range 4000 {
			tx.Put(&commission.Line{
				ID: fmt.Sprintf("com_%024d", n), PartnerID: apitest.Martin, Kind: commission.Collected, On: today, DueOn: today,
				CustomerName: "Maison " + strings.Repeat("Durand ", 100), Base: euros(1), Amount: euros(0),
			})
		}
	})
	a := biller(w).Do("GET "+statementsOf+"/2026-03", nil).Is(t, 303)
	if kept := w.Archive.Kept(a.Header["location"]); len(kept) < 3<<20 || a.Text != "" {
		t.Errorf("%v: %d bytes are kept", a.Header, len(kept))
	}
}
