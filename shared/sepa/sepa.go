// Package sepa writes SEPA credit transfers as banks take them in: ISO 20022 pain.001.001.09, as the European Payments Council
// restricts it for customers (EPC132-08). When somebody is paid, and whether its IBAN is right, is for others to say.
package sepa

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
)

// Type is the media type of files.
const Type = "application/xml"

// Max is the most that one transfer may bear, in cents.
const Max = 999_999_999_99

// How long texts may be, in characters. What is longer is cut.
const (
	MaxID   = 35
	MaxName = 70
	MaxText = 140
)

// File is an order to pay from one account, all on one day.
type File struct {
	ID        string    // of the message, no other's: a bank refuses it the second time
	MadeAt    time.Time // when the file was made
	On        calendar.Date
	Debtor    Party // who pays
	Transfers []Transfer
}

// Party is an organisation with its account.
type Party struct {
	Name string
	IBAN string // without spaces
	BIC  string // may be missing
}

// Transfer is one payment of a file.
type Transfer struct {
	ID     string // comes with the payment to its receiver, and back with one that fails; no other's in the file
	Name   string // of who is paid
	IBAN   string // without spaces
	BIC    string // may be missing
	Amount money.Money
	Text   string // what the receiver reads; may be missing
}

// Write writes the file. Names and texts are written in the letters that all banks know, as near as can be, and cut to what fits. The
// same file is always written the same. Errors: what no bank would take, such as another currency than EUR.
func Write(w io.Writer, f File) error {
	order, err := f.order()
	if err != nil {
		return fmt.Errorf("credit transfer %s: %w", f.ID, err)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(document{Xmlns: namespace, Initiation: order}); err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n")
	return err
}

// order checks the file and puts it into the message's shape.
func (f File) order() (initiation, error) {
	if len(f.Transfers) == 0 {
		return initiation{}, errors.New("there is nothing to pay")
	}
	if f.On.IsZero() || f.MadeAt.IsZero() {
		return initiation{}, errors.New("a day or a time is missing")
	}
	name := clean(f.Debtor.Name, MaxName)
	if err := errors.Join(checkID(f.ID), f.Debtor.check(name)); err != nil {
		return initiation{}, err
	}
	seen, sum := map[string]bool{}, money.Money{}
	var transfers []transaction
	for n, t := range f.Transfers {
		one, err := t.transaction()
		if err == nil && seen[t.ID] {
			err = errors.New("another has the same id")
		}
		if err != nil {
			return initiation{}, fmt.Errorf("transfer %d, %s: %w", n+1, t.ID, err)
		}
		seen[t.ID], sum = true, sum.Add(t.Amount)
		transfers = append(transfers, one)
	}
	count, total := strconv.Itoa(len(transfers)), decimal(sum)
	return initiation{
		Header: header{ID: f.ID, MadeAt: f.MadeAt.UTC().Format("2006-01-02T15:04:05Z"), Count: count, Sum: total, By: party{name}},
		Payment: payment{
			ID: f.ID, Method: "TRF", Count: count, Sum: total, Level: "SEPA", On: f.On.String(),
			Debtor: party{name}, From: account{f.Debtor.IBAN}, Agent: debtorAgent(f.Debtor.BIC), Charges: "SLEV",
			Transfers: transfers,
		},
	}, nil
}

func (t Transfer) transaction() (transaction, error) {
	name := clean(t.Name, MaxName)
	if err := errors.Join(checkID(t.ID), Party{t.Name, t.IBAN, t.BIC}.check(name)); err != nil {
		return transaction{}, err
	}
	if t.Amount.Currency != "EUR" || t.Amount.Amount <= 0 || t.Amount.Amount > Max {
		return transaction{}, fmt.Errorf("%s is no amount from 0.01 to 999999999.99 EUR", t.Amount)
	}
	one := transaction{ID: t.ID, Amount: amount{"EUR", decimal(t.Amount)}, Creditor: party{name}, To: account{t.IBAN}}
	if t.BIC != "" {
		one.Agent = &agent{BIC: t.BIC}
	}
	if text := clean(t.Text, MaxText); text != "" {
		one.Text = &remittance{text}
	}
	return one, nil
}

var (
	ids   = regexp.MustCompile(`^[A-Za-z0-9?:().,'+-][A-Za-z0-9/?:().,'+ -]*$`)
	edges = regexp.MustCompile(`//|[/ ]$`)
	ibans = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$`)
	bics  = regexp.MustCompile(`^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$`)
)

// checkID refuses rather than cuts: an id that was altered would be another's, or nobody's.
func checkID(id string) error {
	if len(id) > MaxID || !ids.MatchString(id) || edges.MatchString(id) {
		return fmt.Errorf("%q is no id of up to %d letters, digits and plain signs", id, MaxID)
	}
	return nil
}

// check looks at the account, and at what is left of the name.
func (p Party) check(name string) error {
	switch {
	case name == "":
		return errors.New("a name is missing")
	case !ibans.MatchString(p.IBAN):
		return errors.New("that is not an IBAN") // which one is nobody's business
	case p.BIC != "" && !bics.MatchString(p.BIC):
		return fmt.Errorf("%q is not a BIC", p.BIC)
	}
	return nil
}

// decimal is an amount in EUR as numbers are written.
func decimal(m money.Money) string { return fmt.Sprintf("%d.%02d", m.Amount/100, m.Amount%100) }

// debtorAgent is the payer's bank, which has to be there even where nothing is known of it.
func debtorAgent(bic string) agent {
	if bic == "" {
		return agent{Other: &other{"NOTPROVIDED"}}
	}
	return agent{BIC: bic}
}
