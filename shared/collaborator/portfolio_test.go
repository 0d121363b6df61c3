package collaborator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/collaborator"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/stamp"
)

// plain is a portfolio said as plainly as possible: boxes by role and customer.
type plain map[membership.Role]map[string]collaborator.Box

func (p plain) of(role membership.Role) []string { return slices.Sorted(maps.Keys(p[role])) }

func ids(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("cus_%05d", i)
	}
	return all
}

// some are customers out of few, so that they come again and share parts.
func some() *rapid.Generator[[]string] { return rapid.SliceOf(rapid.SampledFrom(ids(120))) }

// frozen is all that a portfolio says.
func frozen(t *rapid.T, p collaborator.Portfolio) string {
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A20: setting, switching and moving do what they do to plain sets, tell the difference, and leave what was loaded alone.
func TestPortfoliosAreLikeSets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, p, model := lea, collaborator.Loaded(nil), plain{membership.Accountant: {}, membership.Support: {}}
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			was := frozen(t, p)
			role := roles().Draw(t, "role")
			box := collaborator.Box{At: noon.Add(time.Duration(step) * time.Hour), By: fmt.Sprint("user-", step), Of: "Ada"}
			var after collaborator.Portfolio
			switch rapid.SampledFrom([]string{"set", "set", "switch", "move"}).Draw(t, "what") {
			case "set":
				after = set(t, p, c, role, some().Draw(t, "wanted"), box, model)
			case "switch":
				after = switched(t, p, c, role, box, model)
			case "move":
				c.UserID = fmt.Sprint("user-", step)
				after = p.Move(c.UserID)
			}
			if now := frozen(t, p); now != was {
				t.Fatalf("what was loaded has changed:\n%s\n%s", was, now)
			}
			p = after
			agree(t, p, c, model)
		}
	})
}

func set(t *rapid.T, p collaborator.Portfolio, c collaborator.Collaborator, role membership.Role, wanted []string, box collaborator.Box, model plain) collaborator.Portfolio {
	after, added, removed, err := p.Set(c, role, wanted, box)
	if err != nil {
		t.Fatal(err)
	}
	var more, less []string
	for _, id := range model.of(role) {
		if !slices.Contains(wanted, id) {
			less = append(less, id)
			delete(model[role], id)
		}
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(wanted))) {
		if _, in := model[role][id]; !in {
			more = append(more, id)
			model[role][id] = box
		}
	}
	if !slices.Equal(added, more) || !slices.Equal(removed, less) {
		t.Fatalf("added %v, want %v; removed %v, want %v", added, more, removed, less)
	}
	return after
}

func switched(t *rapid.T, p collaborator.Portfolio, c collaborator.Collaborator, role membership.Role, box collaborator.Box, model plain) collaborator.Portfolio {
	id, in := rapid.SampledFrom(ids(120)).Draw(t, "customer"), rapid.Bool().Draw(t, "in")
	after, by, err := p.Switch(c, role, id, in, box)
	had := len(model[role])
	if _, is := model[role][id]; in && !is {
		model[role][id] = box
	} else if !in {
		delete(model[role], id)
	}
	if err != nil || by != len(model[role])-had {
		t.Fatalf("by %d, %v; had %d, has %d", by, err, had, len(model[role]))
	}
	return after
}

// agree compares a portfolio with plain sets, and looks at how it is kept in parts.
func agree(t *rapid.T, p collaborator.Portfolio, c collaborator.Collaborator, model plain) {
	for _, role := range membership.CollaboratorRoles {
		if got := p.Of(role); !slices.Equal(got, model.of(role)) {
			t.Fatalf("as %s: %v, want %v", role, got, model.of(role))
		}
		for _, id := range ids(120) {
			box, in := p.Box(id, role)
			if want, is := model[role][id]; in != is || box != want {
				t.Fatalf("%s as %s: %v %t, want %v %t", id, role, box, in, want, is)
			}
		}
	}
	for n, part := range p {
		if part.Number != n || part.PartnerID != c.PartnerID || part.CollaboratorID != c.ID || part.UserID != c.UserID {
			t.Fatalf("part %d is %+v", n, part)
		}
		for id, boxes := range part.Customers {
			if collaborator.PartOf(id) != n || len(boxes) == 0 {
				t.Fatalf("part %d has %s with %v", n, id, boxes)
			}
		}
	}
}

func TestCustomersAreSpreadOverTheParts(t *testing.T) {
	t.Parallel()
	count := make([]int, collaborator.Parts)
	all := ids(4000)
	for _, id := range all {
		count[collaborator.PartOf(id)]++
	}
	even := len(all) / collaborator.Parts
	for n, customers := range count {
		if customers < even/2 || customers > even*2 {
			t.Errorf("part %d has %d customers of %d", n, customers, len(all))
		}
	}
	// Moving deletes and makes every part; person, partner, membership, mark and fact come with it.
	if most := 100; 2*collaborator.Parts+5 > most {
		t.Errorf("%d parts can't be moved in one transaction", collaborator.Parts)
	}
}

// A part that moves is new under its user: nobody has read a version of it there.
func TestMovedPartsAreNew(t *testing.T) {
	t.Parallel()
	p := collaborator.Loaded([]collaborator.Part{{
		Stamp: stamp.Stamp{Version: 3, CreatedAt: noon}, Number: 1, Customers: map[string]map[membership.Role]collaborator.Box{"cus_1": {membership.Support: {}}},
	}})
	moved := p.Move("user-9")
	if part := moved[1]; part.Version != 0 || !part.CreatedAt.IsZero() || part.UserID != "user-9" || !part.Same(p[1]) {
		t.Errorf("%+v", part)
	}
	if p[1].Version != 3 || p[1].UserID != "" {
		t.Errorf("what was loaded has changed: %+v", p[1])
	}
}

