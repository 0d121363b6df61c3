package functions_test

import (
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/shared/collaborator"
	"comptoir/shared/id"
	"comptoir/shared/membership"
	"comptoir/shared/table"
)

// lets has a customer's administrator consent to Martin's support, and its domain verified.
func lets(t *testing.T, w *apitest.World, customer string) {
	t.Helper()
	w.Verify(customer)
	w.As(customer, membership.Admin).Do("PUT /v1/customers/"+customer+"/consents/"+apitest.Martin, map[string]any{}).Is(t, 200)
}

// joins has somebody accept the invitation of an address, by its link.
func joins(t *testing.T, w *apitest.World, user, mail string) apitest.Answer {
	t.Helper()
	ref := table.Collaborator(apitest.Martin, collaborator.ID(apitest.Martin, mail))
	call := table.Call{Load: []table.Load{ref}, Allow: func(*table.Tx) error { return nil }}
	c, err := table.Read(t.Context(), w.Table, call, func(tx *table.Tx) (*collaborator.Collaborator, error) {
		c, err := ref.Get(tx)
		return &c, err
	})
	if err != nil {
		t.Fatal(err)
	}
	secret := secretOf(mail + user)
	tx := w.Table.Draft(w.Now(), "seed", seed, "")
	tx.Put(&table.Token{Hash: id.Hash(secret), Number: c.Invitation.Number, PartnerID: apitest.Martin, CollaboratorID: c.ID})
	if err := w.Table.Import(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	return w.Person(user).Signed(mail).Do("POST /v1/invitations/accept", map[string]any{"token": secret})
}

// Who administers a customer decides about consent: nobody of the partner makes or removes administrators, whatever was let in (A17).
func TestFullAccessLeavesTheAdministratorsAlone(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	lets(t, w, apitest.Durand)
	full, admin := w.As(apitest.Martin, membership.Full), apitest.UserOf(apitest.Durand, membership.Admin)
	full.Do("PUT "+members+"/"+admin, map[string]any{"name": "Ada", "roles": []string{"member"}}).Is(t, 403, "forbidden")
	full.Do("PUT "+members+"/ada", map[string]any{"name": "Ada", "roles": []string{"admin"}}).Is(t, 403, "forbidden")
	full.Do("DELETE "+members+"/"+admin, nil).Is(t, 403, "forbidden")
	full.Do("PUT "+members+"/"+admin, map[string]any{"name": "Ada Neuve"}).Is(t, 200)
	full.Do("DELETE "+members+"/ada", nil).Is(t, 200)
}

// Whom a customer has shut out stays out by another address, too (F5).
func TestWhoIsShutOutStaysOut(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	lets(t, w, apitest.Durand)
	admin := w.As(apitest.Martin, membership.GlobalAdmin)
	in := func(mail string) string {
		admin.Do("POST "+martin+"/collaborators", map[string]any{"mail": mail, "roles": []string{"support"}}).Is(t, 201)
		joins(t, w, "usr-sam", mail).Is(t, 200)
		col := collaborator.ID(apitest.Martin, mail)
		admin.Do("PUT "+martin+"/collaborators/"+col+"/roles/support/customers", map[string]any{"customerIds": []string{apitest.Durand}}).Is(t, 200)
		return col
	}
	sam := w.Person("usr-sam").For(apitest.Martin)
	col := in("sam@martin.example")
	sam.Do("GET "+members, nil).Is(t, 200)
	manager(w).Do("DELETE /v1/customers/"+apitest.Durand+"/accesses/"+col, nil).Is(t, 200)
	admin.Do("DELETE "+martin+"/collaborators/"+col, nil).Is(t, 200)
	in("sam+2@martin.example")
	sam.Do("GET "+members, nil).Is(t, 403, "consent_required")
	lets(t, w, apitest.Durand)
	sam.Do("GET "+members, nil).Is(t, 200)
}

// Those who look after collaborators can't bring back, or take back, the invitation of a user: users are the global
// administrators' affair.
func TestInvitationsOfUsersAreTheGlobalAdministrators(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	all, some := w.As(apitest.Martin, membership.GlobalAdmin), w.As(apitest.Martin, membership.AccountAdmin)
	all.Do("POST "+martin+"/users", map[string]any{"mail": "mole@martin.example", "roles": []string{"globalAdmin"}, "customers": "full"}).Is(t, 201)
	invitation := martin + "/collaborators/" + collaborator.ID(apitest.Martin, "mole@martin.example") + "/invitation"
	some.Do("DELETE "+invitation, nil).Is(t, 403, "forbidden")
	all.Do("DELETE "+invitation, nil).Is(t, 200)
	some.Do("POST "+invitation, nil).Is(t, 403, "forbidden")
	some.Do("POST "+martin+"/collaborators", map[string]any{"mail": "mole@martin.example", "roles": []string{"accountant"}}).Is(t, 403, "forbidden")
	joins(t, w, "usr-mole", "mole@martin.example").Is(t, 409, "invitation_ended")
}

// A link ends with the record that it was for, also when the same address is invited again.
func TestLinksOfAFormerRecordAreOver(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	admin, invite := w.As(apitest.Martin, membership.GlobalAdmin), map[string]any{"mail": "sam@martin.example", "roles": []string{"accountant"}}
	admin.Do("POST "+martin+"/collaborators", invite).Is(t, 201)
	joins(t, w, "usr-sam", "sam@martin.example").Is(t, 200)
	admin.Do("DELETE "+martin+"/collaborators/"+collaborator.ID(apitest.Martin, "sam@martin.example"), nil).Is(t, 200)
	w.Advance(time.Minute)
	admin.Do("POST "+martin+"/collaborators", invite).Is(t, 201)
	again := map[string]any{"token": secretOf("sam@martin.exampleusr-sam")}
	w.Person("usr-sam").Signed("sam@martin.example").Do("POST /v1/invitations/accept", again).Is(t, 409, "invitation_ended")
}

// Somebody who is invited has an address, which is for those who look after people and not for customers.
func TestCustomersSeeNoAddressOfWhoIsInvited(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	admin := w.As(apitest.Martin, membership.GlobalAdmin)
	admin.Do("POST "+martin+"/collaborators", map[string]any{"mail": "sam@martin.example", "roles": []string{"accountant"}}).Is(t, 201)
	col := collaborator.ID(apitest.Martin, "sam@martin.example")
	admin.Do("PUT "+martin+"/collaborators/"+col+"/roles/accountant/customers", map[string]any{"customerIds": []string{apitest.Durand}}).Is(t, 200)
	for _, answer := range []apitest.Answer{
		manager(w).Do("GET /v1/customers/"+apitest.Durand+"/accesses?limit=100", nil),
		admin.Do("GET "+martin+"/activity", nil),
	} {
		answer.Is(t, 200).Lacks(t, "sam@")
	}
}
