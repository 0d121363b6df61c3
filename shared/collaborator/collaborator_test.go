package collaborator_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/collaborator"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
)

var (
	noon = time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC)
	firm = partner.Partner{ID: "par_1", Name: "Cabinet Martin", Kind: partner.AccountingFirm, Mode: partner.NoCode, FirstLine: true}
	lea  = collaborator.New("par_1", "lea@example.test", "Léa", "fr")
)

// Generators are made anew for each test: they are not to be shared by tests that run side by side.

func roles() *rapid.Generator[membership.Role] {
	return rapid.SampledFrom(membership.CollaboratorRoles)
}

func ownRoles() *rapid.Generator[[]membership.Role] {
	return rapid.SliceOf(rapid.SampledFrom(membership.OwnRoles))
}

func code(err error) string {
	if p := problem.Of(err); p != nil {
		return p.Code
	}
	return fmt.Sprint(err)
}

func kinds(facts []event.Fact) string {
	var all []string
	for _, f := range facts {
		all = append(all, f.Kind)
	}
	return strings.Join(all, " ")
}

// given is a person with collaborator roles, as the firm gives them.
func given(t interface{ Fatal(...any) }, c collaborator.Collaborator, p partner.Partner, roles ...membership.Role) collaborator.Collaborator {
	for _, role := range roles {
		var err error
		if c, _, err = c.Serve(p, role, noon); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func accepted(t interface{ Fatal(...any) }, c collaborator.Collaborator) collaborator.Collaborator {
	c, _, err := c.Invite("Ada", noon)
	if err == nil {
		c, _, err = c.Accept(c.Invitation.Number, "user-"+c.Mail, c.Mail, "", noon)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnAddressIsThereOnce(t *testing.T) {
	t.Parallel()
	one := lea.ID
	for name, other := range map[string]struct {
		id   string
		same bool
	}{
		"however it is capitalised":              {collaborator.ID("par_1", "Lea@Example.TEST"), true},
		"but at each partner anew":               {collaborator.ID("par_2", "lea@example.test"), false},
		"and another address is somebody else's": {collaborator.ID("par_1", "leo@example.test"), false},
		"wherever the partner's id ends":         {collaborator.ID("par_", "1lea@example.test"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if (other.id == one) != other.same {
				t.Errorf("%s and %s", other.id, one)
			}
		})
	}
}

// A15, A18, A19: accountants are accounting firms', support is that of partners that give first-line support.
func TestRolesByKindOfPartner(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                string
		kind                partner.Kind
		mode                partner.Mode
		firstLine           bool
		accountant, support bool
	}{
		{"an accounting firm without support has accountants", partner.AccountingFirm, "", false, true, false},
		{"an accounting firm with support has both", partner.AccountingFirm, "", true, true, true},
		{"an integrated distributor has support, always", partner.Distributor, partner.Integrated, false, false, true},
		{"a no-code distributor has support by choice", partner.Distributor, partner.NoCode, true, false, true},
		{"a no-code distributor that chose against has neither", partner.Distributor, partner.NoCode, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := partner.Partner{ID: "par_1", Kind: c.kind, Mode: c.mode, FirstLine: c.firstLine}
			for role, may := range map[membership.Role]bool{membership.Accountant: c.accountant, membership.Support: c.support} {
				after, facts, err := lea.Serve(p, role, noon)
				switch {
				case may && (err != nil || !after.ServesAs(p, role) || kinds(facts) != "collaborator.roleGiven"):
					t.Errorf("%s: %v, %s", role, err, kinds(facts))
				case !may && (code(err) != "role_not_allowed" || !reflect.DeepEqual(after, lea) || len(facts) > 0):
					t.Errorf("%s: %v, %v", role, err, after)
				}
			}
		})
	}
}

func TestGivingAndTakingARole(t *testing.T) {
	t.Parallel()
	t.Run("given twice, nothing happens the second time", func(t *testing.T) {
		t.Parallel()
		c := given(t, lea, firm, membership.Support)
		after, facts, err := c.Serve(firm, membership.Support, noon.Add(time.Hour))
		if err != nil || len(facts) > 0 || !reflect.DeepEqual(after, c) {
			t.Errorf("%v, %v, %v", after, facts, err)
		}
	})
	t.Run("one role leaves the other alone, and the person that was loaded", func(t *testing.T) {
		t.Parallel()
		one := given(t, lea, firm, membership.Support)
		both := given(t, one, firm, membership.Accountant)
		rest, facts := both.Rest(membership.Support)
		if len(one.Serves) != 1 || len(both.Serves) != 2 || lea.Serves != nil {
			t.Errorf("the one that was loaded has changed: %v, %v", one.Serves, both.Serves)
		}
		if rest.ServesAs(firm, membership.Support) || !rest.ServesAs(firm, membership.Accountant) || kinds(facts) != "collaborator.roleTaken" {
			t.Errorf("%v, %v", rest.Serves, facts)
		}
	})
	t.Run("what isn't held can't be taken", func(t *testing.T) {
		t.Parallel()
		if after, facts := lea.Rest(membership.Support); len(facts) > 0 || !reflect.DeepEqual(after, lea) {
			t.Errorf("%v, %v", after, facts)
		}
	})
	t.Run("a role ends with the partner's right, and is given anew when the right is back", func(t *testing.T) {
		t.Parallel()
		c, off, on := given(t, lea, firm, membership.Support).Works(membership.Support, 7), false, true
		without, _, _ := firm.Edit(partner.Change{FirstLine: &off})
		back, _, _ := without.Edit(partner.Change{FirstLine: &on})
		if c.ServesAs(without, membership.Support) || c.ServesAs(back, membership.Support) {
			t.Error("it still holds")
		}
		again, facts, err := c.Serve(back, membership.Support, noon.Add(time.Hour))
		if s := again.Serves[membership.Support]; err != nil || len(facts) != 1 || s.Customers != 0 || !s.Since.Equal(noon.Add(time.Hour)) || !again.ServesAs(back, membership.Support) {
			t.Errorf("%v, %v, %v", s, facts, err)
		}
	})
	t.Run("the number of customers is noted, and nothing else", func(t *testing.T) {
		t.Parallel()
		c := given(t, lea, firm, membership.Support, membership.Accountant)
		after := c.Works(membership.Support, 3)
		want := c.Serves[membership.Support]
		want.Customers = 3
		if after.Serves[membership.Support] != want || after.Serves[membership.Accountant] != c.Serves[membership.Accountant] || c.Serves[membership.Support].Customers != 0 {
			t.Errorf("%v, from %v", after.Serves, c.Serves)
		}
	})
}

func TestAppointing(t *testing.T) {
	t.Parallel()
	c, facts := lea.Appoint([]membership.Role{membership.Viewer, membership.Sales, membership.Viewer}, membership.Limited, "Ada", noon)
	if want := []membership.Role{membership.Sales, membership.Viewer}; !slices.Equal(c.Roles, want) || c.Grant != membership.Limited || kinds(facts) != "user.changed" {
		t.Fatalf("%v, %v, %v", c.Roles, c.Grant, facts)
	}
	if want := (collaborator.Appointment{At: noon, By: "Ada"}); c.Appointed != want {
		t.Errorf("appointed %v", c.Appointed)
	}
	for name, again := range map[string]struct {
		roles   []membership.Role
		grant   membership.Role
		changes bool
	}{
		"the same in another order changes nothing": {[]membership.Role{membership.Viewer, membership.Sales}, membership.Limited, false},
		"another grant does":                        {[]membership.Role{membership.Sales, membership.Viewer}, membership.Full, true},
		"no grant does":                             {[]membership.Role{membership.Sales, membership.Viewer}, "", true},
		"one role less does":                        {[]membership.Role{membership.Sales}, membership.Limited, true},
		"nothing at all does":                       {nil, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after, facts := c.Appoint(again.roles, again.grant, "Bob", noon.Add(time.Hour))
			if (len(facts) > 0) != again.changes || (after.Appointed.By == "Bob") != again.changes || !again.changes && !reflect.DeepEqual(after, c) {
				t.Errorf("%v, %v", after, facts)
			}
			if again.roles == nil && after.Holds() {
				t.Errorf("still holds %v %v", after.Roles, after.Grant)
			}
		})
	}
}

func TestWhoHoldsNothingIsNobody(t *testing.T) {
	t.Parallel()
	user, _ := lea.Appoint([]membership.Role{membership.Viewer}, "", "Ada", noon)
	granted, _ := lea.Appoint(nil, membership.Limited, "Ada", noon)
	rested, _ := given(t, lea, firm, membership.Support).Rest(membership.Support)
	for name, c := range map[string]struct {
		who   collaborator.Collaborator
		holds bool
	}{
		"a collaborator holds something":              {given(t, lea, firm, membership.Support), true},
		"a user with a role does":                     {user, true},
		"a user with a grant does":                    {granted, true},
		"somebody new doesn't":                        {lea, false},
		"nor somebody whose last role was taken away": {rested, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.who.Holds() != c.holds {
				t.Errorf("%v", c.who)
			}
		})
	}
}