func TestChangedPartsKeepTheirVersion(t *testing.T) {
	t.Parallel()
	one := ids(1)
	p, _, _, err := collaborator.Loaded(nil).Set(lea, membership.Support, one, collaborator.Box{})
	if err != nil {
		t.Fatal(err)
	}
	n := collaborator.PartOf(one[0])
	part := p[n]
	part.Version = 3
	after, _, _, err := p.With(part).Set(lea, membership.Accountant, one, collaborator.Box{})
	if err != nil || after[n].Version != 3 {
		t.Errorf("%+v, %v", after[n], err)
	}
	if p[n].Version != 0 {
		t.Error("one more part has changed the portfolio before")
	}
	if got := collaborator.Portfolio(nil).With(part); len(got) != 1 || !got[n].Same(part) {
		t.Errorf("the first part makes %v", got)
	}
}

func TestPartsAreTheSameIfTheyLetIntoTheSame(t *testing.T) {
	t.Parallel()
	part := func(customers ...string) collaborator.Part {
		p := collaborator.Part{Customers: map[string]map[membership.Role]collaborator.Box{}}
		for i, id := range customers {
			p.Customers[id] = map[membership.Role]collaborator.Box{membership.Support: {By: fmt.Sprint(i)}}
		}
		return p
	}
	other := part("a")
	other.Customers["a"] = map[membership.Role]collaborator.Box{membership.Accountant: {By: "0"}}
	versioned := part("a")
	versioned.Version = 9
	for name, c := range map[string]struct {
		a, b collaborator.Part
		same bool
	}{
		"as itself":                {part("a", "b"), part("a", "b"), true},
		"whatever the version":     {part("a"), versioned, true},
		"not with one customer":    {part("a", "b"), part("a"), false},
		"not with another":         {part("a"), part("b"), false},
		"not in another role":      {part("a"), other, false},
		"not given by others":      {part("a", "b"), part("b", "a"), false},
		"empty as one never made":  {part(), collaborator.Part{}, true},
		"not empty as one that is": {part(), part("a"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.a.Same(c.b) != c.same || c.b.Same(c.a) != c.same {
				t.Errorf("%v and %v", c.a, c.b)
			}
		})
	}
}

func TestSomebodyWorksOnFiveThousandCustomersAtTheMost(t *testing.T) {
	t.Parallel()
	most := ids(5000)
	full, added, _, err := collaborator.Loaded(nil).Set(lea, membership.Support, most, collaborator.Box{})
	if err != nil || !slices.Equal(added, most) {
		t.Fatalf("%d are set, %v", len(added), err)
	}
	if after, _, _, err := full.Set(lea, membership.Support, ids(5001), collaborator.Box{}); code(err) != "limit_reached" || len(after.Of(membership.Support)) != 5000 {
		t.Errorf("one more is set: %v", err)
	}
	if _, _, _, err := full.Set(lea, membership.Accountant, most, collaborator.Box{}); err != nil {
		t.Errorf("as many in the other role: %v", err)
	}
	c := given(t, lea, firm, membership.Support, membership.Accountant).Works(membership.Support, 5000)
	if after, by, err := full.Switch(c, membership.Support, "cus_other", true, collaborator.Box{}); code(err) != "limit_reached" || by != 0 || !reflect.DeepEqual(after, full) {
		t.Errorf("one more is let in: %d, %v", by, err)
	}
	if _, by, err := full.Switch(c, membership.Support, most[0], true, collaborator.Box{}); err != nil || by != 0 {
		t.Errorf("one that is in already: %d, %v", by, err)
	}
	if _, by, err := full.Switch(c, membership.Support, most[0], false, collaborator.Box{}); err != nil || by != -1 {
		t.Errorf("one less: %d, %v", by, err)
	}
	if _, by, err := full.Switch(c.Works(membership.Support, 4999), membership.Support, "cus_other", true, collaborator.Box{}); err != nil || by != 1 {
		t.Errorf("the last one: %d, %v", by, err)
	}
	if _, by, err := full.Switch(c, membership.Accountant, "cus_other", true, collaborator.Box{}); err != nil || by != 1 {
		t.Errorf("one in the other role: %d, %v", by, err)
	}
}

// A fact fits into a message, and all together they name the difference exactly.
func TestFactsOfADifference(t *testing.T) {
	t.Parallel()
	c := accepted(t, lea)
	all := ids(3000)
	count := rapid.OneOf(rapid.SampledFrom([]int{0, 1, 999, 1000, 1001, 2000}), rapid.IntRange(0, 3000))
	rapid.Check(t, func(t *rapid.T) {
		role, added, removed := roles().Draw(t, "role"), all[:count.Draw(t, "added")], all[:count.Draw(t, "removed")]
		facts := c.Differ(role, added, removed)
		var more, less []string
		for _, f := range facts {
			a, r := f.Data["added"].([]string), f.Data["removed"].([]string)
			if n := len(a) + len(r); n < 1 || n > 500 {
				t.Fatalf("a fact names %d customers", n)
			}
			if f.Kind != collaborator.CustomersSet || f.Data["role"] != role || f.Data["collaboratorId"] != c.ID || f.Data["userId"] != c.UserID || f.Data["name"] != "Léa" {
				t.Fatalf("a fact says %v", event.New(f.Kind, nil))
			}
			more, less = append(more, a...), append(less, r...)
		}
		if !slices.Equal(more, added) || !slices.Equal(less, removed) {
			t.Fatalf("%d and %d are named of %d and %d", len(more), len(less), len(added), len(removed))
		}
		if most := (len(added) + len(removed) + 499) / 500; len(facts) != most {
			t.Fatalf("%d facts where %d do", len(facts), most)
		}
	})
}
