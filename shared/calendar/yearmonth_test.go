package calendar_test

import (
	"encoding/json"
	"testing"

	"comptoir/shared/calendar"
)

func TestAMonthKnowsItsDays(t *testing.T) {
	t.Parallel()
	for text, last := range map[string]string{"2024-02": "2024-02-29", "2025-02": "2025-02-28", "2025-12": "2025-12-31", "2026-04": "2026-04-30"} {
		m, err := calendar.ParseYearMonth(text)
		if err != nil || m.String() != text || m.First().String() != text+"-01" || m.Last().String() != last || m.End() != m.Last().AddDays(1) {
			t.Errorf("%s is %v from %v to %v (%v)", text, m, m.First(), m.Last(), err)
		}
		if calendar.YearMonthOf(m.Last()) != m || m.Add(1) != calendar.YearMonthOf(m.End()) || m.Add(13).Add(-13) != m || !m.Before(m.Add(1)) {
			t.Errorf("%s doesn't follow the months before it", text)
		}
	}
}

func TestAMonthIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "2026", "2026-13", "2026-1", "26-01", "2026-01-01", "0000-01", "2026-00", " 2026-01"} {
		if m, err := calendar.ParseYearMonth(text); err == nil {
			t.Errorf("%q is read as %v", text, m)
		}
	}
	type holder struct{ M, None calendar.YearMonth }
	m, _ := calendar.ParseYearMonth("2026-03")
	b, err := json.Marshal(holder{M: m})
	if err != nil || string(b) != `{"M":"2026-03","None":""}` {
		t.Fatal(string(b), err)
	}
	var back holder
	if err := json.Unmarshal(b, &back); err != nil || back != (holder{M: m}) {
		t.Error(back, err)
	}
}
