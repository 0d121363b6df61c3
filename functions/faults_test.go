package functions_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

// write is one write operation as somebody calls it, and another call that wants the same items.
type write struct {
	name    string
	prepare func(t *testing.T, w *apitest.World) string // state needed; gives the preview, if any
	request string
	body    func(preview string) any
	by      func(*apitest.World) apitest.Client
	other   action
}

// action is a call of somebody else.
type action struct {
	by      func(*apitest.World) apitest.Client
	request string
	body    any
	headers []string
}

func (a action) on(w *apitest.World) apitest.Answer {
	return a.by(w).Do(a.request, a.body, a.headers...)
}

const onlyKey = "Idempotency-Key: the-only-one"

func seller(w *apitest.World) apitest.Client {
	return w.As(apitest.Martin, membership.GlobalAdmin)
}

const durands = "/v1/customers/" + apitest.Durand + "/licences"

var (
	takesAnother = action{seller, "POST " + durands, order(apitest.Monthly, "month", 3), nil}
	reports      = action{machine("product"), "POST /v1/accounts", bodies["reportAccount"]("acc-petit"), nil}
	previews     = action{seller, "POST " + durands + "/preview", map[string]any{"take": order(apitest.Pro, "year", 5)}, []string{onlyKey}}
	seatsAda     = action{seller, "POST " + expenses + "/members", bodies["addSeats"](""), nil}
	seatsBob     = action{seller, "POST " + expenses + "/members", map[string]any{"memberIds": []string{"bob"}}, nil}
	lowersCap    = action{seller, "PUT " + expenses + "/cap", map[string]any{"cap": 4}, nil}
	renamesAda   = action{manager, "PUT " + ada, map[string]any{"name": "Ada the Second"}, nil}
	asks         = action{manager, "POST " + expenses + "/requests", bodies["requestSeats"](""), nil}
	declines     = action{seller, "POST " + expenses + "/requests/req_1/answer", bodies["answerSeatRequest"](""), nil}
	verifies     = action{seller, "POST " + ofDurand + "/domain/verification", nil, nil}
	editsPlan    = action{machine("operator"), "PUT /v1/plans/" + apitest.Yearly, bodies["putPlan"]("Edited by another"), nil}
)

// always is a body that needs no preview.
func always(body any) func(string) any { return func(string) any { return body } }

// committing names the preview and nothing else.
func committing(preview string) any { return map[string]any{"previewId": preview} }

func previewed(body map[string]any) func(*testing.T, *apitest.World) string {
	return func(t *testing.T, w *apitest.World) string {
		return seller(w).Do("POST "+durands+"/preview", body).Is(t, 201).String("previewId")
	}
}

const (
	expenses = "/v1/customers/" + apitest.Durand + "/seats/" + apitest.Expenses
	ada      = "/v1/customers/" + apitest.Durand + "/members/ada"
)

// manager is who looks after Durand's people, its own administrator.
func manager(w *apitest.World) apitest.Client { return w.As(apitest.Durand, membership.Admin) }

// did is a state that some calls make.
func did(all ...action) func(*testing.T, *apitest.World) string {
	return func(t *testing.T, w *apitest.World) string {
		for _, a := range all {
			if answer := a.on(w); answer.Status/100 != 2 {
				t.Fatalf("%s: answered %d %s", a.request, answer.Status, answer.Text)
			}
		}
		return ""
	}
}

// isTold gives an organisation a notification, past any proxy.
func isTold(organisation string) func(*testing.T, *apitest.World) string {
	return func(t *testing.T, w *apitest.World) string {
		direct := table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)
		tx := direct.Draft(apitest.Start, "seed", seed, "")
		tx.Put(&notice.Notification{
			EventID: "evt_seed", OrganisationID: organisation, Kind: notice.Threshold, At: apitest.Start, CustomerID: apitest.Durand, CustomerName: "Maison Durand",
			Data: map[string]any{"module": apitest.Expenses, "threshold": 80, "state": "warning", "used": 8, "cap": 10, "capVersion": 1},
		})
		if err := direct.Import(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
		return ""
	}
}

// proves sets the record that proves a customer's domain.
func proves(customerID string) func(*testing.T, *apitest.World) string {
	return func(_ *testing.T, w *apitest.World) string {
		w.Proves(customerID)
		return ""
	}
}

