package money_test

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"comptoir/shared/money"
)

func eur(cents int64) money.Money { return money.Money{Amount: cents, Currency: "EUR"} }

// panics tells whether f does.
func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// The example of the rule "Cancellation window".
func TestRefundIsThePriceLessTheDaysUsed(t *testing.T) {
	t.Parallel()
	paid := eur(120_00).Times(10)
	kept := paid.Portion(5, 365)
	if refund := paid.Sub(kept); kept != eur(16_44) || refund != eur(1183_56) {
		t.Errorf("kept %v, refunded %v; want 16.44 and 1183.56", kept, refund)
	}
}

func TestPortionRoundsHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                      string
		amount, part, whole, want int64
	}{
		{"under a half", 149, 1, 100, 1},
		{"a half", 150, 1, 100, 2},
		{"a half of an even amount", 250, 1, 100, 3},
		{"a half, negative", -150, 1, 100, -2},
		{"a half, negative part", 150, -1, 100, -2},
		{"a half, both negative", -150, -1, 100, 2},
		{"under a half of an odd whole", 1, 1, 3, 0},
		{"over a half of an odd whole", 2, 1, 3, 1},
		{"VAT of 20 %", 1183_56, 2000, 10_000, 236_71},
		{"a product beyond 64 bits", math.MaxInt64, math.MaxInt64 - 1, math.MaxInt64, math.MaxInt64 - 1},
		{"the least amount", math.MinInt64, 1, 1, math.MinInt64},
		{"the least part", 1, math.MinInt64, math.MaxInt64, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := eur(c.amount).Portion(c.part, c.whole); got != eur(c.want) {
				t.Errorf("%d × %d / %d = %v, want %v", c.amount, c.part, c.whole, got, eur(c.want))
			}
		})
	}
}

func TestPortionIsThatOfBigNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount, part := rapid.Int64().Draw(t, "amount"), rapid.Int64().Draw(t, "part")
		whole := rapid.Int64Range(1, math.MaxInt64).Draw(t, "whole")
		if rapid.Bool().Draw(t, "on a half") {
			amount, part, whole = amount/2, 1, 2
		}
		// Half away from zero: (2 × |amount × part| + whole) / (2 × whole), rounded down, with its sign.
		product := new(big.Int).Mul(big.NewInt(amount), big.NewInt(part))
		want := new(big.Int).Abs(product)
		want.Add(want.Lsh(want, 1), big.NewInt(whole)).Quo(want, new(big.Int).Lsh(big.NewInt(whole), 1))
		want.Mul(want, big.NewInt(int64(product.Sign())))

		var got money.Money
		overflow := panics(func() { got = eur(amount).Portion(part, whole) })
		switch {
		case overflow != !want.IsInt64():
			t.Fatalf("%d × %d / %d panics: %t, want %v", amount, part, whole, overflow, want)
		case !overflow && got != eur(want.Int64()):
			t.Fatalf("%d × %d / %d = %v, want %v", amount, part, whole, got, want)
		case !overflow && amount > math.MinInt64 && want.Int64() > math.MinInt64 &&
			eur(-amount).Portion(part, whole) != got.Neg():
			t.Fatalf("%d × %d / %d isn't symmetrical", amount, part, whole)
		}
	})
}

func TestSumsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := eur(rapid.Int64().Draw(t, "a")), eur(rapid.Int64().Draw(t, "b"))
		want := new(big.Int).Add(big.NewInt(a.Amount), big.NewInt(b.Amount))
		var got money.Money
		overflow := panics(func() { got = a.Add(b) })
		switch {
		case overflow != !want.IsInt64():
			t.Fatalf("%v + %v panics: %t", a, b, overflow)
		case !overflow && (got != eur(want.Int64()) || got != money.Sum(b, a)):
			t.Fatalf("%v + %v = %v", a, b, got)
		case !overflow && b.Amount > math.MinInt64 && got.Sub(b) != a:
			t.Fatalf("%v + %v - %v = %v", a, b, b, got.Sub(b))
		}
	})
}

func TestProductsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		price, n := rapid.Int64().Draw(t, "price"), rapid.Int64().Draw(t, "n")
		want := new(big.Int).Mul(big.NewInt(price), big.NewInt(n))
		var got money.Money
		overflow := panics(func() { got = eur(price).Times(n) })
		if overflow != !want.IsInt64() || !overflow && got != eur(want.Int64()) {
			t.Fatalf("%d × %d = %v (panics: %t), want %v", n, price, got, overflow, want)
		}
	})
	if got := eur(1e12).Times(100_000); got != eur(1e17) {
		t.Errorf("the dearest order costs %v", got)
	}
}

func TestNoAmountIsNeutral(t *testing.T) {
	t.Parallel()
	var none money.Money
	price, free := eur(120_00), eur(0)
	for name, got := range map[string]money.Money{
		"before": none.Add(price), "after": price.Add(none), "less": price.Sub(none), "in a sum": money.Sum(none, price, none),
		"of nothing": none.Sub(price.Neg()), "free": price.Add(free),
	} {
		if got != price {
			t.Errorf("%s: %v, want %v", name, got, price)
		}
	}
	if money.Sum() != none || none.Neg() != none || none.Times(3) != none {
		t.Error("nothing, any number of times, isn't nothing")
	}
	if got := none.Add(free); got != free {
		t.Errorf("0 EUR lost its currency: %v", got)
	}
}

func TestProgrammingErrorsPanicWithTheirText(t *testing.T) {
	t.Parallel()
	yen := money.Money{Amount: 1, Currency: "JPY"}
	for _, c := range []struct {
		name, text string
		f          func()
	}{
		{"add currencies", `money: adding "JPY" to "EUR"`, func() { eur(1).Add(yen) }},
		{"subtract currencies", `money: adding "JPY" to "EUR"`, func() { eur(1).Sub(yen) }},
		{"add no currency", `money: adding "" to "EUR"`, func() { eur(1).Add(money.Money{Amount: 1}) }},
		{"add nothing in yen", `money: adding "JPY" to "EUR"`, func() { eur(1).Add(money.Money{Currency: "JPY"}) }},
		{"sum up currencies", `money: adding "EUR" to "JPY"`, func() { money.Sum(yen, eur(1)) }},
		{"overflow of a product", "money: overflow", func() { eur(math.MaxInt64).Times(2) }},
		{"overflow of the least", "money: overflow", func() { eur(math.MinInt64).Neg() }},
		{"overflow by rounding up", "money: overflow", func() { eur(math.MaxInt64).Portion(math.MaxInt64, math.MaxInt64-1) }},
		{"overflow of 2^64 - 1 and a half", "money: overflow", func() { eur(1190112520884487201).Portion(31, 2) }},
		{"whole of zero", "money: portion of a whole of 0", func() { eur(1).Portion(1, 0) }},
		{"negative whole", "money: portion of a whole of -1", func() { eur(1).Portion(1, -1) }},
		{"split without weights", "money: split without weights", func() { money.Split(eur(1), nil) }},
		{"split by zeros", "money: split without weights", func() { money.Split(eur(1), []int64{0, 0}) }},
		{"split by a negative weight", "money: split by a negative weight", func() { money.Split(eur(1), []int64{2, -1}) }},
		{"overflow of the weights", "money: overflow of the weights", func() { money.Split(eur(1), []int64{math.MaxInt64, 1}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := recover(); got != c.text {
					t.Errorf("panic %v, want %q", got, c.text)
				}
			}()
			c.f()
		})
	}
}