// The membership, which every request reads, says what the record of the person says.
func TestPlaceSaysTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := firm
		p.Terms = map[membership.Role]int{membership.Support: rapid.IntRange(0, 3).Draw(t, "term")}
		c := given(t, accepted(t, lea), p, rapid.SliceOfDistinct(roles(), rapid.ID).Draw(t, "serves")...)
		c, _ = c.Appoint(ownRoles().Draw(t, "roles"), rapid.SampledFrom([]membership.Role{"", membership.Full, membership.Limited}).Draw(t, "grant"), "Ada", noon)
		if rapid.Bool().Draw(t, "nameless") {
			c.Name = ""
		}
		m := c.Place(membership.Membership{}, p)
		if m.UserID != c.UserID || m.OrganisationID != p.ID || m.OrganisationName != p.Name || m.Name != c.Called() || m.Mail != c.Mail ||
			m.CollaboratorID != c.ID || !slices.Equal(m.Roles, c.Roles) || m.Grant != c.Grant || len(m.Serves) != len(c.Serves) {
			t.Fatalf("%+v of %+v", m, c)
		}
		for role, s := range c.Serves {
			if term, serves := m.Serves[role]; !serves || term != s.Term || !p.Has(role, term) {
				t.Fatalf("%+v of %+v", m, c)
			}
		}
		// As it is stored and read again, it needs no other write.
		var read membership.Membership
		b, err := json.Marshal(m)
		if err == nil {
			err = json.Unmarshal(b, &read)
		}
		read.Version, read.CreatedAt = 4, noon
		if again := c.Place(read, p); err != nil || !reflect.DeepEqual(again, read) {
			t.Fatalf("%+v\nagain %+v, %v", read, again, err)
		}
		if len(m.Roles) > 0 {
			if m.Roles[0] = "other"; c.Roles[0] == "other" {
				t.Fatal("the membership's roles are those of the record itself")
			}
		}
	})
}

