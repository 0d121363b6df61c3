package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"comptoir/shared/event"
	"comptoir/shared/problem"
	"comptoir/shared/webhook"
)

var now = time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC)

// What leads into a network of ours, or is not plainly an endpoint, is refused when it is saved.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"https://hooks.example.com", "https://hooks.example.com/", "https://hooks.example.com:443/a?b=c", "https://hooks.example.com:8443/", "https://93.184.216.34/",
		"https://[2606:2800:220:1:248:1893:25c8:1946]/", "https://xn--bcher-kva.example/", "HTTPS://Hooks.Example.COM/",
	} {
		if _, err := webhook.Hosts(nil).Check("body.url", good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "hooks.example.com", "//hooks.example.com", "https:hooks.example.com", "https://", "https:///a", "ftp://hooks.example.com/", "http://hooks.example.com/", "file:///etc/passwd",
		"https://user@hooks.example.com/", "https://user:pass@hooks.example.com/", "https://hooks.example.com/#a", "https://hooks.example.com/#", "https://hooks.example.com:80/",
		"https://hooks.example.com:22/", "https://hooks.example.com:0/", "https://hooks.example.com:99999/", "https://hooks.example.com:x/",
		"https://localhost/", "https://localhost./", "https://a.localhost/", "https://printer.local/", "https://metadata.google.internal/", "https://metadata.google.internal./", "https://intranet/",
		"https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://0.0.0.0/", "https://0/",
		"https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data", "https://100.100.100.200/", "https://[::1]/", "https://[::]/",
		"https://[::ffff:127.0.0.1]/", "https://[::ffff:93.184.216.34]/", "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::a00:1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/",
		"https://[fd00:ec2::254]/", "https://[fc00::1]/", "https://[ff02::1]/", "https://[2002:7f00:1::]/", "https://[2001::7f00:1]/", "https://hooks_.example.com/", "https://hooks.example.com\n/",
		"https://" + strings.Repeat("a", 64) + ".example.com/", "https://hooks.example.com/" + strings.Repeat("a", webhook.MaxURL),
	} {
		if got, err := webhook.Hosts(nil).Check("body.url", bad); err == nil || problem.Of(err) == nil || problem.Of(err).Fields[0].Name != "body.url" {
			t.Errorf("%q is taken: %s, %v", bad, got, err)
		}
	}
}

// Only the local cloud has hosts that may be private.
func TestHostsOfTheLocalCloud(t *testing.T) {
	t.Parallel()
	here := webhook.Hosts{"127.0.0.1"}
	for url, may := range map[string]bool{
		"http://127.0.0.1:9000/a": true, "https://127.0.0.1/": true, "http://127.0.0.2/": false, "http://hooks.example.com/": false, "http://localhost/": false,
		"ftp://127.0.0.1/": false, "http://a:b@127.0.0.1/": false, "https://hooks.example.com/": true, "https://10.0.0.1/": false,
	} {
		if _, err := here.Check("body.url", url); (err == nil) != may {
			t.Errorf("%s: %v", url, err)
		}
	}
	for ip, may := range map[string]bool{"127.0.0.1": true, "::ffff:127.0.0.1": true, "127.0.0.2": false, "::1": false, "93.184.216.34": true} {
		if here.May(netip.MustParseAddr(ip)) != may {
			t.Errorf("%s may be dialled: %t", ip, !may)
		}
	}
}

// Whatever lies in a network that is not the public internet is not public, at both its ends.
func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, network := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
		"::/128", "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		p := netip.MustParsePrefix(network)
		first, last := p.Addr().AsSlice(), p.Addr().AsSlice()
		for bit := p.Bits(); bit < len(last)*8; bit++ {
			last[bit/8] |= 1 << (7 - bit%8)
		}
		for _, raw := range [][]byte{first, last} {
			if ip, _ := netip.AddrFromSlice(raw); webhook.Public(ip) {
				t.Errorf("%s of %s is taken for public", ip, network)
			}
		}
	}
	for _, ip := range []string{"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1"} {
		if !webhook.Public(netip.MustParseAddr(ip)) {
			t.Errorf("%s is not taken for public", ip)
		}
	}
}

// The signature is the one of the specification's own example, and of its library for any message.
func TestSignatures(t *testing.T) {
	t.Parallel()
	e := webhook.Endpoint{ID: "whe_1", Secrets: []webhook.Secret{{Text: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}}
	h, err := e.Headers("msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`, time.Unix(1614265330, 0))
	if err != nil || h["webhook-signature"] != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" || h["webhook-timestamp"] != "1614265330" {
		t.Errorf("%v, %v", h, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		e := webhook.Endpoint{}
		var want []string
		id, body, at := "evt_"+rapid.StringMatching(`[0-9a-z]{1,24}`).Draw(t, "id"), rapid.String().Draw(t, "body"), time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0)
		for range rapid.IntRange(1, 3).Draw(t, "secrets") {
			secret := webhook.NewSecret(rapid.SliceOfN(rapid.Byte(), 24, 64).Draw(t, "secret"))
			e.Secrets = append(e.Secrets, webhook.Secret{Text: secret})
			wh, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := wh.Sign(id, at, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, signed)
		}
		if h, err := e.Headers(id, body, at); err != nil || h["webhook-signature"] != strings.Join(want, " ") {
			t.Fatalf("%v, %v; want %v", h, err, want)
		}
	})
}