func TestSplitIsByLargestRemainder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		amount  int64
		weights []int64
		want    []int64
	}{
		{"evenly", 100, []int64{1, 1}, []int64{50, 50}},
		{"ties go to the earlier", 100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{"two units left", 101, []int64{1, 1, 1}, []int64{34, 34, 33}},
		{"the larger remainder first", 100, []int64{1, 2}, []int64{33, 67}},
		{"negative amounts alike", -100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		{"nothing for no weight", 100, []int64{0, 3, 0, 3, 3}, []int64{0, 34, 0, 33, 33}},
		{"fewer units than shares", 2, []int64{1, 1, 1}, []int64{1, 1, 0}},
		{"nothing", 0, []int64{1, 2}, []int64{0, 0}},
		{"the least amount", math.MinInt64, []int64{0, 5}, []int64{0, math.MinInt64}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := money.Split(eur(c.amount), c.weights)
			if len(got) != len(c.want) {
				t.Fatalf("%d shares, want %d", len(got), len(c.want))
			}
			for i, want := range c.want {
				if got[i] != eur(want) {
					t.Errorf("share %d is %v, want %v", i, got[i], eur(want))
				}
			}
		})
	}
}

func TestSplitIsExactAndFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := eur(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "amount"))
		if rapid.Bool().Draw(t, "small") {
			m.Amount %= 1000
		}
		weights := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(0, math.MaxInt64/20)), 1, 20).Draw(t, "weights")
		weights[rapid.IntRange(0, len(weights)-1).Draw(t, "positive")]++
		total := new(big.Int)
		for _, w := range weights {
			total.Add(total, big.NewInt(w))
		}

		split := money.Split(m, weights)
		if len(split) != len(weights) || money.Sum(split...) != m {
			t.Fatalf("%v by %v: %v adds up to %v", m, weights, split, money.Sum(split...))
		}
		// Compared as fractions of a minor unit of the total weight: no rounding here.
		gain := func(i int) *big.Int {
			exact := new(big.Int).Mul(big.NewInt(m.Amount), big.NewInt(weights[i]))
			got := new(big.Int).Mul(big.NewInt(split[i].Amount), total)
			return got.Sub(got, exact).Mul(got, big.NewInt(int64(sign(m.Amount))))
		}
		for i := range split {
			if gain(i).CmpAbs(total) >= 0 {
				t.Fatalf("%v by %v: share %d is %v, a whole unit off", m, weights, i, split[i])
			}
			for j := range split {
				// Whoever was rounded up had at least the remainder of whoever was rounded down.
				if gain(i).Sign() > 0 && gain(j).Sign() < 0 {
					remainder := new(big.Int).Sub(total, gain(i))
					if order := remainder.CmpAbs(gain(j)); order < 0 || order == 0 && i > j {
						t.Fatalf("%v by %v: share %d was rounded up before share %d: %v", m, weights, i, j, split)
					}
				}
			}
		}
		for i, share := range money.Split(m.Neg(), weights) {
			if share != split[i].Neg() {
				t.Fatalf("%v by %v isn't symmetrical in share %d", m, weights, i)
			}
		}
	})
}

func sign(n int64) int {
	if n < 0 {
		return -1
	}
	return 1
}

func TestStringShowsMajorUnits(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]money.Money{
		"120.00 EUR":                {Amount: 120_00, Currency: "EUR"},
		"0.05 EUR":                  {Amount: 5, Currency: "EUR"},
		"-0.05 EUR":                 {Amount: -5, Currency: "EUR"},
		"-1183.56 EUR":              {Amount: -1183_56, Currency: "EUR"},
		"120 JPY":                   {Amount: 120, Currency: "JPY"},
		"0 XOF":                     {Amount: 0, Currency: "XOF"},
		"1.234 TND":                 {Amount: 1234, Currency: "TND"},
		"0.0001 CLF":                {Amount: 1, Currency: "CLF"},
		"-92233720368547758.08 EUR": {Amount: math.MinInt64, Currency: "EUR"},
		"0.00":                      {},
	} {
		if got := m.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestJSONIsMinorUnitsAndCode(t *testing.T) {
	t.Parallel()
	const want = `{"amount":12000,"currency":"EUR"}`
	if got, err := json.Marshal(eur(120_00)); err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
