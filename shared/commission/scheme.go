package commission

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// Deal is a rate that was agreed with one partner, for all that it sells or for a customer or a plan.
type Deal struct {
	Name       string        `json:"name"`
	PartnerID  string        `json:"partnerId"`
	CustomerID string        `json:"customerId,omitempty"` // none: all of its customers
	PlanCode   string        `json:"planCode,omitempty"`   // none: all plans
	Rate       int           `json:"rate"`                 // basis points
	From       calendar.Date `json:"from,omitzero"`        // the first day; none: from the beginning
	Until      calendar.Date `json:"until,omitzero"`       // the day after the last; none: without end
}

// Scheme is what partners earn, on what is collected. Of the rates that fit the first counts: a deal's, the plan's, that of the partner's
// tier, the default. Rates are basis points. Each version is kept: lines of the ledger name theirs.
type Scheme struct {
	stamp.Stamp
	Default  int               `json:"default"`
	Tiers    map[string]int    `json:"tiers"`    // by the tier's name
	Partners map[string]string `json:"partners"` // the tier of each partner that has one
	Plans    map[string]int    `json:"plans"`
	Deals    []Deal            `json:"deals"`
	HoldDays int               `json:"holdDays"` // what was earned can be paid out that many days later: once it can no longer be given back
	Minimum  money.Money       `json:"minimum"`  // the least that is paid out; less is carried over
}

// Edition is a scheme as it was at one of its versions.
type Edition struct {
	Scheme Scheme `json:"scheme"`
}

// What a scheme may hold; they keep it within one read of a few kilobytes.
const (
	MaxRate     = 10_000
	MaxTiers    = 20
	MaxPartners = 2_000
	MaxPlans    = 200
	MaxDeals    = 500
	MaxHoldDays = 365
)

// DefaultHoldDays is the cancellation window of licences: until then what was collected may have to be refunded.
const DefaultHoldDays = 7

var (
	anyName  = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$`)
	aPartner = regexp.MustCompile(`^par_[0-9a-z]{1,60}$`)
)

// Check is the first rule that the scheme breaks, or nil. Errors: problem.Invalid.
func (s Scheme) Check() error {
	switch {
	case s.HoldDays < 0 || s.HoldDays > MaxHoldDays:
		return problem.Invalid("body.holdDays", "The hold period is from 0 to %d days.", MaxHoldDays)
	case s.Minimum.Amount < 0 || !money.IsCurrency(s.Minimum.Currency):
		return problem.Invalid("body.minimum", "The least that is paid out is an amount of a currency, not negative.")
	case len(s.Tiers) > MaxTiers, len(s.Partners) > MaxPartners, len(s.Plans) > MaxPlans, len(s.Deals) > MaxDeals:
		return problem.Invalid("body", "A scheme has up to %d tiers, %d partners with one, %d plans and %d deals.", MaxTiers, MaxPartners, MaxPlans, MaxDeals)
	}
	if err := checkRate("body.default", s.Default); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.Tiers)) {
		if !anyName.MatchString(name) {
			return problem.Invalid("body.tiers", "A name has up to 60 letters, digits, spaces, dots and hyphens.")
		}
		if err := checkRate("body.tiers."+name, s.Tiers[name]); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.Partners)) {
		if _, is := s.Tiers[s.Partners[id]]; !is || !aPartner.MatchString(id) {
			return problem.Invalid("body.partners", "Name for each partner a tier of this scheme.")
		}
	}
	for _, code := range slices.Sorted(maps.Keys(s.Plans)) {
		if !plan.IsCode(code) {
			return problem.Invalid("body.plans", "Name plans by their codes.")
		}
		if err := checkRate("body.plans."+code, s.Plans[code]); err != nil {
			return err
		}
	}
	return s.checkDeals()
}

func (s Scheme) checkDeals() error {
	names := map[string]bool{}
	for n, d := range s.Deals {
		field := fmt.Sprintf("body.deals[%d]", n)
		switch {
		case !anyName.MatchString(d.Name):
			return problem.Invalid(field+".name", "A name has up to 60 letters, digits, spaces, dots and hyphens.")
		case names[d.Name]:
			return problem.Invalid(field+".name", "Two deals have this name.")
		case !aPartner.MatchString(d.PartnerID), d.CustomerID != "" && !customer.IsID(d.CustomerID), d.PlanCode != "" && !plan.IsCode(d.PlanCode):
			return problem.Invalid(field, "A deal names a partner, and may name a customer and a plan.")
		case !d.Until.IsZero() && !d.From.Before(d.Until):
			return problem.Invalid(field+".until", "A deal ends after it begins.")
		}
		if err := checkRate(field+".rate", d.Rate); err != nil {
			return err
		}
		names[d.Name] = true
	}
	return nil
}

func checkRate(field string, bps int) error {
	if bps < 0 || bps > MaxRate {
		return problem.Invalid(field, "A rate is from 0 to %d basis points.", MaxRate)
	}
	return nil
}

// Edit is the scheme with other terms, and the fact.
func (s Scheme) Edit(to Scheme) (Scheme, event.Fact, error) {
	if err := to.Check(); err != nil {
		return s, event.Fact{}, err
	}
	to.Stamp = s.Stamp
	return to, event.New("scheme.changed", map[string]any{
		"default": to.Default, "plans": len(to.Plans), "tiers": len(to.Tiers), "deals": len(to.Deals), "holdDays": to.HoldDays, "minimum": to.Minimum,
	}), nil
}

// About says what events of the scheme are about: the publisher.
func (s *Scheme) About() event.About { return event.OfPublisher(s.Version) }

// Rule names the rate that counts, and what it is of.
type Rule struct {
	Name string // deal, plan, tier or default
	Of   string // the deal's name, the plan's code, the tier's name
	Rate int    // basis points
}

// The names of rules, by precedence.
const (
	ByDeal    = "deal"
	ByPlan    = "plan"
	ByTier    = "tier"
	ByDefault = "default"
	ByNobody  = "none" // there is no partner to earn anything
)

// Rule is what counts on a day for what a customer of a partner pays for a plan, or for none. Of the deals the closest counts: one for the
// customer and the plan, for the customer, for the plan, for all; of several of these the first.
func (s Scheme) Rule(partnerID, customerID, planCode string, on calendar.Date) Rule {
	best, closest := Rule{}, -1
	for _, d := range s.Deals {
		close := 0
		switch {
		case d.PartnerID != partnerID, on.Before(d.From), !d.Until.IsZero() && !on.Before(d.Until):
			continue
		case d.CustomerID != "" && d.CustomerID != customerID, d.PlanCode != "" && d.PlanCode != planCode:
			continue
		}
		if d.CustomerID != "" {
			close += 2
		}
		if d.PlanCode != "" {
			close++
		}
		if close > closest {
			best, closest = Rule{ByDeal, d.Name, d.Rate}, close
		}
	}
	if closest >= 0 {
		return best
	}
	if rate, is := s.Plans[planCode]; is {
		return Rule{ByPlan, planCode, rate}
	}
	if tier, is := s.Partners[partnerID]; is {
		return Rule{ByTier, tier, s.Tiers[tier]}
	}
	return Rule{ByDefault, "", s.Default}
}
