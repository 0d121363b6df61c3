package commission

import (
	"slices"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
)

// Source is a part of a payment that a commission is earned on.
type Source struct {
	PartnerID string // none: nobody earns anything on it
	PlanCode  string // none: it is paid beyond all charges
	Base      money.Money
}

// Earning is what a payment has earned one partner, and how much of it was taken back. It lies with the payment; the ledger has its line.
type Earning struct {
	PartnerID string        `json:"partnerId,omitempty"`
	DueOn     calendar.Date `json:"dueOn"`
	Parts     []Part        `json:"parts"`
	Taken     []Taken       `json:"taken"` // of each part
}

// Taken is what was taken back of a part.
type Taken struct {
	Base   money.Money `json:"base"`
	Amount money.Money `json:"amount"`
}

// Earn is what the sources of one payment of a customer earn, by partner and plan. The rates are frozen with it.
func (s Scheme) Earn(customerID string, sources []Source, on calendar.Date) []Earning {
	var all []Earning
	for _, from := range sources {
		e := slices.IndexFunc(all, func(e Earning) bool { return e.PartnerID == from.PartnerID })
		if e < 0 {
			e = len(all)
			all = append(all, Earning{PartnerID: from.PartnerID, DueOn: on.AddDays(s.HoldDays)})
		}
		to := &all[e]
		p := slices.IndexFunc(to.Parts, func(p Part) bool { return p.PlanCode == from.PlanCode })
		if p < 0 {
			p = len(to.Parts)
			rule := Rule{Name: ByNobody}
			if from.PartnerID != "" {
				rule = s.Rule(from.PartnerID, customerID, from.PlanCode, on)
			}
			none := from.Base.Sub(from.Base)
			to.Parts = append(to.Parts, Part{PlanCode: from.PlanCode, Base: none, Rule: rule.Name, Of: rule.Of, Version: s.Version, Rate: rule.Rate})
			to.Taken = append(to.Taken, Taken{none, none})
		}
		to.Parts[p].Base = to.Parts[p].Base.Add(from.Base)
	}
	for e := range all {
		for p := range all[e].Parts {
			all[e].Parts[p] = all[e].Parts[p].reckon()
		}
	}
	return all
}

// whole is the rate, in basis points, that is all of a base.
const whole = 10_000

// reckon is the part with its commission: base × rate ÷ 10,000, rounded half away from zero.
func (p Part) reckon() Part {
	p.Amount = p.Base.Portion(int64(p.Rate), whole)
	return p.rounded()
}

// rounded is the part with what the rounding of its amount has added.
func (p Part) rounded() Part {
	p.Rounding = p.Amount.Amount*whole - p.Base.Amount*int64(p.Rate)
	return p
}

// Take takes back what was earned on a part of the sources: of each part the same share as of its base, to the cent when all of it has gone
// back. It returns what is earned now and what each partner gives back, as parts with negative amounts.
func Take(earned []Earning, back []Source) (after []Earning, given []Earning) {
	for _, e := range earned {
		e.Taken = slices.Clone(e.Taken)
		g := Earning{PartnerID: e.PartnerID, DueOn: e.DueOn}
		for n, p := range e.Parts {
			base := p.Base.Sub(p.Base)
			for _, b := range back {
				if b.PartnerID == e.PartnerID && b.PlanCode == p.PlanCode {
					base = base.Add(b.Base)
				}
			}
			if base.Amount == 0 {
				continue
			}
			was := e.Taken[n]
			is := Taken{Base: was.Base.Add(base)}
			is.Amount = p.Amount.Portion(is.Base.Amount, p.Base.Amount)
			e.Taken[n] = is
			p.Base, p.Amount = base.Neg(), was.Amount.Sub(is.Amount)
			g.Parts = append(g.Parts, p.rounded())
		}
		after = append(after, e)
		if g.Parts != nil {
			given = append(given, g)
		}
	}
	return after, given
}

// Line is the line of the ledger for what was earned or is given back.
func (e Earning) Line(kind Kind) Line {
	l := Line{PartnerID: e.PartnerID, Kind: kind, Parts: e.Parts, DueOn: e.DueOn}
	for _, p := range e.Parts {
		l.Base, l.Amount = l.Base.Add(p.Base), l.Amount.Add(p.Amount)
	}
	return l
}
