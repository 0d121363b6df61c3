package seat

import (
	"fmt"
	"testing"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
)

func day(m, d int) calendar.Date {
	date, err := calendar.Of(2026, 3, d)
	if err != nil || m != 3 {
		panic("tests live in March 2026")
	}
	return date
}

var today = day(3, 10)

// capped is a gauge with so many seats funded.
func capped(seats, used int) Gauge {
	return Gauge{CustomerID: "cus_1", Module: "expenses", Used: used, CapVersion: 1, Funds: []Fund{{LicenceID: "lic_1", Seats: seats}}}
}

// D7, D8, D11: the states, to the seat, also for the smallest caps.
func TestStates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cap    int
		states string // from 0 used on
	}{
		{1, "ok full overLimit"},
		{2, "ok ok full overLimit"},
		{3, "ok ok ok full overLimit"},
		{4, "ok ok ok ok full overLimit"},
		{5, "ok ok ok ok warning full overLimit"},
		{6, "ok ok ok ok ok warning full overLimit"},
		{10, "ok ok ok ok ok ok ok ok warning warning full overLimit"},
	} {
		said := ""
		for used := range c.cap + 2 {
			said += " " + string(capped(c.cap, used).On(today).State)
		}
		if said != " "+c.states {
			t.Errorf("a cap of %d says%s, want %s", c.cap, said, c.states)
		}
	}
}

// The warning is the rule's own inequality, whatever the cap: used*100 >= 80*cap.
func TestWarningIsExact(t *testing.T) {
	t.Parallel()
	for limit := 1; limit <= 400; limit++ {
		for used := range limit {
			want := OK
			if used*100 >= 80*limit {
				want = Warning
			}
			if got := capped(limit, used).On(today).State; got != want {
				t.Fatalf("%d of %d is %s, want %s", used, limit, got, want)
			}
		}
	}
}

func TestReadings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		g    Gauge
		want Reading
	}{
		"a gauge within its cap": {capped(10, 3), Reading{3, 10, 7, OK, ""}},
		"over the limit nothing remains, and nothing less": {
			capped(10, 12), Reading{12, 10, 0, OverLimit, ""},
		},
		"the licences add up": {
			Gauge{Used: 3, Funds: []Fund{{Seats: 10}, {Seats: 5}}}, Reading{3, 15, 12, OK, ""},
		},
		"a licence that ended funds nothing": {
			Gauge{Used: 3, Funds: []Fund{{Seats: 10}, {Seats: 5, Until: today}}}, Reading{3, 10, 7, OK, ""},
		},
		"it funds up to its last day": {
			Gauge{Used: 3, Funds: []Fund{{Seats: 10}, {Seats: 5, Until: today.AddDays(1)}}}, Reading{3, 15, 12, OK, ""},
		},
		"a suspended licence funds nothing": {
			Gauge{Used: 3, Funds: []Fund{{Seats: 10, Suspended: true}, {Seats: 5}}}, Reading{3, 5, 2, OK, ""},
		},
		"the partner's cap is lower than what is funded": {
			Gauge{Used: 3, OwnCap: 4, Funds: []Fund{{Seats: 10}}}, Reading{3, 4, 1, OK, ""},
		},
		"the partner's cap gives no more than what is funded": {
			Gauge{Used: 3, OwnCap: 40, Funds: []Fund{{Seats: 10}}}, Reading{3, 10, 7, OK, ""},
		},
		"without a licence there is no cap (D13)": {
			Gauge{Used: 3}, Reading{3, 0, 0, Misconfigured, NoLicence},
		},
		"with a licence that ended there is none": {
			Gauge{Used: 3, Funds: []Fund{{Seats: 5, Until: today}}}, Reading{3, 0, 0, Misconfigured, LicenceEnded},
		},
		"with a suspended one there is none": {
			Gauge{Used: 3, Funds: []Fund{{Seats: 5, Until: today}, {Seats: 5, Suspended: true}}}, Reading{3, 0, 0, Misconfigured, LicenceSuspended},
		},
		"what is stored may be no cap": {
			Gauge{Used: 3, OwnCap: -1, Funds: []Fund{{Seats: 5}}}, Reading{3, 0, 0, Misconfigured, CapImpossible},
		},
		"a licence that gives no seats makes no cap": {
			Gauge{Funds: []Fund{{Seats: 0}}}, Reading{0, 0, 0, Misconfigured, CapImpossible},
		},
	} {
		if got := c.g.On(today); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A threshold is told of once on the way up, and is armed again by falling below it.
func TestThresholds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cap  int
		path []int // used, step by step
		told string
	}{
		{10, []int{0, 7, 8, 9, 10}, "80 100"},
		{10, []int{0, 8, 7, 8, 10, 9, 10}, "80 80 100 100"},
		{10, []int{0, 10}, "100"},
		{10, []int{9, 10, 9, 8, 9}, "100"},
		{1, []int{0, 1, 0, 1}, "100 100"},
		{4, []int{0, 3, 4}, "100"},
		{5, []int{0, 3, 4, 5}, "80 100"},
	} {
		said := ""
		for i, used := range c.path[1:] {
			if percent, up := crossed(capped(c.cap, c.path[i]).On(today), capped(c.cap, used).On(today)); up {
				said += fmt.Sprint(" ", percent)
			}
		}
		if said != " "+c.told {
			t.Errorf("a cap of %d by way of %v tells of%s, want %s", c.cap, c.path, said, c.told)
		}
	}
	none := Gauge{Used: 10}
	if percent, up := crossed(none.On(today), capped(10, 10).On(today)); up {
		t.Errorf("a licence that comes back tells of %d %%", percent)
	}
	if percent, up := crossed(none.On(today), capped(5, 10).On(today)); !up || percent != 100 {
		t.Errorf("a new licence that is too small tells of %d, %t", percent, up)
	}
	if percent, up := crossed(capped(10, 10).On(today), capped(5, 10).On(today)); !up || percent != 100 {
		t.Errorf("a cap that falls below what is used tells of %d, %t", percent, up)
	}
}

