package collaborator_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/collaborator"
)

// invited is somebody with an invitation of noon.
func invited(t *testing.T) collaborator.Collaborator {
	t.Helper()
	c, _, err := lea.Invite("Ada", noon)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhereSomebodyStands(t *testing.T) {
	t.Parallel()
	end := noon.Add(14 * 24 * time.Hour)
	revoked, _, _ := invited(t).Revoke(noon)
	again, _, _ := revoked.Invite("Bob", noon)
	for _, c := range []struct {
		name string
		who  collaborator.Collaborator
		at   time.Time
		want collaborator.State
	}{
		{"invited at once", invited(t), noon, collaborator.Invited},
		{"invited until 14 days have passed", invited(t), end.Add(-time.Millisecond), collaborator.Invited},
		{"expired when 14 days have passed", invited(t), end, collaborator.Expired},
		{"revoked at once", revoked, noon, collaborator.Revoked},
		{"revoked, also when it would have expired", revoked, end, collaborator.Revoked},
		{"invited again after it was revoked", again, noon, collaborator.Invited},
		{"active for good", accepted(t, lea), end.AddDate(9, 0, 0), collaborator.Active},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.who.State(c.at); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// An invitation that nobody has answered is said to have expired, once; another can expire anew.
func TestAnInvitationLapses(t *testing.T) {
	t.Parallel()
	end := noon.Add(14 * 24 * time.Hour)
	revoked, _, _ := invited(t).Revoke(noon)
	again, _, _ := revoked.Invite("Bob", noon.Add(time.Hour))
	lapsed, _ := invited(t).Lapse(end)
	anew, _, _ := lapsed.Invite("Bob", end)
	late, _, _ := lapsed.Revoke(end)
	for _, c := range []struct {
		name string
		who  collaborator.Collaborator
		due  time.Time
	}{
		{"invited", invited(t), end},
		{"accepted", accepted(t, lea), time.Time{}},
		{"revoked", revoked, time.Time{}},
		{"invited again after it was revoked", again, end.Add(time.Hour)},
		{"said already", lapsed, time.Time{}},
		{"invited again after it was said", anew, end.Add(14 * 24 * time.Hour)},
		{"revoked after it was said", late, time.Time{}},
		{"never invited", lea, time.Time{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !c.who.DueAt().Equal(c.due) {
				t.Errorf("due at %v, want %v", c.who.DueAt(), c.due)
			}
			if after, facts := c.who.Lapse(c.due.Add(-time.Millisecond)); len(facts) > 0 || !reflect.DeepEqual(after, c.who) {
				t.Errorf("before its time: %v", facts)
			}
			after, facts := c.who.Lapse(end.AddDate(1, 0, 0))
			if len(facts) == 1 != !c.due.IsZero() {
				t.Fatalf("told %v", facts)
			}
			if len(facts) == 0 {
				return
			}
			if facts[0].Kind != collaborator.InvitationLapsed || facts[0].Data["collaboratorId"] != c.who.ID || after.State(end.AddDate(1, 0, 0)) != collaborator.Expired {
				t.Errorf("%v, %+v", facts, after.Invitation)
			}
			if _, twice := after.Lapse(end.AddDate(2, 0, 0)); len(twice) > 0 || !after.DueAt().IsZero() {
				t.Errorf("told twice: %v", twice)
			}
		})
	}
}

func TestInviting(t *testing.T) {
	t.Parallel()
	first, fact, err := lea.Invite("Ada", noon)
	want := collaborator.Invitation{Number: noon.UnixMilli(), By: "Ada", SentAt: noon, ExpiresAt: noon.Add(14 * 24 * time.Hour)}
	if err != nil || first.Invitation != want || fact.Kind != collaborator.InvitationSent || fact.Data["number"] != noon.UnixMilli() {
		t.Errorf("%v, %v, %v", first.Invitation, fact, err)
	}
	second, fact, err := first.Invite("Bob", noon.Add(time.Hour))
	want = collaborator.Invitation{Number: noon.Add(time.Hour).UnixMilli(), By: "Bob", SentAt: noon.Add(time.Hour), ExpiresAt: noon.Add(14*24*time.Hour + time.Hour)}
	if err != nil || second.Invitation != want || fact.Data["number"] != noon.Add(time.Hour).UnixMilli() {
		t.Errorf("%v, %v, %v", second.Invitation, fact, err)
	}
	if after, _, err := accepted(t, lea).Invite("Ada", noon); code(err) != "already_accepted" || after.Invitation.Number != noon.UnixMilli() {
		t.Errorf("who belongs is invited: %v", err)
	}
}

func TestRevoking(t *testing.T) {
	t.Parallel()
	c, facts, err := invited(t).Revoke(noon)
	if err != nil || kinds(facts) != "collaborator.invitationRevoked" {
		t.Fatalf("%v, %v", facts, err)
	}
	if again, facts, err := c.Revoke(noon.Add(time.Hour)); err != nil || len(facts) > 0 || !reflect.DeepEqual(again, c) {
		t.Errorf("revoked twice: %v, %v", facts, err)
	}
	if _, facts, err := accepted(t, lea).Revoke(noon); code(err) != "already_accepted" || len(facts) > 0 {
		t.Errorf("who belongs loses the invitation: %v", err)
	}
}

func TestAccepting(t *testing.T) {
	t.Parallel()
	one := invited(t)
	two, _, _ := one.Invite("Ada", noon)
	revoked, _, _ := two.Revoke(noon)
	end, first := noon.Add(collaborator.Lifetime), noon.UnixMilli()
	for _, c := range []struct {
		name   string
		who    collaborator.Collaborator
		number int64
		mail   string
		at     time.Time
		want   string
	}{
		{"by the link, with the address that was invited", one, first, lea.Mail, noon, ""},
		{"however the sign-in writes the address", one, first, "LEA@Example.test", noon, ""},
		{"until the last moment", one, first, lea.Mail, end.Add(-time.Millisecond), ""},
		{"not with another address", one, first, "leo@example.test", noon, "invitation_other_address"},
		{"not with an address that only looks alike", withMail(one, "sam@example.test"), first, "ſam@example.test", noon, "invitation_other_address"},
		{"not without an address", one, first, "", noon, "invitation_other_address"},
		{"not after 14 days", one, first, lea.Mail, end, "invitation_expired"},
		{"not by the link of an invitation before", two, first, lea.Mail, noon, "invitation_ended"},
		{"but by that of the last", two, first + 1, lea.Mail, noon, ""},
		{"not by a link that was never sent", two, first + 2, lea.Mail, noon, "invitation_ended"},
		{"not when it was revoked", revoked, first + 1, lea.Mail, noon, "invitation_ended"},
		{"not twice", accepted(t, lea), first, lea.Mail, noon, "invitation_ended"},
		{"not by somebody else once it is used", accepted(t, lea), first, "leo@example.test", noon, "invitation_other_address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			after, fact, err := c.who.Accept(c.number, "user-9", c.mail, "", c.at)
			switch {
			case c.want != "" && (code(err) != c.want || !reflect.DeepEqual(after, c.who) || fact.Kind != ""):
				t.Errorf("%v, want %s", err, c.want)
			case c.want == "" && (err != nil || after.UserID != "user-9" || !after.JoinedAt.Equal(c.at) || fact.Kind != "collaborator.accepted"):
				t.Errorf("%v, %+v", err, after)
			}
		})
	}
}

func withMail(c collaborator.Collaborator, mail string) collaborator.Collaborator {
	c.Mail, c.ID = mail, collaborator.ID(c.PartnerID, mail)
	return c
}

func TestWhoAcceptsMaySayTheName(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{"": "Léa", "Léa Martin": "Léa Martin"} {
		if c, fact, err := invited(t).Accept(noon.UnixMilli(), "user-9", lea.Mail, said, noon); err != nil || c.Name != want || fact.Data["name"] != want {
			t.Errorf("said %q, is %q in %v", said, c.Name, fact)
		}
	}
}

// Links of somebody who was removed and invited again later don't work again.
func TestALinkOfAFormerLifeIsOver(t *testing.T) {
	t.Parallel()
	before := accepted(t, lea)
	again, _, err := lea.Invite("Ada", noon.Add(time.Minute)) // a new record, of the same address
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := again.Accept(before.Invitation.Number, "user-9", lea.Mail, "", noon.Add(time.Hour)); code(err) != "invitation_ended" {
		t.Errorf("%v", err)
	}
}

// Whatever is sent, revoked and tried: one link at the most is good, that of the last invitation, for its address and once.
func TestOneLinkAtTheMostIsGood(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, now := lea, noon
		var good int64 // the number of the link that is good
		var until time.Time
		var sent []int64
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "days")) * 24 * time.Hour)
			var err error
			active := c.Active()
			switch rapid.SampledFrom([]string{"invite", "revoke", "accept"}).Draw(t, "what") {
			case "invite":
				if c, _, err = c.Invite("Ada", now); !active {
					good, until = c.Invitation.Number, now.AddDate(0, 0, 14)
					if slices.Contains(sent, good) {
						t.Fatalf("the number %d comes twice", good)
					}
					sent = append(sent, good)
				}
			case "revoke":
				if len(sent) == 0 {
					continue // there is nobody yet
				}
				if c, _, err = c.Revoke(now); !active {
					good = 0
				}
			case "accept":
				if len(sent) == 0 {
					continue
				}
				number := rapid.SampledFrom(sent).Draw(t, "number")
				mail := rapid.SampledFrom([]string{lea.Mail, strings.ToUpper(lea.Mail), "leo@example.test"}).Draw(t, "mail")
				may := number == good && now.Before(until) && mail != "leo@example.test"
				if c, _, err = c.Accept(number, "user-9", mail, "", now); (err == nil) != may {
					t.Fatalf("link %d by %s: %v; good is %d until %v, it is %v", number, mail, err, good, until, now)
				}
				if may {
					good = 0
				}
				continue
			}
			if (err != nil) != active {
				t.Fatalf("active %t: %v", active, err)
			}
		}
	})
}
