package statements

import (
	"bytes"
	"strings"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/event"
	"comptoir/shared/money"
	"comptoir/shared/problem"
	"comptoir/shared/sepa"
	"comptoir/shared/table"
)

// payoutBatchView is a batch of payouts as the contract has it.
type payoutBatchView struct {
	ID          string           `json:"id" example:"pba_1"`
	State       commission.State `json:"state" enum:"proposed,sent,confirmed"`
	Payouts     int              `json:"payouts" doc:"How many."`
	Total       money.Money      `json:"total" doc:"With tax: what is paid."`
	MadeOn      calendar.Date    `json:"madeOn" format:"date"`
	SentAt      time.Time        `json:"sentAt,omitzero"`
	ConfirmedOn calendar.Date    `json:"confirmedOn,omitzero" format:"date" doc:"When the bank has paid."`
	Version     int64            `json:"version"`
}

func showBatch(b commission.Batch) payoutBatchView {
	return payoutBatchView{b.ID, b.State, len(b.Payouts), b.Total, b.MadeOn, b.SentAt, b.ConfirmedOn, b.Version}
}

func replyBatch(b commission.Batch) *api.Reply[payoutBatchView] {
	return &api.Reply[payoutBatchView]{ETag: api.ETag(b.Version), Body: showBatch(b)}
}

// payoutView is a payout of a batch.
type payoutView struct {
	ID         string             `json:"id" example:"pyo_1"`
	PartnerID  string             `json:"partnerId"`
	Name       string             `json:"name"`
	Period     calendar.YearMonth `json:"period" format:"year-month"`
	Number     string             `json:"number" doc:"Of the statement."`
	Net        money.Money        `json:"net"`
	Tax        money.Money        `json:"tax"`
	Gross      money.Money        `json:"gross"`
	Account    string             `json:"account" doc:"The last four characters of the IBAN."`
	By         calendar.Date      `json:"by" format:"date"`
	ReturnedOn calendar.Date      `json:"returnedOn,omitzero" format:"date"`
	Reason     string             `json:"reason,omitempty" doc:"Why it came back."`
}

func showPayout(p commission.Payout) payoutView {
	return payoutView{p.ID, p.PartnerID, p.Name, p.Period, p.Number, p.Net, p.Tax, p.Gross, p.Account(), p.By, p.ReturnedOn, p.Reason}
}

type listBatchesInput struct {
	api.OnPublisher
	api.Paged
}

// Load announces the page.
func (in *listBatchesInput) Load() []table.Load {
	return []table.Load{table.PayoutBatches(in.Page())}
}

func listBatches(tx *table.Tx, in *listBatchesInput) (*api.Listed[payoutBatchView], error) {
	rows, next := table.PayoutBatches(in.Page()).Rows(tx)
	return api.List(rows, next, showBatch), nil
}

type makeInput struct {
	api.OnPublisher
	api.Once
}

type madePayoutBatchView struct {
	payoutBatchView
	Left int `json:"left" doc:"Proposed payouts that are in no batch yet: make another."`
}

func (s service) make(tx *table.Tx, _ *makeInput) (*api.Reply[madePayoutBatchView], error) {
	b, left, err := tx.GatherPayouts(calendar.On(tx.Now, s.Zone))
	if err != nil {
		return nil, err
	}
	if len(b.Payouts) == 0 {
		return nil, problem.Conflict("no_payouts", "No payout in euros waits for a batch.")
	}
	return &api.Reply[madePayoutBatchView]{ETag: api.ETag(b.Version), Body: madePayoutBatchView{showBatch(b), left}}, nil
}

// OnBatch is about a batch of payouts.
type OnBatch struct {
	api.OnPublisher
	BatchID string `path:"batchId" maxLength:"64" pattern:"^pba_[0-9a-z]+$" example:"pba_1"`
}

func (in *OnBatch) ref() table.Ref[commission.Batch] { return table.PayoutBatch(in.BatchID) }

// Load announces the batch.
func (in *OnBatch) Load() []table.Load { return []table.Load{in.ref()} }

type getBatchInput struct{ OnBatch }

// Load announces whose account it is paid from, too.
func (in *getBatchInput) Load() []table.Load {
	return []table.Load{in.ref(), table.BillingOf(billing.Publisher)}
}

type wholePayoutBatchView struct {
	payoutBatchView
	Items []payoutView `json:"items"`
}

