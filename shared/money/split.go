package money

import (
	"cmp"
	"slices"
)

// Split shares m out by weights, by largest remainder: every share is the exact one rounded down or up
// to a minor unit, and the shares add up to m. Of two equal remainders the earlier is rounded up. A
// negative amount is split like the positive one. A weight of zero gets nothing; weights that are
// negative, or none of which is positive, are a programming error that panics.
func Split(m Money, weights []int64) []Money {
	total := sum(weights)
	shares := make([]uint64, len(weights))
	rests := make([]uint64, len(weights))
	byRest := make([]int, len(weights))
	left := abs(m.Amount)
	for i, w := range weights {
		shares[i], rests[i] = mulDiv(abs(m.Amount), uint64(w), total)
		left -= shares[i]
		byRest[i] = i
	}
	slices.SortStableFunc(byRest, func(i, j int) int { return cmp.Compare(rests[j], rests[i]) })
	for _, i := range byRest[:left] {
		shares[i]++
	}
	split := make([]Money, len(weights))
	for i, share := range shares {
		split[i] = Money{signed(share, m.Amount < 0), m.Currency}
	}
	return split
}

func sum(weights []int64) uint64 {
	var total int64
	for _, w := range weights {
		if w < 0 {
			panic("money: split by a negative weight")
		}
		if total += w; total < 0 {
			panic("money: overflow of the weights")
		}
	}
	if total == 0 {
		panic("money: split without weights")
	}
	return uint64(total)
}
