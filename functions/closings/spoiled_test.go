package closings_test

import (
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/payment"
	"comptoir/shared/statement"
	"comptoir/shared/table"
)

// Whatever of a month is not what it was, reckoning it anew names it.
func TestWhatDiffersIsNamed(t *testing.T) {
	t.Parallel()
	march, err := calendar.ParseYearMonth("2026-03")
	if err != nil {
		t.Fatal(err)
	}
	line := func(tx *table.Tx) commission.Line {
		ledger := table.WholeLedger(apitest.Martin, "EUR", march)
		if err := tx.Load(ledger); err != nil {
			t.Fatal(err)
		}
		rows, _ := ledger.Rows(tx)
		return rows[0]
	}
	for what, c := range map[string]struct {
		month string
		spoil func(t *testing.T, tx *table.Tx)
	}{
		"line":    {"2026-03", func(_ *testing.T, tx *table.Tx) { l := line(tx); l.Amount.Amount++; tx.Put(&l) }},
		"balance": {"2026-03", func(_ *testing.T, tx *table.Tx) { l := line(tx); l.Amount.Amount++; tx.Put(&l) }},
		"payment": {"2026-03", func(_ *testing.T, tx *table.Tx) {
			l := line(tx)
			l.PaymentID = payment.IDOf("py_other")
			tx.Put(&l)
		}},
		"account": {"2026-03", func(t *testing.T, tx *table.Tx) {
			a := loaded(t, tx, table.AccountOf(apitest.Durand))
			a.Credits[0].Amount.Amount++
			tx.Put(&a)
		}},
		"statement": {"2026-03", func(t *testing.T, tx *table.Tx) {
			h := loaded(t, tx, table.Ref[statement.Head]{Key: table.Key{PK: "PARTNER#" + apitest.Martin, SK: "STATEMENT#2026-03#EUR"}})
			h.Received.Amount++
			tx.Put(&h)
		}},
		"payout": {"2026-04", func(t *testing.T, tx *table.Tx) {
			p := loaded(t, tx, table.PayoutOf(apitest.Martin, commission.PayoutID(apitest.Martin, march, "EUR")))
			p.Net.Amount++
			tx.Put(&p)
		}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := paying(t)
			pays(t, w, "py_1", 1200_00)
			until(t, w, "2026-04-01", 3*time.Hour)
			due(t, w, message())
			if r := reckoned(t, w, c.month); len(r) != 0 {
				t.Fatalf("it differs before: %v", r)
			}
			w.Have(func(tx *table.Tx) { c.spoil(t, tx) })
			for _, d := range reckoned(t, w, c.month) {
				if d.(map[string]any)["what"] == what {
					return
				}
			}
			t.Errorf("it isn't named: %v", reckoned(t, w, c.month))
		})
	}
}

func loaded[T any](t *testing.T, tx *table.Tx, ref table.Ref[T]) T {
	t.Helper()
	if err := tx.Load(ref); err != nil {
		t.Fatal(err)
	}
	v, err := ref.Get(tx)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func reckoned(t *testing.T, w *apitest.World, month string) []any {
	t.Helper()
	return admin(w).Do("GET "+martin+"/reconciliation?period="+month, nil).Is(t, 200).Get("differences").([]any)
}
