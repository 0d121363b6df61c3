package seats

import (
	"net/http"
	"slices"

	"comptoir/shared/api"
	"comptoir/shared/event"
	"comptoir/shared/identifier"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// memberView is a person of a customer's organisation.
type memberView struct {
	MemberID string            `json:"memberId" doc:"The subject of the person's tokens."`
	Name     string            `json:"name"`
	Mail     string            `json:"mail,omitempty"`
	Roles    []membership.Role `json:"roles" enum:"admin,member"`
	Version  int64             `json:"version"`
}

func showMember(m membership.Membership) memberView {
	return memberView{m.UserID, m.Name, m.Mail, m.Roles, m.Version}
}

type membersInput struct {
	api.OnCustomer
	api.Paged
}

func (in *membersInput) page() table.List[membership.Membership] {
	return table.Members(in.CustomerID, in.Page())
}

// Load announces the page.
func (in *membersInput) Load() []table.Load { return []table.Load{in.page()} }

func (s service) members(tx *table.Tx, in *membersInput) (*api.Listed[memberView], error) {
	rows, next := in.page().Rows(tx)
	return api.List(rows, next, showMember), nil
}

// OneMember is a write on a member of a customer.
type OneMember struct {
	api.OnCustomer
	api.Once
	api.OfMember
}

func (m OneMember) membership() table.Ref[membership.Membership] {
	return table.Membership(m.MemberID, m.CustomerID)
}

func (m OneMember) seats() table.Seats { return table.SeatsHeldBy(m.CustomerID, m.MemberID) }

// self tells that people speak of themselves: nobody locks the last administrator out.
func (m OneMember) self() bool { return !m.Caller().Machine() && m.Caller().ID == m.MemberID }

func ownMembership() error {
	return problem.Conflict("own_membership", "You can't take your own place or role away; ask another administrator.")
}

// administratorsOwn keeps a partner's people, whatever they were let in for, from deciding who decides about consent.
func administratorsOwn() error {
	return problem.Forbidden("Who administers a customer is decided by its own administrators, and by the product.")
}

type putMemberInput struct {
	OneMember
	api.IfMatch
	Body struct {
		Name  string            `json:"name" minLength:"1" maxLength:"200"`
		Mail  string            `json:"mail,omitempty" format:"email" maxLength:"254" doc:"Stays as it is if left out."`
		Roles []membership.Role `json:"roles,omitempty" enum:"admin,member" maxItems:"2" uniqueItems:"true" doc:"member, or as they are, if left out."`
	}
}

// Check reads name and address.
func (in *putMemberInput) Check() (err error) {
	name := identifier.Person
	if in.Caller().Machine() {
		name = identifier.Name // as the product has it
	}
	if in.Body.Name, err = name(in.Body.Name); err != nil {
		return problem.Invalid("body.name", "This is not a name.")
	}
	if in.Body.Mail != "" {
		if in.Body.Mail, err = identifier.Mail(in.Body.Mail); err != nil {
			return problem.Invalid("body.mail", "This is not a plain mail address.")
		}
	}
	return nil
}

// Load announces the member.
func (in *putMemberInput) Load() []table.Load { return []table.Load{in.membership(), in.seats()} }

func (s service) putMember(tx *table.Tx, in *putMemberInput) (*api.Reply[memberView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	before, known := in.membership().Find(tx)
	if err := in.Match(before.Version); err != nil {
		return nil, err
	}
	m := before
	m.UserID, m.OrganisationID, m.OrganisationName, m.Name = in.MemberID, c.ID, c.Name, in.Body.Name
	if in.Body.Mail != "" {
		m.Mail = in.Body.Mail
	}
	switch {
	case len(in.Body.Roles) > 0:
		m.Roles = in.Body.Roles
	case !known:
		m.Roles = []membership.Role{membership.Member}
	}
	if !known && !in.Caller().Machine() {
		return nil, problem.Forbidden("New members come from the product; you can change and remove those who are there.")
	}
	admin := slices.Contains(m.Roles, membership.Admin)
	if in.self() && !admin {
		return nil, ownMembership()
	}
	if partner.IsID(tx.Organisation) && admin != slices.Contains(before.Roles, membership.Admin) {
		return nil, administratorsOwn()
	}
	pool, with, err := in.seats().Pool(tx).Join(c, in.MemberID, m.Name)
	tx.Settle(c.ID, pool, s.today(tx))
	if err != nil {
		return nil, err
	}
	if _, listed := in.seats().Pool(tx).Member(in.MemberID); listed && known && same(before, m) {
		return &api.Reply[memberView]{ETag: api.ETag(m.Version), Body: showMember(m)}, nil
	}
	if with.Rosters != c.Rosters {
		tx.Put(&with)
	}
	tx.Put(&m)
	status, kind := http.StatusOK, "member.changed"
	if !known {
		status, kind = http.StatusCreated, "member.added"
	}
	tx.Record(&with, event.New(kind, map[string]any{"memberId": m.UserID, "roles": m.Roles}))
	return &api.Reply[memberView]{Status: status, ETag: api.ETag(m.Version), Body: showMember(m)}, nil
}

// same tells that nothing differs of what is put: a product that syncs every night changes nothing by that.
func same(a, b membership.Membership) bool {
	return a.Name == b.Name && a.Mail == b.Mail && a.OrganisationName == b.OrganisationName && slices.Equal(a.Roles, b.Roles)
}

type removeMemberInput struct{ OneMember }

// Load announces the member and the gauges of all that it may hold.
func (in *removeMemberInput) Load() []table.Load {
	return []table.Load{in.seats(), in.membership()}
}

type goneView struct {
	MemberID string   `json:"memberId"`
	Freed    []string `json:"freed" doc:"The modules of the seats that are free now."`
}

func (s service) removeMember(tx *table.Tx, in *removeMemberInput) (*api.Reply[goneView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	if in.self() {
		return nil, ownMembership()
	}
	if partner.IsID(tx.Organisation) {
		if m, _ := in.membership().Find(tx); slices.Contains(m.Roles, membership.Admin) {
			return nil, administratorsOwn()
		}
	}
	pool, freed, err := in.seats().Pool(tx).Leave(in.MemberID, s.today(tx))
	tx.Settle(c.ID, pool, s.today(tx))
	if err != nil {
		return nil, err
	}
	table.Delete(tx, in.membership()) // written together with the roster's entry, always
	tx.Record(&c, event.New("member.removed", map[string]any{"memberId": in.MemberID, "modules": freed}))
	return &api.Reply[goneView]{Body: goneView{in.MemberID, append([]string{}, freed...)}}, nil
}

type resetInput struct{ OneMember }

// Load announces the member.
func (in *resetInput) Load() []table.Load { return []table.Load{in.membership()} }

type resetView struct {
	MemberID string `json:"memberId"`
}

func (s service) resetPassword(tx *table.Tx, in *resetInput) (*api.Reply[resetView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	m, err := in.membership().Get(tx)
	if err != nil {
		return nil, err
	}
	if m.Mail == "" || s.Denied(m.Mail) {
		return nil, problem.Conflict("no_mail", "No mail address of this member is known, or none that mail is sent to.")
	}
	tx.Record(&c, event.New(notice.PasswordReset, map[string]any{"memberId": m.UserID}))
	return &api.Reply[resetView]{Body: resetView{m.UserID}}, nil
}