// A message is under 20 kB. What would be larger leaves its data out, and says where they are read.
func TestLargeMessagesLeaveTheirDataOut(t *testing.T) {
	t.Parallel()
	for subject, read := range map[string]string{
		"par_1": "GET /v1/partners/par_1/activity", "cus_1": "GET /v1/customers/cus_1/activity", "COMPTA": "GET /v1/plans",
	} {
		for size, truncated := range map[int]bool{0: false, 19_000: false, 20_000: true, 200_000: true} {
			e := event.Event{Fact: event.New("a.b", map[string]any{"text": strings.Repeat("x", size)}), ID: "evt_1", At: now, Subject: subject, Livemode: true}
			body, err := webhook.Body(e)
			var m webhook.Message
			if err == nil {
				err = json.Unmarshal([]byte(body), &m)
			}
			if err != nil || len(body) >= 20_000 || m.Data.Truncated != truncated || (m.Data.Read == read) != truncated || (m.Data.Data == nil) != truncated || m.Data.Subject != subject {
				t.Errorf("%s of %d: %.300s, %v", subject, size, body, err)
			}
		}
	}
}

// However secrets are rotated, the present one signs, one that was replaced for a day at the most, and never more than three.
func TestRotation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := now
		e := webhook.Endpoint{Secrets: []webhook.Secret{{Text: "whsec_0"}}}
		replaced := map[string]time.Time{}
		for n := range rapid.IntRange(1, 6).Draw(t, "rotations") {
			at = at.Add(time.Duration(rapid.IntRange(0, 30*60).Draw(t, "minutes")) * time.Minute)
			replaced[e.Secrets[0].Text] = at
			before := slices.Clone(e.Secrets)
			after := e.Rotate(fmt.Sprint("whsec_", n+1), at)
			if !slices.Equal(e.Secrets, before) {
				t.Fatal("what was loaded has changed")
			}
			e = after
			if e.Secrets[0].Text != fmt.Sprint("whsec_", n+1) || !e.Secrets[0].Until.IsZero() || len(e.Secrets) > 3 {
				t.Fatalf("%+v", e.Secrets)
			}
			for _, s := range e.Secrets[1:] {
				if want := replaced[s.Text].Add(webhook.Overlap); !s.Until.Equal(want) || !s.Until.After(at) {
					t.Fatalf("%s signs until %s, want %s; now is %s", s.Text, s.Until, want, at)
				}
			}
		}
	})
}

// A delivery is tried ten times, at first soon and then hours apart, within about three days, and those of an endpoint not all at once.
func TestAttempts(t *testing.T) {
	t.Parallel()
	e, ends := webhook.Endpoint{ID: "whe_1", URL: "https://a.example/", Enabled: true}, map[time.Duration]bool{}
	rapid.Check(t, func(t *rapid.T) {
		d := webhook.Deliver(event.Event{ID: "evt_" + rapid.StringMatching(`[0-9a-z]{24}`).Draw(t, "id")}, "{}", "par_1", "whe_1", now)
		at, last := now, time.Duration(0)
		for n := 1; ; n++ {
			if !d.Due(at) || d.Due(at.Add(-time.Millisecond)) {
				t.Fatalf("attempt %d: %+v at %s", n, d, at)
			}
			d = d.Begin(fmt.Sprint(n), at)
			if d.Due(at) || d.Attempts != n {
				t.Fatalf("%+v", d)
			}
			var facts []event.Fact
			d, _, facts = d.End(e, fmt.Sprint(n), webhook.Outcome{At: at, Status: 500})
			if d.State != webhook.Pending {
				if n != 10 || d.State != webhook.GaveUp || len(facts) != 1 || at.Sub(now) < 68*time.Hour || at.Sub(now) > 84*time.Hour {
					t.Fatalf("after %d attempts and %s: %+v %v", n, at.Sub(now), d, facts)
				}
				ends[at.Sub(now)] = true
				return
			}
			if wait := d.DueAt.Sub(at); wait < last*4/5 || len(facts) > 0 { // each has a tenth of its own to either side
				t.Fatalf("attempt %d waits %s after %s, %v", n, wait, last, facts)
			}
			last, at = d.DueAt.Sub(at), d.DueAt
		}
	})
	if len(ends) < 10 {
		t.Errorf("all end alike: %v", ends)
	}
}

