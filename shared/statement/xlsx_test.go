package statement_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/language"

	"comptoir/shared/statement"
)

// F6: the formulas of the workbook give what the JSON says, and so do the values beside them.
func TestXLSXReckonsTheSameTotals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s statement.Statement, lang language.Tag) {
		f, err := excelize.OpenReader(bytes.NewReader(written(t, statement.WriteXLSX, s, lang)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		name := f.GetSheetList()[0]
		rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		want, check, formulas := totals(statement.Show(s)), 0, 0
		for i, row := range rows {
			if len(row) < 2 || row[1] == "" {
				continue
			}
			at := fmt.Sprint("B", i+1)
			stored, err := strconv.ParseFloat(row[1], 64)
			if err != nil {
				continue // an address
			}
			reckoned := row[1]
			if formula, _ := f.GetCellFormula(name, at); formula != "" {
				formulas++
				if reckoned, err = f.CalcCellValue(name, at, excelize.Options{RawCellValue: true}); err != nil {
					t.Fatalf("%s: %v", formula, err)
				}
			}
			value, err := strconv.ParseFloat(reckoned, 64)
			switch {
			case err != nil || math.Abs(value-stored) > 1e-6:
				t.Errorf("%s: %v is reckoned as %s: %v", at, stored, reckoned, err)
			case len(want) == 0:
				check++
				if stored != 0 {
					t.Errorf("the check says %v", stored)
				}
			default:
				if major := strings.Fields(want[0].String())[0]; !same(major, stored) {
					t.Errorf("%s %s: %v, want %v", at, row[0], stored, major)
				}
				want = want[1:]
			}
		}
		if len(want) != 0 || check != 1 || formulas != 9 {
			t.Errorf("%d totals are missing; %d checks, %d formulas", len(want), check, formulas)
		}
	})
}

// same tells whether digits and a number of a spreadsheet are the same.
func same(digits string, n float64) bool {
	m, err := strconv.ParseFloat(digits, 64)
	return err == nil && m == n
}

// Whoever prints or scrolls keeps the header in sight.
func TestSheetsKeepTheirHeader(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(written(t, statement.WriteXLSX, usual(40), language.English)))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Summary", "Sales", "Payments and commissions", "Payouts"}) {
		t.Errorf("sheets %q", got)
	}
	for _, name := range f.GetSheetList()[1:] {
		panes, err := f.GetPanes(name)
		if err != nil || !panes.Freeze || panes.YSplit != 2 {
			t.Errorf("%s: %+v, %v", name, panes, err)
		}
		props, err := f.GetSheetProps(name)
		if err != nil || props.FitToPage == nil || !*props.FitToPage {
			t.Errorf("%s isn't as wide as the page: %v", name, err)
		}
		repeated := slices.ContainsFunc(f.GetDefinedName(), func(d excelize.DefinedName) bool {
			return d.Name == "_xlnm.Print_Titles" && d.Scope == name && strings.HasSuffix(d.RefersTo, "!$1:$2")
		})
		if !repeated {
			t.Errorf("%s: no header is repeated", name)
		}
	}
}