// writes has a case for every write operation. The other call that each meets changes the same
// customer or plan, or is the same report.
var writes = []write{
	{"reportAccount", nil, reports.request, always(reports.body), reports.by, reports},
	{"putPlan", nil, editsPlan.request, always(bodies["putPlan"]("Edited")), editsPlan.by, editsPlan},
	{"takeLicence", nil, "POST " + durands, always(order(apitest.Pro, "year", 5)), seller, takesAnother},
	{"changeLicence", nil, "POST " + oneOfDurand + "/change", always(map[string]any{"quantity": 12}), seller, takesAnother},
	{"cancelLicence", nil, "POST " + oneOfDurand + "/cancel", always(map[string]any{}), seller, takesAnother},
	{"suspendLicence", nil, "POST " + oneOfDurand + "/suspend", always(map[string]any{}), seller, takesAnother},
	{"resumeLicence", func(t *testing.T, w *apitest.World) string {
		seller(w).Do("POST "+oneOfDurand+"/suspend", map[string]any{}).Is(t, 200)
		return ""
	}, "POST " + oneOfDurand + "/resume", always(map[string]any{}), seller, takesAnother},
	{"previewLicence", nil, previews.request, always(previews.body), seller, previews}, // nothing but itself wants the same items
	{"verifyDomain", proves(apitest.Durand), verifies.request, always(nil), seller, verifies},
	{"verifyDomain beside a licence", proves(apitest.Durand), verifies.request, always(nil), manager, takesAnother},
	{"putMember", nil, "PUT " + ada, always(bodies["putMember"]("")), manager, renamesAda},
	{"putMember of a newcomer", nil, "PUT /v1/customers/" + apitest.Durand + "/members/dora", always(bodies["putMember"]("")), machine("product"), takesAnother},
	{"removeMember", did(seatsAda), "DELETE " + ada, always(nil), manager, seatsBob},
	{"setSeatCap", did(seatsAda), "PUT " + expenses + "/cap", always(bodies["setSeatCap"]("")), seller, lowersCap},
	{"addSeats", nil, seatsAda.request, always(seatsAda.body), seller, seatsBob},
	{"addSeats beside a cap", nil, seatsAda.request, always(seatsAda.body), seller, lowersCap},
	{"removeSeat", did(seatsAda), "DELETE " + expenses + "/members/ada", always(nil), seller, seatsBob},
	{"requestSeats", nil, asks.request, always(asks.body), manager, asks},
	{"answerSeatRequest", did(lowersCap, asks), declines.request, always(map[string]any{"accept": true}), seller, declines},
	{"markNotifications", isTold(apitest.Martin), "PATCH " + martin + "/notifications", always(reads), seller, action{seller, "PATCH " + martin + "/notifications", map[string]any{"ids": []string{"evt_seed"}, "read": true}, nil}},
	{"markCustomerNotifications", isTold(apitest.Durand), "PATCH /v1/customers/" + apitest.Durand + "/notifications", always(reads), manager, action{manager, "PATCH /v1/customers/" + apitest.Durand + "/notifications", reads, nil}},
	{
		"takeLicence by a preview", previewed(map[string]any{"take": order(apitest.Pro, "year", 5)}), "POST " + durands, committing, seller,
		takesAnother,
	},
	{
		"changeLicence by a preview", previewed(map[string]any{"licenceId": apitest.DurandLicence, "change": map[string]any{"quantity": 12}}),
		"POST " + oneOfDurand + "/change", committing, seller, takesAnother,
	},
	{
		"cancelLicence by a preview", previewed(map[string]any{"licenceId": apitest.DurandLicence, "cancel": map[string]any{}}),
		"POST " + oneOfDurand + "/cancel", committing, seller, takesAnother,
	},
}

const oneOfDurand = durands + "/" + apitest.DurandLicence

// outcome is what a world holds in the end and what was answered.
type outcome struct {
	contents []string
	status   int
	code     any
}

// stage is a world made ready for a write, and the write.
type stage struct {
	w    *apitest.World
	call func(*apitest.World) apitest.Answer
}

func (c write) stage(t *testing.T) stage {
	w, preview := apitest.New(t), ""
	if c.prepare != nil {
		preview = c.prepare(t, w)
	}
	return stage{w, func(on *apitest.World) apitest.Answer {
		return c.by(on).Do(c.request, c.body(preview), onlyKey)
	}}
}

// end is the outcome of an answer.
func (s stage) end(a apitest.Answer) outcome {
	return outcome{s.w.Contents(), a.Status, a.Body["code"]}
}

// without is the outcome when nothing goes wrong, before and after others.
func (c write) without(t *testing.T, before, after func(*apitest.World)) outcome {
	s := c.stage(t)
	if before != nil {
		before(s.w)
	}
	a := s.call(s.w)
	if after != nil {
		after(s.w)
	}
	return s.end(a)
}

func same(a, b outcome) bool {
	return a.status == b.status && a.code == b.code && slices.Equal(a.contents, b.contents)
}

// differences are the lines that only one of them has.
func differences(got, want outcome) string {
	var all []string
	lines := func(sign string, of, without []string) {
		for _, line := range of {
			if !slices.Contains(without, line) {
				all = append(all, sign+" "+line)
			}
		}
	}
	lines("+", got.contents, want.contents)
	lines("-", want.contents, got.contents)
	return strings.Join(all, "\n")
}

const forever = 1000 // calls that fail, more than anybody tries

