package statement

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

// WriteCSV writes a statement as one table that spreadsheets of the language open as it is. The first column says which part of
// the statement a row is of; the others are those of all parts, empty where a part has no such column. Amounts are in major
// units. Errors are those of w.
func WriteCSV(w io.Writer, s Statement, lang language.Tag) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if phrase.Spoken(lang) == language.French {
		out.Comma = ';'
	}
	all := append(s.tables(), s.summarised())
	header := []string{phrase.Say("Section").In(lang), phrase.Say("Currency").In(lang)}
	at := map[string]int{} // where a column stands, by its title
	for _, t := range all {
		for _, c := range t.columns {
			if title := c.title.In(lang); at[title] == 0 {
				at[title] = len(header)
				header = append(header, title)
			}
		}
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, t := range all {
		row := make([]string, len(header))
		row[0], row[1] = t.title.In(lang), s.Currency
		places := make([]int, len(t.columns))
		for i, c := range t.columns {
			places[i] = at[c.title.In(lang)]
		}
		for r := range t.rows {
			for i, place := range places {
				row[place] = s.csvCell(t.cell(r, i), lang)
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// summarised is the summary as a table.
func (s Statement) summarised() table {
	var entries []entry
	for _, g := range s.summary() {
		entries = append(entries, g.entries...)
	}
	return tabulate(s, phrase.Say("Summary"), entries, nil, []shown[entry]{
		{column{title: phrase.Say("Kind")}, func(e entry) any { return e.title }},
		{column{title: phrase.Say("Amount"), kind: amount}, func(e entry) any { return e.amount }},
	})
}

// csvCell is a value as programs read it. Text that a spreadsheet would take for a formula is quoted.
func (s Statement) csvCell(v any, lang language.Tag) string {
	switch v := v.(type) {
	case calendar.Date:
		return dated(v, lang)
	case number:
		return v.in(lang)
	case money.Money:
		return amountOf(v, s.Currency).in(lang)
	}
	text := said(v, lang)
	if strings.IndexAny(strings.TrimLeftFunc(text, unicode.IsSpace), "=+-@＝＋－＠") == 0 { // the wide ones are signs, too, where people write so
		return "'" + text
	}
	return text
}
