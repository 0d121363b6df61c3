package functions_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"comptoir/functions/apitest"
	"comptoir/functions/notices"
	"comptoir/infra/local/nameserver"
	"comptoir/shared/dns"
	"comptoir/shared/event"
	"comptoir/shared/table/proxy"
)

const (
	domain  = ofDurand + "/domain"
	proveAt = "_comptoir.durand.example"
)

// next is what the partner's list and the customer's own page offer to do with Durand.
func next(t *testing.T, w *apitest.World) string {
	t.Helper()
	page := viewer(w).Do("GET "+ofDurand, nil).Is(t, 200).String("next")
	for _, query := range []string{"?limit=100", "?q=durand"} {
		for _, row := range viewer(w).Do("GET "+martin+"/customers"+query, nil).Is(t, 200).Items() {
			if row := row.(map[string]any); row["id"] == apitest.Durand && row["next"] != page {
				t.Errorf("the page offers %s and the row %v", page, row["next"])
			}
		}
	}
	return page
}

// B13: the list offers verify, then manage.
func TestADomainIsVerifiedThenItsCustomerIsManaged(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	if got := next(t, w); got != "verify" {
		t.Errorf("first the list offers %s", got)
	}
	shown := seller(w).Do("GET "+domain, nil).Is(t, 200)
	if shown.String("state") != "unverified" || shown.String("record.type") != "TXT" || shown.String("record.name") != proveAt {
		t.Error(shown.Text)
	}
	w.Advance(time.Hour)
	w.DNS.Has(proveAt, "v=spf1 -all", `"`+shown.String("record.value")+`" `)
	a := seller(w).Do(verifies.request, nil).Is(t, 200)
	if a.String("state") != "verified" || a.String("verifiedAt") != w.Now().UTC().Format(time.RFC3339) || a.Get("record") != nil || a.Get("reason") != nil {
		t.Error(a.Text)
	}
	if got := next(t, w); got != "manage" {
		t.Errorf("then the list offers %s", got)
	}
	if again := manager(w).Do("GET "+domain, nil).Is(t, 200); again.Text != a.Text {
		t.Errorf("answered %s, and then %s", a.Text, again.Text)
	}
	latest := viewer(w).Do("GET "+ofDurand+"/activity?limit=1", nil).Is(t, 200)
	for path, want := range map[string]string{
		"items.0.kind": "customer.domainVerified", "items.0.data.domain": "durand.example", "items.0.organisation": apitest.Martin,
		"items.0.onBehalfOf": apitest.Durand, "items.0.actor.name": "P. usr-martin-globalAdmin", "items.0.partnerId": apitest.Martin,
	} {
		if latest.String(path) != want {
			t.Errorf("%s is %s, want %s", path, latest.String(path), want)
		}
	}
}

func TestADomainThatIsNotProved(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	others := seller(w).Do("GET "+dupont+"/domain", nil).Is(t, 200).String("record.value")
	for _, c := range []struct {
		name   string
		says   func(*apitest.DNS)
		reason string
		wait   string
	}{
		{"nothing is there", func(*apitest.DNS) {}, "notFound", "60"},
		{"other values are there", func(d *apitest.DNS) { d.Has(proveAt, "internal-secret=hunter2", "") }, "otherValue", "60"},
		{"another customer's proof is there", func(d *apitest.DNS) { d.Has(proveAt, others) }, "otherValue", "60"},
		{"the DNS doesn't answer", func(d *apitest.DNS) { d.Silence(true) }, "noAnswer", "10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			c.says(w.DNS)
			before := w.Contents()
			a := manager(w).Do(verifies.request, nil).Is(t, 200)
			if a.String("state") != "unverified" || a.String("reason") != c.reason || a.String("record.name") != proveAt {
				t.Error(a.Text)
			}
			if a.Header["retry-after"] != c.wait || !strings.Contains(a.Text, `"retryAfterSeconds":`+c.wait) {
				t.Errorf("to be asked again after %q: %s", a.Header["retry-after"], a.Text)
			}
			if strings.Contains(a.Text, "hunter2") || strings.Contains(a.Text, others) {
				t.Errorf("it tells what else is there: %s", a.Text)
			}
			if !slices.Equal(w.Contents(), before) {
				t.Error("something was changed")
			}
			if got := next(t, w); got != "verify" {
				t.Errorf("the list offers %s", got)
			}
		})
	}
}

