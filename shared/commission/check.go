package commission

import "comptoir/shared/money"

// Discrepancy is something that was reckoned anew and came out otherwise.
type Discrepancy struct {
	What     string      `json:"what" enum:"balance,line,account,payment,payout,statement" doc:"balance: the counted balance of a month; line: a line of the ledger; account: a customer's; payment, payout: what the ledger has of one; statement: what that of the month says."`
	ID       string      `json:"id" doc:"The month, the statement's number, or what the line, customer, payment or payout is called."`
	Expected money.Money `json:"expected"`
	Found    money.Money `json:"found"`
}

// Check reckons each line of a ledger anew: its parts add up, and each that was earned is base × rate, rounded.
func Check(lines []Line) []Discrepancy {
	var all []Discrepancy
	for _, l := range lines {
		if l.Kind == PaidOut || l.Kind == Returned {
			continue
		}
		base, amount := l.Base.Sub(l.Base), l.Amount.Sub(l.Amount)
		for _, p := range l.Parts {
			base, amount = base.Add(p.Base), amount.Add(p.Amount)
			if again := p.reckon(); l.Kind == Collected && again != p {
				all = append(all, Discrepancy{"line", l.ID, again.Amount, p.Amount})
			}
		}
		if base != l.Base {
			all = append(all, Discrepancy{"line", l.ID, base, l.Base})
		}
		if amount != l.Amount {
			all = append(all, Discrepancy{"line", l.ID, amount, l.Amount})
		}
	}
	return all
}