// last_global_admin: from some global administrators nobody comes to none, whatever is done in whatever order.
func TestThereIsAlwaysAGlobalAdministrator(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, people := partner.Partner{ID: "par_1"}, make([]collaborator.Collaborator, 4)
		for i := range people {
			people[i] = collaborator.New("par_1", fmt.Sprint(i, "@example.test"), "", "fr")
		}
		admins := func() int {
			n := 0
			for _, c := range people {
				if c.Active() && slices.Contains(c.Roles, membership.GlobalAdmin) {
					n++
				}
			}
			return n
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			i := rapid.IntRange(0, len(people)-1).Draw(t, "who")
			before := people[i]
			var after collaborator.Collaborator
			switch what := rapid.SampledFrom([]string{"accept", "appoint", "remove"}).Draw(t, "what"); {
			case what == "accept" && !before.Active():
				after = accepted(t, before)
			case what == "remove":
				after = collaborator.New("par_1", before.Mail, "", "fr")
			default:
				after, _ = before.Appoint(ownRoles().Draw(t, "roles"), "", "Ada", noon)
			}
			had := admins()
			people[i] = after
			next, err := collaborator.Count(p, before, after)
			if none := had > 0 && admins() == 0; none != (code(err) == "last_global_admin") || !none && err != nil {
				t.Fatalf("from %d to %d administrators: %v", had, admins(), err)
			}
			if err != nil {
				people[i] = before
			}
			if p = next; p.GlobalAdmins != admins() {
				t.Fatalf("%d administrators are counted, there are %d", p.GlobalAdmins, admins())
			}
		}
	})
}

func TestFactsNameThePerson(t *testing.T) {
	t.Parallel()
	nameless := lea
	nameless.Name = ""
	if got := nameless.Removed().Data["name"]; got != "" {
		t.Errorf("who has not said a name is called %v: addresses are not for everybody", got)
	}
	if got := lea.Removed(); got.Kind != "collaborator.removed" || got.Data["name"] != "Léa" || got.Data["collaboratorId"] != lea.ID {
		t.Errorf("%v", got)
	}
}
