package statement

import (
	"strings"

	"golang.org/x/text/language"

	"comptoir/shared/billing"
	"comptoir/shared/phrase"
)

// percent is a rate in basis points: 5.5%, and 5,5 % in French.
type percent int

// In is the rate in a language.
func (p percent) In(lang language.Tag) string {
	digits := strings.TrimSuffix(strings.TrimRight(number{int64(p), 2}.in(lang), "0"), point(lang))
	if phrase.Spoken(lang) == language.French {
		return digits + "\u00a0%"
	}
	return digits + "%"
}

// title is what the document is.
func (s Statement) title() phrase.Text {
	if s.Provisional() {
		return phrase.Say("Partner statement")
	}
	return phrase.Say("Partner statement %s", s.Number)
}

// banner is what is said on every page of a provisional statement.
func (s Statement) banner() phrase.Text { return phrase.Say("Provisional – month in progress") }

// paying tells by when and to which account the payout goes, or why there is none.
func (s Statement) paying() phrase.Text {
	by := phrase.Day(s.Payout.By)
	switch {
	case s.Payout.Why == BelowThreshold:
		return phrase.Say("Nothing is paid out: the balance is under the threshold and is carried over.")
	case s.Payout.Why == NegativeBalance:
		return phrase.Say("Nothing is paid out: the balance is negative and is carried over.")
	case s.Payout.Why == NoIBAN:
		return phrase.Say("Nothing is paid out: no bank account is known.")
	case s.Payout.Why == OtherCurrency:
		return phrase.Say("Nothing is paid out: payouts are in euros, and this is carried over.")
	case s.Payout.Net.Amount == 0:
		return phrase.Say("Nothing is paid out: nothing is due.")
	case s.Payout.Account == "":
		return phrase.Say("Paid by %s.", by)
	}
	return phrase.Say("Paid by %s to the account ending in %s.", by, s.Payout.Account)
}

// taxed is the name of the tax on the payout.
func (s Statement) taxed() phrase.Text { return phrase.Say("VAT %s", percent(s.Payout.Rate)) }

// mentions are what the document has to say besides its amounts.
func (s Statement) mentions() []phrase.Text {
	var all []phrase.Text
	paid := s.Payout.Net.Amount != 0
	if paid && s.Partner.SelfBilling {
		all = append(all, phrase.Say("Self-billing invoice made out by %s in the name and on behalf of %s.", s.Publisher.LegalName, s.Partner.LegalName))
	}
	switch treatment := s.Payout.Treatment; {
	case !paid: // then nothing is invoiced either
	case treatment == Domestic:
		all = append(all, phrase.Say("French VAT at %s.", percent(s.Payout.Rate)))
	case treatment == ReverseCharge:
		all = append(all, phrase.Say("Reverse charge – article 283-2 of the French tax code (CGI) and article 196 of Directive 2006/112/EC."))
	case treatment == OutsideEU:
		all = append(all, phrase.Say("Not subject to French VAT – article 259-1 of the French tax code (CGI)."))
	}
	if s.Partner.PurchaseOrder != "" {
		all = append(all, phrase.Say("Purchase order: %s", s.Partner.PurchaseOrder))
	}
	return all
}

// block is an organisation as documents name it, in lines.
func block(p billing.Party, lang language.Tag) []string {
	lines := append([]string{p.LegalName}, p.Address.Lines...)
	lines = append(lines, strings.TrimSpace(p.Address.PostalCode+" "+p.Address.City)+" ("+p.Address.Country+")")
	if p.Registration != "" {
		lines = append(lines, phrase.Say("Registration no. %s", p.Registration).In(lang))
	}
	if p.VATNumber != "" {
		lines = append(lines, phrase.Say("VAT no. %s", p.VATNumber).In(lang))
	}
	for i := range lines {
		lines[i] = said(lines[i], lang)
	}
	return lines
}
