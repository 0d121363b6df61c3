package licence_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
)

// lived is a licence to which some things have happened, a worker coming or not, and a moment after the last of them.
func lived(t *rapid.T) (licence.Licence, licence.Moment) {
	m := later(at("2023-11-14 10:00"), rapid.Int64Range(0, 200_000_000).Draw(t, "start"))
	l, _, err := licence.Take(anyOrder(t), rapid.SampledFrom(plans()).Draw(t, "plan"), m)
	if err != nil {
		t.Fatal(err)
	}
	for range rapid.IntRange(0, 6).Draw(t, "operations") {
		m = later(m, anyPause(t))
		l, _, _ = anyOperation(t, m)(l)
		if rapid.IntRange(0, 3).Draw(t, "muted") == 0 {
			l.MutedUntil = m.Today.AddDays(rapid.IntRange(-5, 60).Draw(t, "for"))
		}
	}
	return l, later(m, anyPause(t))
}

// What fell due is done once: a message that comes again finds nothing to do, until a later day.
func TestWhatFallsDueIsDoneOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, m := lived(t)
		before := textOf(l)
		after, out := l.FallDue(m)
		if textOf(l) != before {
			t.Fatalf("the licence asked was altered:\n%s\n%s", before, textOf(l))
		}
		consistent(t, after, out, m)
		if len(out.Facts) == 0 && textOf(after) != before {
			t.Fatalf("it was altered, and nobody is told:\n%s\n%s", before, textOf(after))
		}
		if next := after.DueOn(); !next.IsZero() && !next.After(m.Today) {
			t.Fatalf("due on %v though worked off on %v: %s", next, m.Today, textOf(after))
		}
		again, nothing := after.FallDue(later(m, rapid.Int64Range(0, secondsLeft(m)).Draw(t, "again")))
		if textOf(again) != textOf(after) || len(nothing.Facts)+len(nothing.Lines) > 0 {
			t.Fatalf("done a second time: %v\n%s\n%s", nothing.Facts, textOf(after), textOf(again))
		}
		if n := len(out.Lines); n > 0 {
			paid := eur(0)
			for _, b := range after.Batches {
				paid = paid.Add(b.Paid)
			}
			if paid != out.Lines[n-1].Amount {
				t.Fatalf("the batches hold %v of a charge of %v", paid, out.Lines[n-1].Amount)
			}
		}
	})
}

// secondsLeft is how long the day lasts from a moment on.
func secondsLeft(m licence.Moment) int64 {
	return int64(m.Today.AddDays(1).Start(paris).Sub(m.Now).Seconds()) - 1
}

// A worker that comes in between changes nothing of what a later one would have done, except reminders.
func TestComingMoreOftenChangesNoTerm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, first := lived(t)
		last := later(first, anyPause(t))
		half, early := l.FallDue(first)
		often, late := half.FallDue(last)
		once, all := l.FallDue(last)
		if got, want := slices.Concat(early.Lines, late.Lines), all.Lines; !slices.Equal(got, want) {
			t.Fatalf("charged %v, at once %v", got, want)
		}
		if got, want := terms(often), terms(once); got != want {
			t.Fatalf("it is %s, at once %s", got, want)
		}
		told := slices.Concat(kinds(early), kinds(late))
		isReminder := func(kind string) bool { return kind == licence.Reminded || kind == licence.Muted }
		if got, want := slices.DeleteFunc(told, isReminder), slices.DeleteFunc(kinds(all), isReminder); !slices.Equal(got, want) {
			t.Fatalf("told of %v, at once of %v", got, want)
		}
	})
}

// terms are all that a licence is, except for when that was worked off.
func terms(l licence.Licence) string {
	l.Batches, l.Reminded, l.MutedUntil = nil, calendar.Date{}, calendar.Date{}
	return textOf(l)
}

// A suspension after the end of the term finds what a worker would have made of it.
func TestSuspensionFindsWhatTheWorkerWouldHaveLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, m := lived(t)
		if m.Today.Before(l.End) {
			m = licence.At(l.End.AddDays(rapid.IntRange(0, 100).Draw(t, "days")).Start(paris), paris)
		}
		suspending := suspend(licence.Abuse, licence.PublisherSide, m)
		worked, first := l.FallDue(m)
		want, second, refusal := suspending(worked)
		got, out, err := suspending(l)
		if err != nil || refusal != nil {
			if err == nil || refusal == nil || err.Error() != refusal.Error() {
				t.Fatalf("refused with %v, after the worker with %v", err, refusal)
			}
			return
		}
		if textOf(got) != textOf(want) || !slices.Equal(kinds(out), slices.Concat(kinds(first), kinds(second))) || !slices.Equal(out.Lines, first.Lines) {
			t.Fatalf("it is\n%s\n%v\nafter the worker\n%s\n%v", textOf(got), out.Facts, textOf(want), first.Facts)
		}
	})
}
