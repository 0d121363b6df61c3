package statement

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/language"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

// WriteXLSX writes a statement as a workbook: a sheet with the summary, and one for each table. The summary's amounts are formulas
// over the lines, with their values for readers that don't calculate. The same statement gives the same bytes.
func WriteXLSX(w io.Writer, s Statement, lang language.Tag) error {
	b := &workbook{File: excelize.NewFile(), s: s, lang: lang, tables: s.tables(), styles: map[look]int{}}
	defer b.Close() // what it spilled to disk
	made := s.MadeAt.UTC().Format(time.RFC3339)
	b.must(b.SetDocProps(&excelize.DocProperties{
		Title: said(s.title(), lang), Creator: said(s.Publisher.LegalName, lang), LastModifiedBy: "Comptoir",
		Created: made, Modified: made, Language: phrase.Spoken(lang).String(),
	}))
	b.must(b.SetSheetName("Sheet1", b.summaryName()))
	b.must(b.SetDefaultFont("Arial"))
	for _, t := range b.tables {
		b.detail(t)
	}
	b.front()
	if b.err != nil {
		return b.err
	}
	var all bytes.Buffer
	if err := b.Write(&all); err != nil {
		return err
	}
	return ordered(w, all.Bytes())
}

// ordered writes an archive with its files by name. The sheets that are streamed come in any order.
func ordered(w io.Writer, archive []byte) error {
	in, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	slices.SortFunc(in.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, file := range in.File {
		if err := out.Copy(file); err != nil {
			return err
		}
	}
	return out.Close()
}

// workbook is one that is being written; after an error it does nothing more.
type workbook struct {
	*excelize.File
	s      Statement
	lang   language.Tag
	tables []table
	styles map[look]int
	err    error
}

func (b *workbook) must(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *workbook) summaryName() string { return phrase.Say("Summary").In(b.lang) }

// Where the lines of a table begin: under its totals and its header.
const (
	totalsRow = 1
	headerRow = 2
	firstRow  = 3
)

// detail writes the sheet of a table.
func (b *workbook) detail(t table) {
	name := t.title.In(b.lang)
	_, err := b.NewSheet(name)
	b.must(err)
	last := max(firstRow, firstRow+t.rows-1)
	b.must(b.AutoFilter(name, fmt.Sprintf("A%d:%s", headerRow, cellName(len(t.columns)-1, last)), nil))
	b.page(name, "landscape") // after the filter, which resets some of it
	b.define(name, "_xlnm.Print_Titles", fmt.Sprintf("$%d:$%d", totalsRow, headerRow))
	printed := slices.IndexFunc(t.columns, func(c column) bool { return c.width == 0 }) // the columns from there on aren't in the PDF either
	b.define(name, "_xlnm.Print_Area", "$A$1:"+absolute(printed-1, last))
	out, err := b.NewStreamWriter(name)
	if err != nil {
		b.must(err)
		return
	}
	b.must(out.SetPanes(&excelize.Panes{Freeze: true, YSplit: headerRow, TopLeftCell: cellName(0, firstRow), ActivePane: "bottomLeft"}))
	totals, header, row := make([]any, len(t.columns)), make([]any, len(t.columns)), make([]any, len(t.columns))
	totals[0] = excelize.Cell{StyleID: b.style(look{bold: true, left: true}), Value: phrase.Say("Total of what is shown").In(b.lang)}
	for i, c := range slices.Backward(t.columns) { // columns set later are written before
		width := c.width
		if width == 0 {
			width = 58 // an id
		}
		b.must(out.SetColWidth(i+1, i+1, width*0.68+3))
		header[i] = excelize.Cell{StyleID: b.style(look{head: true, left: c.kind < count, right: c.kind >= count}), Value: c.title.In(b.lang)}
		if total, ok := t.totals[i]; ok {
			totals[i] = excelize.Cell{
				StyleID: b.style(look{format: b.currency(), bold: true}), Value: amountOf(total, b.s.Currency).float(),
				Formula: fmt.Sprintf("SUBTOTAL(109,%s:%s)", cellName(i, firstRow), cellName(i, last)),
			}
		}
	}
	b.must(out.SetRow("A1", totals, excelize.RowOpts{Height: 20}))
	b.must(out.SetRow("A2", header, excelize.RowOpts{Height: 20}))
	for r := 0; r < t.rows && b.err == nil; r++ {
		for i := range row {
			row[i] = b.cell(t.cell(r, i))
		}
		b.must(out.SetRow(cellName(0, firstRow+r), row))
	}
	b.must(out.Flush())
}

// cell is a value as spreadsheets have it.
func (b *workbook) cell(v any) any {
	switch v := v.(type) {
	case calendar.Date:
		if v.IsZero() {
			return nil
		}
		format := "yyyy-mm-dd"
		if phrase.Spoken(b.lang) == language.French {
			format = "dd/mm/yyyy"
		}
		return excelize.Cell{StyleID: b.style(look{format: format, left: true}), Value: v.Start(time.UTC)}
	case number:
		format := "0"
		if v.places > 0 {
			format += "." + strings.Repeat("0", v.places)
		}
		return excelize.Cell{StyleID: b.style(look{format: format}), Value: v.float()}
	case money.Money:
		return excelize.Cell{StyleID: b.style(look{format: b.currency()}), Value: amountOf(v, b.s.Currency).float()}
	}
	if text := said(v, b.lang); text != "" {
		return excelize.Cell{StyleID: b.style(look{left: true}), Value: text}
	}
	return nil
}

// span is a column of a table's lines, as formulas name it.
func (b *workbook) span(t table, column int) string {
	first, last := cellName(column, firstRow), cellName(column, max(firstRow, firstRow+t.rows-1))
	return fmt.Sprintf("'%s'!%s:%s", t.title.In(b.lang), first, last)
}

// page sets how a sheet is printed: on A4, as wide as the page.
func (b *workbook) page(sheet, orientation string) {
	a4, wide, tall, fit := 9, 1, 0, true
	b.must(b.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &tall}))
	b.must(b.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	b.must(b.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&L&A&R&P / &N"}))
}

// define names cells of a sheet.
func (b *workbook) define(sheet, name, cells string) {
	b.must(b.SetDefinedName(&excelize.DefinedName{Name: name, Scope: sheet, RefersTo: fmt.Sprintf("'%s'!%s", sheet, cells)}))
}

// currency is the number format of amounts.
func (b *workbook) currency() string {
	format := "#,##0"
	if places := money.Decimals(b.s.Currency); places > 0 {
		format += "." + strings.Repeat("0", places)
	}
	symbol := phrase.Symbol(b.s.Currency)
	if phrase.Spoken(b.lang) == language.French || symbol == b.s.Currency {
		return fmt.Sprintf("%s\u00a0%q", format, symbol)
	}
	return fmt.Sprintf("%q%s", symbol, format)
}

// cellName is the name of a cell; the first column is 0, the first row 1.
func cellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row)
	if err != nil {
		panic(err) // there are few columns, and fewer lines than a sheet has
	}
	return name
}

