package seats

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/problem"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

type holdersInput struct {
	InModule
	api.Paged
}

func (in *holdersInput) page() table.Holders {
	return table.Holders{CustomerID: in.CustomerID, Module: in.Module, Page: in.Page()}
}

type holderView struct {
	MemberID string    `json:"memberId"`
	Name     string    `json:"name"`
	Since    time.Time `json:"since"`
}

// holders reads the roster only for who may: all of it, it can be large.
func (s service) holders(tx *table.Tx, in *holdersInput) (*api.Listed[holderView], error) {
	if err := tx.Load(in.page()); err != nil {
		return nil, err
	}
	rows, next, err := in.page().Rows(tx)
	if err != nil {
		return nil, err
	}
	return api.List(rows, next, func(h seat.Holder) holderView {
		return holderView{h.MemberID, h.Name, h.Since}
	}), nil
}

type addInput struct {
	InModule
	api.Once
	Body struct {
		MemberIDs []string `json:"memberIds" minItems:"1" maxItems:"90" doc:"Members of the customer. Those who hold a seat keep it and take no second."`
	}
}

var memberID = regexp.MustCompile(`^[!-"$-~]{1,128}$`)

// Check refuses what can't be an id.
func (in *addInput) Check() error {
	for i, id := range in.Body.MemberIDs {
		if !memberID.MatchString(id) {
			return problem.Invalid(fmt.Sprintf("body.memberIds[%d]", i), "This is not the id of a member.")
		}
	}
	return nil
}

// Load announces the gauge and the members.
func (in *addInput) Load() []table.Load { return []table.Load{in.seats(in.Body.MemberIDs...)} }

type addedView struct {
	Module      string   `json:"module"`
	Added       []string `json:"added" doc:"Who got a seat."`
	AlreadyHeld []string `json:"alreadyHeld" doc:"Who had one before."`
}

func (s service) add(tx *table.Tx, in *addInput) (*api.Reply[addedView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	today := s.today(tx)
	pool, added, facts, err := in.seats(in.Body.MemberIDs...).Pool(tx).Add(in.Module, in.Body.MemberIDs, tx.Now, today)
	tx.Settle(c.ID, pool, today)
	if err != nil {
		return nil, err
	}
	tx.Record(&c, facts...)
	reply := &api.Reply[addedView]{Body: addedView{in.Module, append([]string{}, added...), without(in.Body.MemberIDs, added)}}
	if added == nil {
		reply.Status = http.StatusOK
	}
	return reply, nil
}

// without are all of some ids that are not among others, each once.
func without(ids, others []string) []string {
	left := []string{}
	for _, id := range ids {
		if !slices.Contains(others, id) && !slices.Contains(left, id) {
			left = append(left, id)
		}
	}
	return left
}

type removeInput struct {
	InModule
	api.Once
	api.OfMember
}

// Load announces the gauge and the member.
func (in *removeInput) Load() []table.Load { return []table.Load{in.seats(in.MemberID)} }

type removedView struct {
	Module   string `json:"module"`
	MemberID string `json:"memberId"`
	Removed  bool   `json:"removed" doc:"false for a member who held no seat."`
}

func (s service) remove(tx *table.Tx, in *removeInput) (*api.Reply[removedView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	today := s.today(tx)
	pool, removed, facts, err := in.seats(in.MemberID).Pool(tx).Remove(in.Module, in.MemberID, today)
	tx.Settle(c.ID, pool, today)
	if err != nil {
		return nil, err
	}
	tx.Record(&c, facts...)
	return &api.Reply[removedView]{Body: removedView{in.Module, in.MemberID, removed}}, nil
}