// passing faults are got over; the outcome is as if they had not been.
var passing = map[string]func(*proxy.Proxy){
	"a load that is throttled and fails": func(p *proxy.Proxy) {
		p.Arm("BatchGetItem", 1, proxy.Throttle)
		p.Arm("BatchGetItem", 1, proxy.FailBefore)
	},
	"a commit that is throttled, cancelled for throttling and fails": func(p *proxy.Proxy) {
		p.Arm("TransactWriteItems", 1, proxy.Throttle)
		p.Arm("TransactWriteItems", 1, proxy.CancelThrottled)
		p.Arm("TransactWriteItems", 1, proxy.FailBefore)
	},
	"a reply lost after the commit": func(p *proxy.Proxy) { p.Arm("TransactWriteItems", 1, proxy.DropAfter) },
	"replies lost as often as the SDK tries": func(p *proxy.Proxy) {
		p.Arm("TransactWriteItems", 3, proxy.DropAfter) // then the mark says that it is done
	},
}

// lasting faults are told of plainly, and nothing has changed.
var lasting = map[string]struct {
	arm    func(*proxy.Proxy)
	status int
	code   string
}{
	"loads throttled for long":                  {func(p *proxy.Proxy) { p.Arm("BatchGetItem", forever, proxy.Throttle) }, 429, "too_many_requests"},
	"commits throttled for long":                {func(p *proxy.Proxy) { p.Arm("TransactWriteItems", forever, proxy.Throttle) }, 429, "too_many_requests"},
	"commits cancelled for throttling for long": {func(p *proxy.Proxy) { p.Arm("TransactWriteItems", forever, proxy.CancelThrottled) }, 429, "too_many_requests"},
	"commits that fail for long":                {func(p *proxy.Proxy) { p.Arm("TransactWriteItems", forever, proxy.FailBefore) }, 503, "unavailable"},
}

func TestWritesUnderFaults(t *testing.T) {
	t.Parallel()
	for _, c := range writes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := c.without(t, nil, nil)
			if want.status/100 != 2 {
				t.Fatalf("it doesn't even work without a fault: %d %v", want.status, want.code)
			}
			for name, arm := range passing {
				t.Run("gets over "+name, func(t *testing.T) {
					s := c.stage(t)
					through, p := s.w.Through(t)
					arm(p)
					if got := s.end(s.call(through)); !same(got, want) {
						t.Errorf("answered %d %v, want %d\n%s", got.status, got.code, want.status, differences(got, want))
					}
				})
			}
		})
	}
}

// All wait at once: the pauses between attempts take their time.
func TestWritesUnderFaultsThatLast(t *testing.T) {
	t.Parallel()
	var waiting sync.WaitGroup
	for _, c := range writes {
		s := c.stage(t)
		before := s.w.Contents()
		for name, fault := range lasting {
			through, p := s.w.Through(t)
			fault.arm(p)
			waiting.Go(func() {
				got, want := s.end(s.call(through)), outcome{before, fault.status, fault.code}
				if !same(got, want) {
					t.Errorf("%s under %s: answered %d %v, want %d %s and nothing changed\n%s", c.name, name,
						got.status, got.code, want.status, want.code, differences(got, want))
				}
			})
		}
	}
	waiting.Wait()
}

// Two that want the same items end as if one had come after the other.
func TestWritesBesideOthers(t *testing.T) {
	t.Parallel()
	for _, c := range writes {
		other := func(w *apitest.World) { c.other.on(w) }
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			oneAfterTheOther := []outcome{c.without(t, other, nil), c.without(t, nil, other)}
			serial := func(t *testing.T, got outcome) {
				t.Helper()
				if !slices.ContainsFunc(oneAfterTheOther, func(want outcome) bool { return same(got, want) }) {
					t.Errorf("answered %d %v, and the table is as in no order\nother first: %s\nother last: %s", got.status, got.code,
						differences(got, oneAfterTheOther[0]), differences(got, oneAfterTheOther[1]))
				}
			}
			t.Run("decides anew after a change between load and commit", func(t *testing.T) {
				s := c.stage(t)
				through, p := s.w.Through(t)
				var met atomic.Bool
				p.Before = func(operation string, _ []byte) {
					if operation == "TransactWriteItems" && met.CompareAndSwap(false, true) {
						other(s.w)
					}
				}
				serial(t, s.end(s.call(through)))
			})
			t.Run("waits for a transaction that is under way", func(t *testing.T) {
				s := c.stage(t)
				through, p := s.w.Through(t)
				p.Conflicts = true
				var answer apitest.Answer
				var met atomic.Bool
				var loads atomic.Int32
				again, done := make(chan bool), make(chan bool)
				p.Before = func(operation string, _ []byte) {
					switch {
					case operation == "TransactWriteItems" && met.CompareAndSwap(false, true):
						// The other's. It holds its items until this write was refused and tries again.
						go func() { defer close(done); answer = s.call(through) }()
						select {
						case <-again:
						case <-done:
							t.Error("the two didn't meet")
						}
					case operation == "BatchGetItem" && loads.Add(1) == 3: // the other's, this write's, and its second
						close(again)
					}
				}
				other(through)
				<-done
				serial(t, s.end(answer))
			})
		})
	}
}

func TestEveryWriteIsTriedUnderFaults(t *testing.T) {
	t.Parallel()
	for _, op := range functions.Operations(apitest.Env) {
		tried := slices.ContainsFunc(writes, func(c write) bool { return c.name == op.ID })
		if op.Method != "GET" && !tried {
			t.Errorf("%s is not tried under faults", op.ID)
		}
	}
}
