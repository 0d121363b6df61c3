package partner_test

import (
	"fmt"
	"testing"

	"comptoir/shared/partner"
	"comptoir/shared/problem"
)

func codeOf(err error) string {
	if p := problem.Of(err); p != nil {
		return p.Code
	}
	return ""
}

func TestAPartnerHasSoManyLinks(t *testing.T) {
	t.Parallel()
	var l partner.Links
	for n := range partner.MaxLinks {
		next, fact, err := l.Add(partner.Link{ID: fmt.Sprint("lnk_", n), UserID: "ada", By: "Ada", Hash: "secret"})
		if err != nil || fact.Kind != partner.LinkMade || fact.Text("linkId") != fmt.Sprint("lnk_", n) || fmt.Sprint(fact.Data["secretHash"], fact.Data["hash"]) != "<nil> <nil>" {
			t.Fatalf("the link %d: %v, %v", n, fact, err)
		}
		l = next
	}
	if _, _, err := l.Add(partner.Link{ID: "lnk_more"}); codeOf(err) != "limit_reached" {
		t.Errorf("one more: %v", err)
	}
	l, gone, fact, err := l.Revoke("lnk_3", "ada", false)
	if err != nil || gone.ID != "lnk_3" || fact.Kind != partner.LinkRevoked || len(l.All) != partner.MaxLinks-1 {
		t.Fatalf("revoked %v: %v", gone, err)
	}
	if _, _, err := l.Add(partner.Link{ID: "lnk_more"}); err != nil {
		t.Errorf("one for one that is gone: %v", err)
	}
}

func TestLinksAreRevokedByTheirMakersAndAdministrators(t *testing.T) {
	t.Parallel()
	l := partner.Links{All: []partner.Link{{ID: "lnk_a", UserID: "ada"}, {ID: "lnk_b", UserID: "bob"}}}
	for _, c := range []struct {
		id, by     string
		administer bool
		code       string
	}{
		{"lnk_a", "ada", false, ""},
		{"lnk_a", "bob", false, "forbidden"},
		{"lnk_a", "bob", true, ""},
		{"lnk_c", "bob", true, "not_found"},
		{"lnk_c", "bob", false, "not_found"},
	} {
		after, _, _, err := l.Revoke(c.id, c.by, c.administer)
		if codeOf(err) != c.code || (err == nil) != (len(after.All) == 1) || len(l.All) != 2 || l.All[0].ID != "lnk_a" {
			t.Errorf("%s by %s, an administrator: %t: %v", c.id, c.by, c.administer, err)
		}
	}
}