func TestTheDNSIsAskedWhenItMatters(t *testing.T) {
	t.Parallel()
	asked := func(t *testing.T, w *apitest.World, want int) {
		t.Helper()
		if got := w.DNS.Asked(); len(got) != want {
			t.Errorf("asked for %v, %d times were expected", got, want)
		}
	}
	t.Run("not by who may not", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		viewer(w).Do(verifies.request, nil).Is(t, 403, "forbidden")
		seller(w).Do("POST /v1/customers/"+apitest.Nuit+"/domain/verification", nil).Is(t, 404, "not_found")
		asked(t, w, 0)
	})
	t.Run("not for what is verified, which stays as it is", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		w.Verify(apitest.Durand)
		asked(t, w, 1)
		before := w.Contents()
		w.DNS.Silence(true)
		w.Advance(time.Hour)
		a := seller(w).Do(verifies.request, nil).Is(t, 200)
		if a.String("verifiedAt") != apitest.Start.Format(time.RFC3339) || !slices.Equal(w.Contents(), before) {
			t.Errorf("it was changed: %s", a.Text)
		}
		asked(t, w, 1)
	})
	t.Run("not where there is no domain", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		withoutDomain(apitest.Durand)(t, w)
		seller(w).Do(verifies.request, nil).Is(t, 409, "no_domain")
		if a := seller(w).Do("GET "+domain, nil).Is(t, 200); a.String("state") != "none" || len(a.Body) != 1 {
			t.Error(a.Text)
		}
		if got := next(t, w); got != "manage" {
			t.Errorf("the list offers %s", got)
		}
		asked(t, w, 0)
	})
	t.Run("once by a request that is decided anew", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		w.Proves(apitest.Durand)
		through, p := w.Through(t)
		var met atomic.Bool
		p.Before = func(operation string, _ []byte) {
			if operation == "TransactWriteItems" && met.CompareAndSwap(false, true) {
				takesAnother.on(w)
			}
		}
		p.Arm("TransactWriteItems", 1, proxy.Throttle)
		if a := seller(through).Do(verifies.request, nil).Is(t, 200); a.String("state") != "verified" {
			t.Error(a.Text)
		}
		asked(t, w, 1)
	})
	t.Run("not by a request that is repeated by its key, and again by another", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		first := seller(w).Do(verifies.request, nil, onlyKey).Is(t, 200)
		w.Proves(apitest.Durand)
		again := seller(w).Do(verifies.request, nil, onlyKey).Is(t, 200)
		if again.Text != first.Text || again.Header["retry-after"] != "60" || again.Header["idempotency-replayed"] != "true" {
			t.Errorf("first %s\nagain %s %v", first.Text, again.Text, again.Header)
		}
		asked(t, w, 1)
		if a := seller(w).Do(verifies.request, nil, "Idempotency-Key: another").Is(t, 200); a.String("state") != "verified" {
			t.Error(a.Text)
		}
	})
}

// Two customers that claim one domain prove it each by a value of its own.
func TestTwoCustomersOfOneDomain(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	withDomain(apitest.Dupont, "durand.example")(t, w)
	w.Proves(apitest.Durand)
	if a := admin(w).Do("POST "+dupont+"/domain/verification", nil).Is(t, 200); a.String("reason") != "otherValue" {
		t.Errorf("another's proof counts: %s", a.Text)
	}
	var both []string
	for _, id := range []string{apitest.Dupont, apitest.Durand} {
		both = append(both, seller(w).Do("GET /v1/customers/"+id+"/domain", nil).Is(t, 200).String("record.value"))
	}
	w.DNS.Has(proveAt, both...)
	for _, id := range []string{apitest.Dupont, apitest.Durand} {
		if a := seller(w).Do("POST /v1/customers/"+id+"/domain/verification", nil).Is(t, 200); a.String("state") != "verified" {
			t.Errorf("%s: %s", id, a.Text)
		}
	}
}

// The whole way, to a real DNS server.
func TestADomainIsVerifiedAtARealServer(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	var said atomic.Pointer[nameserver.Answer]
	server, err := nameserver.Start(func(name string) nameserver.Answer {
		if name != proveAt {
			return nameserver.NoSuchName
		}
		return *said.Load()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	resolver, err := dns.New(server.Address(), dns.Timeout(300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	w.Resolve(w.Table, resolver)
	value := seller(w).Do("GET "+domain, nil).Is(t, 200).String("record.value")
	for _, c := range []struct {
		said nameserver.Answer
		want string
	}{
		{nameserver.NoSuchName, "notFound"},
		{nameserver.Answer{}, "notFound"},
		{nameserver.Answer{Code: dnsmessage.RCodeServerFailure}, "noAnswer"},
		{nameserver.Answer{Silent: true}, "noAnswer"},
		{nameserver.Answer{Values: []string{"comptoir-verification=dom_000000000000000000000000"}}, "otherValue"},
		{nameserver.Answer{Alias: "proof.elsewhere.example", Values: append(slices.Repeat([]string{strings.Repeat("x", 300)}, 9), value)}, ""},
	} {
		said.Store(&c.said)
		a := seller(w).Do(verifies.request, nil).Is(t, http.StatusOK)
		if a.String("reason") != c.want || (c.want == "") != (a.String("state") == "verified") {
			t.Errorf("the DNS says %+v, and the answer is %s", c.said, a.Text)
		}
	}
}

// The partner of record is told in its portal.
func TestThePartnerIsToldOfAVerifiedDomain(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	e := event.Event{Fact: event.New("customer.domainVerified", nil), ID: "evt_1", Subject: apitest.Durand, PartnerID: apitest.Martin, Livemode: true}
	if err := notices.Handler(w.Table)(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	told := viewer(w).Do("GET "+martin+"/notifications", nil, "Accept-Language: fr").Is(t, 200)
	if got := told.String("items.0.text"); got != "Le domaine du dossier Maison Durand est vérifié." {
		t.Error(told.Text)
	}
}
