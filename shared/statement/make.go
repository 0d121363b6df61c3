package statement

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/identifier"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/payment"
)

// Frame is what a statement is made from beside its lines.
type Frame struct {
	PartnerID string
	Period    calendar.YearMonth
	Currency  string
	Publisher billing.Details
	Partner   billing.Details
	Minimum   money.Money // the least that is paid out, if it has the statement's currency
	At        time.Time
	Running   bool // the period isn't over, or not closed: it is booked while this is read

	// Figures of the partner's balances, in the currency.
	Opening money.Money // at the end of the day before the period
	Closing money.Money // at the end of its last
	Pending money.Money // of that, what becomes due later
	Payable money.Money // what can be paid out of what has become due by its last day
}

// Make makes the statement of a period from its charges and the lines of the ledger. It fails rather than make one that doesn't add up:
// what the lines come to is what the balances have moved by. Of a running period it is not asked: its closing balance is the sum of the lines.
func (f Frame) Make(charges []payment.Charge, ledger []commission.Line) (Statement, error) {
	none := money.Money{Currency: f.Currency}
	s := gather(charges, ledger)
	s.Head = Head{
		PartnerID: f.PartnerID, Period: f.Period, Currency: f.Currency, MadeAt: f.At,
		Publisher: kept(f.Publisher), Partner: kept(f.Partner),
		Opening: none.Add(f.Opening), Commissions: none, Clawbacks: none, Payouts: none, Pending: none.Add(f.Pending), Sales: none, Received: none,
		Lines: s.count(), Sum: s.sum(),
	}
	for _, sold := range s.Sold {
		s.Sales = s.Sales.Add(sold.Amount)
	}
	for _, l := range s.Collected {
		s.Received = s.Received.Add(l.Base)
		if l.Kind == commission.Collected {
			s.Commissions = s.Commissions.Add(l.Amount)
		} else {
			s.Clawbacks = s.Clawbacks.Add(l.Amount)
		}
	}
	for _, l := range s.PaidOut {
		s.Payouts = s.Payouts.Add(l.Amount)
	}
	s.Closing = money.Sum(s.Opening, s.Commissions, s.Clawbacks, s.Payouts)
	if !f.Running && s.Closing != none.Add(f.Closing) {
		return Statement{}, fmt.Errorf("statement: %s of %s: the lines come to %s, the balance is %s", f.Period, f.PartnerID, s.Closing, f.Closing)
	}
	s.Payout = f.pay()
	return s, nil
}

// With is the statement again, with the lines it was made from. It fails if these are not the same.
func (h Head) With(charges []payment.Charge, ledger []commission.Line) (Statement, error) {
	s := gather(charges, ledger)
	s.Head = h
	if s.count() != h.Lines || s.sum() != h.Sum {
		return Statement{}, fmt.Errorf("statement: %s of %s: its %d lines are not those it was made from, which were %d", h.Period, h.PartnerID, s.count(), h.Lines)
	}
	return s, nil
}

// gather are the lines. A charge without any, which brings back what was refunded beyond all credit, is a line itself.
func gather(charges []payment.Charge, ledger []commission.Line) Statement {
	var s Statement
	for _, c := range charges {
		lines := c.Lines
		if len(lines) == 0 {
			lines = []licence.Line{{Kind: licence.Credit, PlanCode: c.PlanCode, UnitPrice: money.Money{Currency: c.Total.Currency}, Amount: c.Total}}
		}
		for _, l := range lines {
			s.Sold = append(s.Sold, Sale{
				On: c.On, ChargeID: c.ID, CustomerID: c.CustomerID, CustomerName: c.CustomerName, LicenceID: c.LicenceID, BillTo: c.Payer, Line: l,
			})
		}
	}
	for _, l := range ledger {
		if l.Kind == commission.PaidOut || l.Kind == commission.Returned {
			s.PaidOut = append(s.PaidOut, l)
		} else {
			s.Collected = append(s.Collected, l)
		}
	}
	return s
}

func (s Statement) count() int { return len(s.Sold) + len(s.Collected) + len(s.PaidOut) }

// sum is the hash of the lines as JSON. Fields that they get later have to be left out of it while they are empty, or statements of before
// could not be made again.
func (s Statement) sum() string {
	lines, err := json.Marshal([]any{s.Sold, s.Collected, s.PaidOut})
	if err != nil {
		panic("statement: " + err.Error()) // of texts and numbers: cannot fail
	}
	hash := sha256.Sum256(lines)
	return hex.EncodeToString(hash[:])
}

// kept are the billing details as a statement keeps them: whom it is from and to, and nothing of accounts.
func kept(d billing.Details) billing.Details {
	return billing.Details{Owner: d.Owner, Party: d.Party, PurchaseOrder: d.PurchaseOrder, Currency: d.Currency, SelfBilling: d.SelfBilling}
}

// Why nothing is paid.
const (
	NothingDue      = "nothingDue"
	NegativeBalance = "negativeBalance"
	BelowThreshold  = "belowThreshold"
	NoIBAN          = "noIBAN"
	OtherCurrency   = "otherCurrency" // than that of SEPA: nobody can send it
)

// payDay is the day of the following month by which payouts are made.
const payDay = 15

// pay is the payout that follows: all that can be paid, once it is worth it.
func (f Frame) pay() Payout {
	none := money.Money{Currency: f.Currency}
	p := Payout{Net: none, Tax: none, Gross: none}
	p.Treatment, p.Rate = treat(f.Partner.Party)
	switch {
	case f.Payable.Amount == 0:
		p.Why = NothingDue
	case f.Payable.Amount < 0:
		p.Why = NegativeBalance
	case f.Minimum.Currency == f.Currency && f.Payable.Amount < f.Minimum.Amount:
		p.Why = BelowThreshold
	case f.Currency != commission.BatchCurrency:
		p.Why = OtherCurrency
	case f.Partner.IBAN == "":
		p.Why = NoIBAN
	default:
		p.Net = f.Payable
		p.Tax = p.Net.Portion(int64(p.Rate), 10_000)
		p.Gross = p.Net.Add(p.Tax)
		p.By = f.Period.End().AddDays(payDay - 1)
		p.Account = f.Partner.IBANLast4()
	}
	return p
}

// home is the publisher's country, whose tax it is, and standard is its rate in basis points.
const (
	home     = "FR"
	standard = 2000
)

// treat is how tax on a partner's commissions is treated (rule "Money"). One whose country nobody knows is taken for one at home.
func treat(p billing.Party) (Treatment, int) {
	country := p.Address.Country
	switch prefix := identifier.VATPrefix(country); {
	case country == "", prefix == home:
		return Domestic, standard
	case prefix == "":
		return OutsideEU, 0
	case p.VATNumber != "":
		return ReverseCharge, 0
	}
	return Domestic, standard
}
