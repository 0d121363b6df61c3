// Package statements answers the operations on partners' statements, and on the payouts that follow from them.
package statements

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/api"
	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/money"
	"comptoir/shared/problem"
	"comptoir/shared/sepa"
	"comptoir/shared/statement"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Memory is how much the function's process uses before it looks harder for what is no longer needed, in bytes: a document of 10,000 lines
// takes less than 256 MB so.
const Memory = 200 << 20

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	const of, batches = "/v1/partners/{partnerId}/statements", "/v1/payouts/batches"
	return []api.Operation{
		api.Read("listStatements", "GET "+of, "List the partner's statements, latest first, and what became of their payouts", list),
		api.ReadAs("getStatement", "GET "+of+"/{period}", "Read the statement of a month: as JSON, or as a CSV, XLSX or PDF document", documents(), s.get).Says(
			"That of a month that isn't closed is provisional and has no number. By Accept the answer is a document, in the language of Accept-Language. " +
				"What is larger than 3 MB is answered 303: Location is an address at which it can be had for 5 minutes."),
		api.Read("listPayoutBatches", "GET "+batches, "List the batches of payouts, latest first", listBatches),
		api.Write("makePayoutBatch", "POST "+batches, "Gather proposed payouts into a batch", http.StatusCreated, s.make).Says(
			"It takes the oldest, up to 90 in euros, and says how many are left."),
		api.ReadAs("getPayoutBatch", "GET "+batches+"/{batchId}", "Read a batch of payouts: as JSON, or as the file for the bank", []string{sepa.Type}, getBatch).Says(
			"With Accept: application/xml it is a SEPA credit transfer, pain.001.001.09. No other answer shows IBANs in full."),
		api.Write("sendPayoutBatch", "POST "+batches+"/{batchId}/send", "Note that a batch went to the bank", http.StatusOK, send),
		api.Write("confirmPayoutBatch", "POST "+batches+"/{batchId}/confirm", "Note that the bank has paid a batch", http.StatusOK, s.confirm),
		api.Write("returnPayout", "POST "+batches+"/{batchId}/returns", "Note that a payout of a batch came back", http.StatusCreated, s.giveBack).Says(
			"It is booked back, and paid with the partner's next."),
	}
}

type listInput struct {
	api.OnPartner
	api.Paged
}

// Load announces the page.
func (in *listInput) Load() []table.Load {
	return []table.Load{table.Statements(in.PartnerID, in.Page())}
}

// headView is a statement in a list.
type headView struct {
	Period      calendar.YearMonth `json:"period" format:"year-month" example:"2026-09"`
	Currency    string             `json:"currency" example:"EUR"`
	Number      string             `json:"number" example:"LUMEN-2026-0007"`
	MadeAt      time.Time          `json:"madeAt"`
	Opening     money.Money        `json:"opening" doc:"What the publisher owed before the month."`
	Commissions money.Money        `json:"commissions"`
	Clawbacks   money.Money        `json:"clawbacks"`
	Payouts     money.Money        `json:"payouts" doc:"In the month."`
	Closing     money.Money        `json:"closing"`
	Payout      paidView           `json:"payout" doc:"That follows from it."`
}

// paidView is a payout and what became of it.
type paidView struct {
	ID          string           `json:"id,omitempty" example:"pyo_1" doc:"Absent if nothing is paid."`
	Net         money.Money      `json:"net"`
	Tax         money.Money      `json:"tax"`
	Gross       money.Money      `json:"gross" doc:"What is paid."`
	Account     string           `json:"account,omitempty" doc:"The last four characters of the IBAN."`
	By          calendar.Date    `json:"by,omitzero" format:"date"`
	Why         string           `json:"why,omitempty" enum:"belowThreshold,negativeBalance,noIBAN,nothingDue,otherCurrency" doc:"Why nothing is paid."`
	State       commission.State `json:"state,omitempty" enum:"proposed,sent,confirmed,returned"`
	ConfirmedOn calendar.Date    `json:"confirmedOn,omitzero" format:"date" doc:"When the bank has paid it."`
	ReturnedOn  calendar.Date    `json:"returnedOn,omitzero" format:"date"`
}

// list takes a round trip for the payouts of the page, and one for their batches.
func list(tx *table.Tx, in *listInput) (*api.Listed[headView], error) {
	heads, next := table.Statements(in.PartnerID, in.Page()).Rows(tx)
	payout := func(h statement.Head) table.Ref[commission.Payout] {
		return table.PayoutOf(h.PartnerID, commission.PayoutID(h.PartnerID, h.Period, h.Currency))
	}
	var payouts, batches []table.Load
	for _, h := range heads {
		if h.Payout.Net.Amount > 0 {
			payouts = append(payouts, payout(h))
		}
	}
	if err := tx.Load(payouts...); err != nil {
		return nil, err
	}
	for _, h := range heads {
		if h.Payout.Net.Amount > 0 {
			if p, _ := payout(h).Find(tx); p.BatchID != "" {
				batches = append(batches, table.PayoutBatch(p.BatchID))
			}
		}
	}
	if err := tx.Load(batches...); err != nil {
		return nil, err
	}
	return api.List(heads, next, func(h statement.Head) headView {
		v := headView{
			Period: h.Period, Currency: h.Currency, Number: h.Number, MadeAt: h.MadeAt, Opening: h.Opening, Commissions: h.Commissions, Clawbacks: h.Clawbacks,
			Payouts: h.Payouts, Closing: h.Closing,
			Payout: paidView{Net: h.Payout.Net, Tax: h.Payout.Tax, Gross: h.Payout.Gross, Account: h.Payout.Account, By: h.Payout.By, Why: h.Payout.Why},
		}
		if h.Payout.Net.Amount > 0 {
			p, _ := payout(h).Find(tx)
			var b commission.Batch
			if p.BatchID != "" {
				b, _ = table.PayoutBatch(p.BatchID).Find(tx)
			}
			v.Payout.ID, v.Payout.State, v.Payout.ConfirmedOn, v.Payout.ReturnedOn = p.ID, p.State(b), b.ConfirmedOn, p.ReturnedOn
		}
		return v
	}), nil
}

