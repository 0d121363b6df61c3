// Package plan holds what is sold: plans, their prices and their modules. Terms are frozen onto a
// licence when it is taken; editing a plan alters no licence already taken.
package plan

import (
	"maps"
	"regexp"
	"slices"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/money"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// Commitment says how freely the quantity of a licence moves.
type Commitment string

const (
	Committed Commitment = "committed" // falls only inside the cancellation window or at renewal
	Flexible  Commitment = "flexible"  // moves at any time
)

// The two plans of a partner's own companies: price 0, no end, never sold (A4, A5).
const (
	FreePartner = "BUSINESS-FREE-PARTNER"
	Sandbox     = "SANDBOX"
)

// DefaultTrialDays is how long a trial lasts unless the plan says otherwise.
const DefaultTrialDays = 30

// Plan is what can be taken: for each term it is offered for, the price of one unit.
type Plan struct {
	stamp.Stamp
	Code       string                        `json:"code"`
	Name       string                        `json:"name"`
	Commitment Commitment                    `json:"commitment"`
	Prices     map[calendar.Term]money.Money `json:"prices"`    // per unit and term, before tax
	Modules    map[string]int                `json:"modules"`   // seats that one unit opens, by module
	TrialDays  int                           `json:"trialDays"` // 0 for none
	Retired    bool                          `json:"retired"`   // no longer to be taken
	Reminders  []int                         `json:"reminders"` // days before the end of a term, from the most; nil: DefaultReminders
}

// DefaultReminders is when people are reminded of the end of a term unless the plan says otherwise, in days before it (F3).
var DefaultReminders = []int{60, 30, 7, 1}

// RemindsBefore is when people are reminded, in days before the end of a term; empty for never.
func (p Plan) RemindsBefore() []int {
	if p.Reminders == nil {
		return DefaultReminders
	}
	return p.Reminders
}

// Largest figures that a plan may hold; they keep every amount far from overflow.
const (
	MaxPrice        = 1_000_000_00 // minor units per unit and term
	MaxSeatsPerUnit = 1_000
	MaxTrialDays    = 365
	MaxReminders    = 8
	MaxModules      = 12 // a change from one plan to another moves all gauges of both in one transaction
)

var (
	codes   = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,39}$`)
	modules = regexp.MustCompile(`^[a-z][a-zA-Z0-9]{1,39}$`)
)

// IsCode tells whether a text can be a plan's code.
func IsCode(text string) bool { return codes.MatchString(text) }

// Permanent tells the plans of a partner's own companies: without price, without end, not sold.
func (p Plan) Permanent() bool { return p.Code == FreePartner || p.Code == Sandbox }

// Price is that of one unit for a term, and whether the plan is offered for it.
func (p Plan) Price(t calendar.Term) (money.Money, bool) {
	price, ok := p.Prices[t]
	return price, ok
}

// Check is the first rule that the plan breaks, or nil. Errors: problem.Invalid.
func (p Plan) Check() error {
	switch {
	case !IsCode(p.Code):
		return problem.Invalid("path.code", "A plan code has 2 to 40 capital letters, digits and hyphens, the first a letter.")
	case p.Permanent():
		return problem.Invalid("path.code", "The plan %s is not for sale and can't be edited.", p.Code)
	case p.Commitment != Committed && p.Commitment != Flexible:
		return problem.Invalid("body.commitment", "The commitment is committed or flexible.")
	case len(p.Prices) == 0:
		return problem.Invalid("body.prices", "A plan needs a price for one term at least.")
	case p.TrialDays < 0 || p.TrialDays > MaxTrialDays:
		return problem.Invalid("body.trialDays", "Trials last 0 to %d days.", MaxTrialDays)
	case len(p.Reminders) > MaxReminders || slices.ContainsFunc(p.Reminders, func(days int) bool { return days < 1 || days > 365 }):
		return problem.Invalid("body.reminders", "Reminders are sent on %d days at the most, each 1 to 365 days before the end of a term.", MaxReminders)
	case len(p.Modules) > MaxModules:
		return problem.Invalid("body.modules", "A plan has %d modules at the most.", MaxModules)
	}
	currency := ""
	for _, term := range slices.Sorted(maps.Keys(p.Prices)) {
		price := p.Prices[term]
		field := "body.prices." + string(term)
		switch {
		case !term.Valid():
			return problem.Invalid(field, "The term is month or year.")
		case price.Amount <= 0 || price.Amount > MaxPrice:
			return problem.Invalid(field, "The price is from 1 to %d minor units.", MaxPrice)
		case !money.IsCurrency(price.Currency), currency != "" && price.Currency != currency:
			return problem.Invalid(field, "All prices of a plan have one currency, by its ISO 4217 code.")
		}
		currency = price.Currency
	}
	for _, module := range slices.Sorted(maps.Keys(p.Modules)) {
		seats := p.Modules[module]
		switch {
		case !modules.MatchString(module):
			return problem.Invalid("body.modules."+module, "A module's name has 2 to 40 letters and digits, the first a small letter.")
		case seats < 1 || seats > MaxSeatsPerUnit:
			return problem.Invalid("body.modules."+module, "One unit opens 1 to %d seats.", MaxSeatsPerUnit)
		}
	}
	return nil
}

// Edit replaces what the operator may change, keeping what identifies the plan.
func (p Plan) Edit(with Plan) (Plan, []event.Fact, error) {
	with.Stamp, with.Code = p.Stamp, p.Code
	if err := with.Check(); err != nil {
		return p, nil, err
	}
	kind := "plan.changed"
	if p.Version == 0 {
		kind = "plan.created"
	}
	return with, []event.Fact{event.New(kind, map[string]any{
		"code": with.Code, "name": with.Name, "commitment": string(with.Commitment), "prices": maps.Clone(with.Prices),
		"modules": maps.Clone(with.Modules), "trialDays": with.TrialDays, "retired": with.Retired, "reminders": with.RemindsBefore(),
	})}, nil
}

// About says what events of the plan are about.
func (p *Plan) About() event.About {
	return event.About{Kind: "plan", ID: p.Code, Version: p.Version, Livemode: true}
}
