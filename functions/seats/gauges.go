package seats

import (
	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

// gaugeView is a gauge as the contract has it (D3).
type gaugeView struct {
	Module     string           `json:"module"`
	Used       int              `json:"used"`
	Cap        int              `json:"cap" doc:"0 when misconfigured."`
	Remaining  int              `json:"remaining"`
	State      seat.State       `json:"state" enum:"ok,warning,full,overLimit,misconfigured" doc:"warning from 80 % on, full at 100 %; overLimit when the cap fell below what is used; misconfigured when there is no cap to go by."`
	Funded     int              `json:"funded" doc:"Seats that the licences give: the highest cap."`
	Limited    bool             `json:"limited" doc:"The partner has set a cap of its own; otherwise the cap is all that is funded."`
	CapVersion int64            `json:"capVersion" doc:"One more with each change of the cap or of what funds it; the ETag."`
	Reason     seat.Reason      `json:"reason,omitempty" enum:"noLicence,licenceEnded,licenceSuspended,capImpossible" doc:"Of a misconfigured gauge."`
	Contact    *api.ManagerView `json:"contact,omitempty" doc:"Who can mend a misconfigured gauge."`
}

func show(g seat.Gauge, today calendar.Date) gaugeView {
	r := g.On(today)
	return gaugeView{g.Module, r.Used, r.Cap, r.Remaining, r.State, g.Funded(today), g.OwnCap > 0, g.CapVersion, r.Reason, nil}
}

// reachable adds to a misconfigured gauge whom to turn to (D13).
func (s service) reachable(tx *table.Tx, customerID string, g *gaugeView) error {
	if g.State != seat.Misconfigured {
		return nil
	}
	c, err := table.Customer(customerID).Get(tx)
	if err != nil {
		return err
	}
	contact, err := s.ManagerOf(tx, c)
	g.Contact = &contact
	return err
}

type gaugesInput struct{ api.OnCustomer }

func (in *gaugesInput) rows() table.List[seat.Gauge] { return table.Gauges(in.CustomerID) }

// Load announces the gauges.
func (in *gaugesInput) Load() []table.Load { return []table.Load{in.rows()} }

func (s service) gauges(tx *table.Tx, in *gaugesInput) (*api.Listed[gaugeView], error) {
	rows, _ := in.rows().Rows(tx)
	out := api.List(rows, "", func(g seat.Gauge) gaugeView { return show(g, s.today(tx)) })
	for i := range out.Body.Items {
		if err := s.reachable(tx, in.CustomerID, &out.Body.Items[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type gaugeInput struct{ InModule }

func (in *gaugeInput) ref() table.Ref[seat.Gauge] {
	return table.Gauge(in.CustomerID, in.Module)
}

// Load announces the gauge.
func (in *gaugeInput) Load() []table.Load { return []table.Load{in.ref()} }

func (s service) gauge(tx *table.Tx, in *gaugeInput) (*api.Reply[gaugeView], error) {
	g, _ := in.ref().Find(tx) // one that isn't there has no licence
	g.Module = in.Module
	view := show(g, s.today(tx))
	if err := s.reachable(tx, in.CustomerID, &view); err != nil {
		return nil, err
	}
	return &api.Reply[gaugeView]{ETag: api.ETag(g.CapVersion), Body: view}, nil
}

type capInput struct {
	InModule
	api.Once
	api.IfMatch
	Body struct {
		Cap int `json:"cap" minimum:"1" maximum:"100000000" doc:"All that the licences fund makes the cap follow them again. It may be lower than what is used: nobody loses a seat, and none is added."`
	}
}

// Load announces the gauge.
func (in *capInput) Load() []table.Load { return []table.Load{in.seats()} }

type capView struct {
	Module     string `json:"module"`
	Cap        int    `json:"cap"`
	Funded     int    `json:"funded" doc:"Seats that the licences give: the highest cap."`
	Limited    bool   `json:"limited" doc:"The partner has set a cap of its own; otherwise the cap follows the licences."`
	CapVersion int64  `json:"capVersion"`
}

func (s service) setCap(tx *table.Tx, in *capInput) (*api.Reply[capView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	read, today := in.seats().Pool(tx), s.today(tx)
	if err := in.Match(read.Gauges[in.Module].CapVersion); err != nil {
		return nil, err
	}
	pool, facts, err := read.SetCap(in.Module, in.Body.Cap, today)
	tx.Settle(c.ID, pool, today)
	if err != nil {
		return nil, err
	}
	tx.Record(&c, facts...)
	g := pool.Gauges[in.Module]
	return &api.Reply[capView]{
		ETag: api.ETag(g.CapVersion), Body: capView{in.Module, g.On(today).Cap, g.Funded(today), g.OwnCap > 0, g.CapVersion},
	}, nil
}