// A form is a kind of document that a statement can be had as.
type form struct {
	mediaType, extension, parameters string
	write                            func(io.Writer, statement.Statement, language.Tag) error
}

var forms = []form{
	{"text/csv", ".csv", "; charset=utf-8", statement.WriteCSV},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", "", statement.WriteXLSX},
	{"application/pdf", ".pdf", "", statement.WritePDF},
}

const asJSON = "application/json"

func documents() []string {
	var all []string
	for _, f := range forms {
		all = append(all, f.mediaType)
	}
	return all
}

type getInput struct {
	api.OnPartner
	Period   calendar.YearMonth `path:"period" format:"year-month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2026-03"`
	Currency string             `query:"currency" pattern:"^[A-Z]{3}$" doc:"That of the partner's billing details if left out."`
}

// Load announces what the month has of statements, and what says whether it is closed.
func (in *getInput) Load() []table.Load {
	return []table.Load{
		table.StatementsOf(in.PartnerID, in.Period), table.ClosingOf(in.PartnerID), table.Partner(in.PartnerID), table.BillingOf(in.PartnerID),
	}
}

func (s service) get(tx *table.Tx, in *getInput) (*api.Either[api.Reply[statement.StatementView]], error) {
	made, err := s.statement(tx, in)
	if err != nil {
		return nil, err
	}
	made.MadeAt = made.MadeAt.In(s.Zone)
	wanted := in.Prefers(append([]string{asJSON}, documents()...)...)
	if n := slices.IndexFunc(forms, func(f form) bool { return f.mediaType == wanted }); n >= 0 {
		var content bytes.Buffer
		if err := forms[n].write(&content, made, in.Language()); err != nil {
			return nil, err
		}
		d, err := s.document(tx, made, forms[n], in.Language(), content.Bytes())
		return &api.Either[api.Reply[statement.StatementView]]{Document: d}, err
	}
	plain := &api.Reply[statement.StatementView]{Body: statement.Show(made)}
	content, err := json.Marshal(plain.Body)
	if err != nil {
		return nil, err
	}
	if len(content) <= largest {
		return &api.Either[api.Reply[statement.StatementView]]{Plain: plain}, nil
	}
	d, err := s.document(tx, made, form{mediaType: asJSON, extension: ".json"}, in.Language(), content)
	return &api.Either[api.Reply[statement.StatementView]]{Document: d}, err
}

const (
	largest = 3 << 20 // bytes of a document in an answer: with Base64 a gateway takes 6 MB
	linked  = 5 * time.Minute
)

// document is what is answered: the document, or a link to it if it is too large.
func (s service) document(tx *table.Tx, made statement.Statement, f form, lang language.Tag, content []byte) (*api.Document, error) {
	name := cmp.Or(made.Number, made.Period.String()+"-"+made.Currency) + f.extension
	d := &api.Document{Type: f.mediaType + f.parameters, File: name, Content: content, Cache: "private, no-store"}
	if len(content) <= largest {
		return d, nil
	}
	key := fmt.Sprintf("statements/%s/%s-%s-%s-%s%s", made.PartnerID, made.Period, made.Currency, made.Sum[:16], lang, f.extension)
	if err := s.Archive.Put(tx.Context(), key, d.Type, d.File, content); err != nil {
		return nil, problem.Unavailable().Because(err)
	}
	var err error
	if d.At, err = s.Archive.Link(tx.Context(), key, linked); err != nil {
		return nil, problem.Unavailable().Because(err)
	}
	return d, nil
}

// statement is that of a month. The lines, of which there can be many, are read once the caller is known to be allowed them.
func (s service) statement(tx *table.Tx, in *getInput) (statement.Statement, error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return statement.Statement{}, err
	}
	own, _ := table.BillingOf(p.ID).Find(tx)
	currency := cmp.Or(in.Currency, own.Currency, billing.DefaultCurrency)
	lines := table.StatementLines(p.ID, currency, in.Period)
	heads, _ := table.StatementsOf(p.ID, in.Period).Rows(tx)
	if n := slices.IndexFunc(heads, func(h statement.Head) bool { return h.Currency == currency }); n >= 0 {
		if err := tx.Load(lines...); err != nil {
			return statement.Statement{}, err
		}
		return heads[n].With(tx.LinesOfStatement(p.ID, currency, in.Period))
	}
	c, _ := table.ClosingOf(p.ID).Find(tx)
	running := calendar.YearMonthOf(calendar.On(tx.Now, s.Zone))
	if len(heads) > 0 || c.Closed(in.Period) || running.Before(in.Period) {
		return statement.Statement{}, problem.NotFound()
	}
	if err := tx.Load(append(lines, table.BalancesOf(p.ID), table.TheScheme(), table.BillingOf(billing.Publisher))...); err != nil {
		return statement.Statement{}, err
	}
	f := tx.StatementFrame(p, currency, in.Period)
	f.Running = true
	return f.Make(tx.LinesOfStatement(p.ID, currency, in.Period))
}