func TestStandings(t *testing.T) {
	t.Parallel()
	yesterday, tomorrow := today.AddDays(-1), today.AddDays(1)
	for name, c := range map[string]struct {
		funds []Fund
		want  Reason
	}{
		"no licence":                           {nil, NoLicence},
		"a licence without end":                {[]Fund{{Seats: 1}}, ""},
		"a licence that ends tomorrow":         {[]Fund{{Until: tomorrow}}, ""},
		"a licence that ends today":            {[]Fund{{Until: today}}, LicenceEnded},
		"one that ended and one that runs":     {[]Fund{{Until: yesterday}, {}}, ""},
		"a suspended one":                      {[]Fund{{Suspended: true}}, LicenceSuspended},
		"a suspended one beside another":       {[]Fund{{Suspended: true}, {}}, ""},
		"a suspended one that ended":           {[]Fund{{Suspended: true, Until: today}}, LicenceEnded},
		"a suspended one after one that ended": {[]Fund{{Until: yesterday}, {Suspended: true, Until: tomorrow}}, LicenceSuspended},
	} {
		if got := standing(c.funds).Why(today); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The gauges' funds and the roster's standings come from the same row, and a holding's units count per module.
func TestFundsComeFromTheCustomersRow(t *testing.T) {
	t.Parallel()
	held := []customer.Holding{
		{LicenceID: "lic_b", Quantity: 3, Status: licence.Active, Modules: map[string]int{"expenses": 2, "payroll": 1}},
		{LicenceID: "lic_a", Quantity: 4, Status: licence.Suspended, EndsOn: today, Modules: map[string]int{"expenses": 1}},
	}
	funds := fundsOf(held)
	want := map[string][]Fund{
		"expenses": {{"lic_b", 6, calendar.Date{}, false}, {"lic_a", 4, today, true}},
		"payroll":  {{"lic_b", 3, calendar.Date{}, false}},
	}
	if fmt.Sprint(funds) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", funds, want)
	}
}