// getBatch takes a round trip for the payouts.
func getBatch(tx *table.Tx, in *getBatchInput) (*api.Either[api.Reply[wholePayoutBatchView]], error) {
	b, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	var refs []table.Load
	for _, m := range b.Payouts {
		refs = append(refs, table.PayoutOf(m.PartnerID, m.PayoutID))
	}
	if err := tx.Load(refs...); err != nil {
		return nil, err
	}
	var payouts []commission.Payout
	for _, m := range b.Payouts {
		p, err := table.PayoutOf(m.PartnerID, m.PayoutID).Get(tx)
		if err != nil {
			return nil, err
		}
		payouts = append(payouts, p)
	}
	if in.Prefers(asJSON, sepa.Type) == sepa.Type {
		by, _ := table.BillingOf(billing.Publisher).Find(tx)
		d, err := file(b, payouts, by)
		return &api.Either[api.Reply[wholePayoutBatchView]]{Document: d}, err
	}
	v := wholePayoutBatchView{payoutBatchView: showBatch(b), Items: []payoutView{}}
	for _, p := range payouts {
		v.Items = append(v.Items, showPayout(p))
	}
	return &api.Either[api.Reply[wholePayoutBatchView]]{Plain: &api.Reply[wholePayoutBatchView]{Body: v}}, nil
}

// file is the batch as the bank takes it. The same batch gives the same file. Errors: problem.Conflict publisher_iban_missing.
func file(b commission.Batch, payouts []commission.Payout, by billing.Details) (*api.Document, error) {
	if by.IBAN == "" || by.LegalName == "" {
		return nil, problem.Conflict("publisher_iban_missing", "The publisher's billing details lack its name or its IBAN: nobody knows from where to pay.")
	}
	f := sepa.File{
		ID: atBank(b.ID), MadeAt: b.CreatedAt, On: b.MadeOn, Debtor: sepa.Party{Name: by.LegalName, IBAN: by.IBAN, BIC: by.BIC},
	}
	for _, p := range payouts {
		f.Transfers = append(f.Transfers, sepa.Transfer{ID: atBank(p.ID), Name: p.Name, IBAN: p.IBAN, BIC: p.BIC, Amount: p.Gross, Text: p.Number})
	}
	var content bytes.Buffer
	if err := sepa.Write(&content, f); err != nil {
		return nil, err
	}
	return &api.Document{Type: sepa.Type, File: b.ID + ".xml", Cache: "private, no-store", Content: content.Bytes()}, nil
}

// atBank is an id as banks take it: pyo-7f3k instead of pyo_7f3k.
func atBank(id string) string { return strings.ReplaceAll(id, "_", "-") }

type sendInput struct {
	OnBatch
	api.Once
}

func send(tx *table.Tx, in *sendInput) (*api.Reply[payoutBatchView], error) {
	return in.move(tx, func(b commission.Batch) (commission.Batch, event.Fact, error) { return b.Send(tx.Now) })
}

// move takes the batch a step further.
func (in *OnBatch) move(tx *table.Tx, rule func(commission.Batch) (commission.Batch, event.Fact, error)) (*api.Reply[payoutBatchView], error) {
	b, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	b, fact, err := rule(b)
	if err != nil {
		return nil, err
	}
	tx.Put(&b)
	tx.Record(&b, fact)
	return replyBatch(b), nil
}

type confirmInput struct {
	OnBatch
	api.Once
	Body struct {
		On calendar.Date `json:"on" format:"date" doc:"The day on which the bank has paid." example:"2026-04-12"`
	}
}

func (s service) confirm(tx *table.Tx, in *confirmInput) (*api.Reply[payoutBatchView], error) {
	return in.move(tx, func(b commission.Batch) (commission.Batch, event.Fact, error) {
		return b.Confirm(in.Body.On, calendar.On(tx.Now, s.Zone))
	})
}

type returnInput struct {
	OnBatch
	api.Once
	Body struct {
		PayoutID string `json:"payoutId" maxLength:"64" pattern:"^pyo_[0-9a-z]+$" example:"pyo_1"`
		Reason   string `json:"reason,omitempty" maxLength:"200" doc:"As the bank says." example:"AC04 account closed"`
	}
}

// giveBack takes a round trip for the payout, which the batch knows the partner of.
func (s service) giveBack(tx *table.Tx, in *returnInput) (*api.Reply[payoutView], error) {
	b, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	for _, m := range b.Payouts {
		if m.PayoutID != in.Body.PayoutID {
			continue
		}
		payout, of := table.PayoutOf(m.PartnerID, m.PayoutID), table.Partner(m.PartnerID)
		if err := tx.Load(payout, of); err != nil {
			return nil, err
		}
		p, err := payout.Get(tx)
		if err != nil {
			return nil, err
		}
		about, err := of.Get(tx)
		if err != nil {
			return nil, err
		}
		today := calendar.On(tx.Now, s.Zone)
		p, line, fact, err := b.Return(p, in.Body.Reason, today)
		if err != nil {
			return nil, err
		}
		tx.Put(&p)
		tx.Book(line, today)
		tx.Record(&about, fact)
		return &api.Reply[payoutView]{Body: showPayout(p)}, nil
	}
	return nil, problem.NotFound()
}
