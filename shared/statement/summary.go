package statement

import (
	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

// group is a part of the summary.
type group struct {
	title   phrase.Text
	entries []entry
}

// entry is an amount of the summary.
type entry struct {
	key    key
	title  phrase.Text
	amount money.Money
	total  bool // of the entries before it
}

// key names an amount of the summary.
type key int

const (
	opening key = iota
	commissions
	clawbacks
	payouts
	closing
	pending
	sales
	received
	net
	tax
	gross
)

// summary is what a statement says at a glance.
func (s Statement) summary() []group {
	return []group{
		{phrase.Say("Account"), []entry{
			{opening, phrase.Say("Opening balance"), s.Opening, false},
			{commissions, phrase.Say("Commissions earned"), s.Commissions, false},
			{clawbacks, phrase.Say("Commissions taken back"), s.Clawbacks, false},
			{payouts, phrase.Say("Payouts"), s.Payouts, false},
			{closing, phrase.Say("Closing balance"), s.Closing, true},
			{pending, phrase.Say("of which still within the hold period"), s.Pending, false},
		}},
		{phrase.Say("Activity before tax"), []entry{
			{sales, phrase.Say("Sales"), s.Sales, false},
			{received, phrase.Say("Collected, less refunds"), s.Received, false},
		}},
		{phrase.Say("Payout"), []entry{
			{net, phrase.Say("Commissions before tax"), s.Payout.Net, false},
			{tax, s.taxed(), s.Payout.Tax, false},
			{gross, phrase.Say("To be paid"), s.Payout.Gross, true},
		}},
	}
}