// Only the attempt that is under way can fail; whoever succeeds has.
func TestOutcomesOutOfTurn(t *testing.T) {
	t.Parallel()
	e := webhook.Endpoint{ID: "whe_1", URL: "https://a.example/", Enabled: true, Failing: true}
	d := webhook.Deliver(event.Event{ID: "evt_1"}, "{}", "par_1", "whe_1", now).Begin("first", now).Begin("second", now.Add(webhook.Patience))
	for _, code := range []int{0, 200 - 1, 300, 410, 500} {
		if after, is, facts := d.End(e, "first", webhook.Outcome{At: now, Status: code}); after != d || is.Enabled != e.Enabled || len(facts) > 0 {
			t.Errorf("%d of an attempt that is over makes %+v", code, after)
		}
	}
	done, is, _ := d.End(e, "first", webhook.Outcome{At: now, Status: 200})
	if done.State != webhook.Delivered || is.Failing || !done.DueAt.IsZero() {
		t.Errorf("%+v, %+v", done, is)
	}
	for _, code := range []int{200, 410, 500} {
		if after, _, facts := done.End(e, "second", webhook.Outcome{At: now, Status: code}); after != done || len(facts) > 0 {
			t.Errorf("%d after it was delivered makes %+v", code, after)
		}
	}
}

// An owner has ten endpoints at the most, each with versions of its own.
func TestRegistry(t *testing.T) {
	t.Parallel()
	r := webhook.Registry{Owner: "par_1"}
	for n := range webhook.MaxEndpoints {
		var e webhook.Endpoint
		var err error
		if r, e, err = r.Add(webhook.Endpoint{ID: fmt.Sprint("whe_", n)}, now); err != nil || e.Version != 1 {
			t.Fatal(e, err)
		}
	}
	if _, _, err := r.Add(webhook.Endpoint{}, now); problem.Of(err) == nil || problem.Of(err).Code != "limit_reached" {
		t.Error(err)
	}
	e, _ := r.Find("whe_3")
	off := false
	e, differs := e.Edit(webhook.Change{Enabled: &off})
	if differs {
		t.Errorf("to be disabled makes a difference to what isn't enabled: %+v", e)
	}
	after, e := r.Replace(e, now)
	if was, _ := r.Find("whe_3"); e.Version != 2 || was.Version != 1 {
		t.Errorf("%d, %d", e.Version, was.Version)
	}
	after = after.Without("whe_4")
	if _, err := after.Find("whe_4"); err == nil || len(r.Endpoints) != webhook.MaxEndpoints || len(after.Endpoints) != webhook.MaxEndpoints-1 {
		t.Error("it is still there, or what was loaded has changed")
	}
}

// What is enabled again, or moved, begins anew.
func TestEditing(t *testing.T) {
	t.Parallel()
	on, off, there := true, false, "https://b.example/"
	gone := webhook.Endpoint{URL: "https://a.example/", Gone: true, Failing: true}
	for _, c := range []struct {
		name                   string
		before                 webhook.Endpoint
		change                 webhook.Change
		differs, gone, failing bool
	}{
		{"nothing", gone, webhook.Change{}, false, true, true},
		{"as it is", gone, webhook.Change{Enabled: &off, URL: &gone.URL}, false, true, true},
		{"enabled", gone, webhook.Change{Enabled: &on}, true, false, false},
		{"moved", gone, webhook.Change{URL: &there}, true, true, false},
		{"moved and enabled", gone, webhook.Change{URL: &there, Enabled: &on}, true, false, false},
		{"disabled", webhook.Endpoint{Enabled: true, Failing: true}, webhook.Change{Enabled: &off}, true, false, true},
		{"other kinds", gone, webhook.Change{Kinds: &[]string{"seat.added"}}, true, true, true},
	} {
		if after, differs := c.before.Edit(c.change); differs != c.differs || after.Gone != c.gone || after.Failing != c.failing {
			t.Errorf("%s: %+v, %t", c.name, after, differs)
		}
	}
}

// Endpoints are told nothing of endpoints, of themselves or of others: failures would make more to fail with.
func TestEndpointsAreToldNothingOfEndpoints(t *testing.T) {
	t.Parallel()
	e := webhook.Endpoint{ID: "whe_1", URL: "https://a.example/", Enabled: true}
	other := e
	other.ID = "whe_2"
	for _, kind := range []string{webhook.Created, webhook.Rotated, webhook.Failed, webhook.Disabled, webhook.Tested} {
		of := event.Event{Fact: e.Fact(kind)}
		if e.Wants(of) || other.Wants(of) {
			t.Errorf("%s: %t, %t", kind, e.Wants(of), other.Wants(of))
		}
	}
}