// absolute is the name of a cell wherever it is said.
func absolute(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row, true)
	if err != nil {
		panic(err)
	}
	return name
}

// look is how a cell looks.
type look struct {
	format                                          string
	size                                            float64
	bold, head, left, right, wrap, soft, warn, rule bool
}

func (b *workbook) style(l look) int {
	id, known := b.styles[l]
	if known {
		return id
	}
	style := &excelize.Style{
		Font:      &excelize.Font{Family: "Arial", Size: 10, Bold: l.bold || l.head || l.warn, Color: ink},
		Alignment: &excelize.Alignment{Vertical: "center"},
	}
	if l.size > 0 {
		style.Font.Size = l.size
	}
	if l.format != "" {
		style.CustomNumFmt = &l.format
	}
	if l.left {
		style.Alignment.Horizontal, style.Alignment.Indent = "left", 1
	}
	if l.right {
		style.Alignment.Horizontal = "right"
	}
	if l.wrap {
		style.Alignment.WrapText, style.Alignment.Vertical = true, "top"
	}
	if l.soft {
		style.Font.Color = softInk
	}
	switch {
	case l.head:
		style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{tint}}
		style.Border = []excelize.Border{{Type: "bottom", Color: ink, Style: 1}}
	case l.warn:
		style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{warning}}
	case l.rule:
		style.Border = []excelize.Border{{Type: "top", Color: ink, Style: 1}}
	}
	id, err := b.NewStyle(style)
	b.must(err)
	b.styles[l] = id
	return id
}
