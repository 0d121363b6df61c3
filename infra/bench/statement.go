package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"comptoir/functions/statements"
	"comptoir/infra/local/engine"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/id"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/payment"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

var lines = flag.Int("lines", 10_000, "how many lines the statement has")

// aLargeStatement measures a statement of many lines, as each kind of document.
func aLargeStatement(ctx context.Context) error {
	process, err := engine.DynamoDB(ctx, engine.Options{HeapMB: 1024})
	if err != nil {
		return err
	}
	defer process.Stop()
	p, err := proxy.Start(process.URL)
	if err != nil {
		return err
	}
	defer p.Close()
	b := &bench{direct: client(process.URL), proxy: p, customers: 1, kept: &keeper{}}
	if err := b.fill(ctx, plainAccounts(1, 0)); err != nil {
		return err
	}
	if err := b.sell(ctx, *lines); err != nil {
		return err
	}
	b.serve()
	debug.SetMemoryLimit(statements.Memory)
	fmt.Printf("\n## A statement of %d lines\n\n", *lines)
	fmt.Println("| document | round trips | read units | time, ms | of these raw SDK calls | peak memory, MB | size, kB |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, accept := range []string{
		"application/json", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/pdf",
	} {
		row, err := b.statement(ctx, accept)
		if err != nil {
			return fmt.Errorf("%s: %w", accept, err)
		}
		fmt.Println(row)
	}
	return nil
}

// sell fills a month: half of the lines are sales, half are payments with the commission of each.
func (b *bench) sell(ctx context.Context, lines int) error {
	t := table.New(b.direct, tableName)
	at := licence.At(began, time.UTC)
	scheme := commission.Scheme{Default: 1000, HoldDays: 7}
	for from := 0; from < lines/2; from += 1000 {
		tx := t.Draft(began, "seed", seed, "")
		for n := from; n < min(lines/2, from+1000); n++ {
			name := fmt.Sprintf("Menuiserie Petit %06d", n)
			total := money.Money{Amount: int64(1000 + n), Currency: "EUR"}
			tx.Charge(payment.Charge{
				CustomerID: id.Derived("cus", name), PartnerID: partnerID, LicenceID: id.Derived("lic", name), PlanCode: planCode, Payer: licence.PaidByPartner, Total: total,
				At: at.Now, On: at.Today, DueOn: at.Today.AddDays(payment.DueDays), Lines: []licence.Line{{
					Kind: licence.Charge, PlanCode: planCode, Quantity: 10, UnitPrice: total, From: at.Today, To: at.Today.AddDays(30), Days: 30, OfDays: 30, Amount: total,
				}},
			}, name)
			earned := scheme.Earn(id.Derived("cus", name), []commission.Source{{PartnerID: partnerID, PlanCode: planCode, Base: total}}, at.Today)
			l := earned[0].Line(commission.Collected)
			l.CustomerID, l.CustomerName, l.PaymentID = id.Derived("cus", name), name, payment.IDOf(name)
			tx.Book(l, at.Today)
		}
		if err := t.Import(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// statement measures the statement as one kind of document.
func (b *bench) statement(ctx context.Context, accept string) (string, error) {
	ask := func(h handler) (time.Duration, error) {
		e, err := b.event(partnerAdmin, get("/v1/partners/%s/statements/%s", partnerID, calendar.YearMonthOf(calendar.On(began, time.UTC))), 0)
		if err != nil {
			return 0, err
		}
		e.Headers["accept"] = accept
		start := time.Now()
		a, err := h(ctx, e)
		if took := time.Since(start); err == nil && (a.StatusCode == 200 || a.StatusCode == 303) {
			if a.StatusCode == 200 {
				b.kept.size = len(a.Body)
				if a.IsBase64Encoded {
					b.kept.size = b.kept.size * 3 / 4
				}
			}
			return took, nil
		}
		return 0, fmt.Errorf("answered %d: %s, %w", a.StatusCode, a.Body, err)
	}
	b.proxy.Reset()
	if _, err := ask(b.counted); err != nil {
		return "", err
	}
	usage := b.proxy.Usage()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // the peak is that of now
		return "", err
	}
	b.calls.reset()
	took, err := ask(b.timed)
	if err != nil {
		return "", err
	}
	peak, err := peakMemory()
	if err != nil {
		return "", err
	}
	raw, err := b.calls.again(ctx, b.direct)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("| %s | %d | %.1f | %d | %d | %d | %d |", accept, usage.RoundTrips, usage.ReadUnits, took.Milliseconds(), raw.Milliseconds(), peak>>10, b.kept.size>>10), nil
}

// peakMemory is the most memory that the process has had, in kB.
func peakMemory() (int, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	return strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "kB")))
}

// keeper takes what is too large for an answer, and keeps its size alone.
type keeper struct{ size int }

func (k *keeper) Put(_ context.Context, _, _, _ string, content []byte) error {
	k.size = len(content)
	return nil
}

func (k *keeper) Link(context.Context, string, time.Duration) (string, error) {
	return "https://archive.example/", nil
}
