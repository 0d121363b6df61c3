package statement

import (
	"io"
	"strconv"
	"strings"
	"unicode"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/go-pdf/fpdf"
	"golang.org/x/text/language"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

// The colours of documents, as RRGGBB.
const (
	ink     = "1F2937"
	softInk = "6B7280"
	tint    = "EEF2F6"
	warning = "FDE68A"
	hair    = "D8DEE6"
)

// WritePDF writes a statement as a document on A4: a first page with all that matters, then the details across. The same
// statement gives the same bytes. The day on which it was made is that of MadeAt in its own zone. Letters that the font lacks
// are boxes; the other documents have them.
func WritePDF(w io.Writer, s Statement, lang language.Tag) error {
	p := &paper{Fpdf: fpdf.New("P", "mm", "A4", ""), s: s, lang: lang}
	p.SetCatalogSort(true)
	p.SetCreationDate(s.MadeAt.UTC())
	p.SetModificationDate(s.MadeAt.UTC())
	p.SetProducer("Comptoir", true)
	p.SetTitle(p.say(s.title())+" – "+phrase.Month(s.Period).In(lang), true)
	p.SetAuthor(p.say(s.Publisher.LegalName), true)
	p.SetLang(phrase.Spoken(lang).String())
	p.AddUTF8FontFromBytes("sans", "", liberationsansregular.TTF)
	p.AddUTF8FontFromBytes("sans", "B", liberationsansbold.TTF)
	p.SetAutoPageBreak(false, 0)
	p.SetLineWidth(0.2)
	p.SetHeaderFunc(p.top)
	p.SetFooterFunc(p.bottom)
	p.AliasNbPages(pages)
	p.cover()
	for _, t := range s.tables() {
		p.detail(t)
	}
	return p.Output(w)
}

// paper is a document that is being written. Lengths are in millimetres, sizes of letters in points.
type paper struct {
	*fpdf.Fpdf
	s    Statement
	lang language.Tag
	used bool // whether the page has a table already
}

// pages stands for how many there are, until that is known. No text that is said holds it.
const pages = "\x02pages\x02"

const (
	coverMargin  = 20
	detailMargin = 11
	bandHeight   = 8 // of the banner
)

// top is the banner of a provisional statement.
func (p *paper) top() {
	if !p.s.Provisional() {
		return
	}
	width, _ := p.GetPageSize()
	p.fill(warning)
	p.Rect(0, 0, width, bandHeight, "F")
	p.letters("B", 9, ink)
	p.SetXY(0, 0)
	p.CellFormat(width, bandHeight, p.say(p.s.banner()), "", 0, "C", false, 0, "")
}

// bottom is the foot of a page: whose statement it is, and which page.
func (p *paper) bottom() {
	width, height := p.GetPageSize()
	margin, _, _, _ := p.GetMargins()
	p.letters("", 7, softInk)
	p.SetXY(margin, height-11)
	text := p.say(p.s.title()) + " · " + phrase.Month(p.s.Period).In(p.lang) + " · " + p.say(p.s.Partner.LegalName)
	p.CellFormat(width-2*margin-30, 4, p.cut(text, width-2*margin-30), "", 0, "L", false, 0, "")
	// Set from the left: how wide the number of pages is isn't known yet.
	p.SetX(width - margin - 20)
	p.CellFormat(20, 4, phrase.Say("Page %d of %s", p.PageNo(), phrase.Name(pages)).In(p.lang), "", 0, "L", false, 0, "")
}

// cover is the first page.
func (p *paper) cover() {
	p.SetMargins(coverMargin, coverMargin, coverMargin)
	p.AddPage()
	p.SetXY(coverMargin, coverMargin)
	const width = 210 - 2*coverMargin
	p.letters("B", 20, ink)
	p.CellFormat(width, 10, p.cut(p.say(p.s.title()), width), "", 1, "L", false, 0, "")
	p.letters("", 11, softInk)
	made := phrase.Say("%s, made out on %s", phrase.Month(p.s.Period), phrase.Day(calendar.On(p.s.MadeAt, p.s.MadeAt.Location())))
	p.CellFormat(width, 6, p.say(made), "", 1, "L", false, 0, "")
	p.Ln(8)
	y := p.GetY()
	left := p.party(phrase.Say("Publisher"), block(p.s.Publisher.Party, p.lang), coverMargin, y)
	right := p.party(phrase.Say("Partner"), block(p.s.Partner.Party, p.lang), coverMargin+width/2+5, y)
	p.SetY(max(left, right) + 8)

	groups := p.s.summary()
	for _, g := range groups[:2] {
		p.group(g, coverMargin, width)
		p.Ln(7)
	}
	p.payout(groups[2], width)
}

// party sets an organisation's block and tells where it ends.
func (p *paper) party(title phrase.Text, lines []string, x, y float64) float64 {
	const width = (210-2*coverMargin)/2 - 5
	p.SetXY(x, y)
	p.letters("", 8, softInk)
	p.CellFormat(width, 5, p.say(title), "", 2, "L", false, 0, "")
	for i, l := range lines {
		style, most := "", 2
		if i == 0 {
			style, most = "B", 4
		}
		p.letters(style, 9.5, ink)
		for _, part := range p.wrap(p.say(l), width, most) {
			p.SetX(x)
			p.CellFormat(width, 4.8, part, "", 2, "L", false, 0, "")
		}
	}
	return p.GetY()
}

// group sets a part of the summary.
func (p *paper) group(g group, x, width float64) {
	const high = 6.6
	p.SetX(x)
	p.letters("B", 11, ink)
	p.CellFormat(width, high+1, p.say(g.title), "", 1, "L", false, 0, "")
	for _, e := range g.entries {
		style, rule := "", hair
		if e.total {
			style, rule = "B", ink
		}
		p.line(rule, x, width)
		p.letters(style, 9.5, ink)
		if e.key == pending {
			p.letters("", 9, softInk)
		}
		p.SetX(x)
		p.CellFormat(width-45, high, p.say(e.title), "", 0, "L", false, 0, "")
		p.CellFormat(45, high, p.figure(e.amount), "", 1, "R", false, 0, "")
	}
}

// payout sets what is paid, with the tax on it and what has to be said of it.
func (p *paper) payout(g group, width float64) {
	const inner = 6
	y := p.GetY()
	if p.s.Payout.Net.Amount == 0 {
		g.entries = nil
	}
	p.letters("", 9, ink)
	paying := p.wrap(p.say(p.s.paying()), width-2*inner, 2)
	high := 2*inner - 2 + 7.6 + 6.6*float64(len(g.entries)) + 4.8*float64(len(paying)) + 2
	p.fill(tint)
	p.RoundedRect(coverMargin, y, width, high, 2, "1234", "F")
	p.SetY(y + inner - 2)
	p.group(g, coverMargin+inner, width-2*inner)
	p.Ln(2)
	p.letters("", 9, ink)
	p.lines(paying, coverMargin+inner, width-2*inner, 4.8)
	p.SetY(y + high + 4)
	for _, m := range p.s.mentions() {
		p.letters("", 8, softInk)
		p.lines(p.wrap(p.say(m), width, 4), coverMargin, width, 4.2)
	}
}

// Of the details, which are set across.
const (
	rowHeight  = 5.2
	headHeight = 6.4
	across     = 297 - 2*detailMargin
	lastY      = 210 - 16
)

// detail sets a table, with its header on every page.
func (p *paper) detail(t table) {
	if !p.used || p.GetY() > lastY-10*rowHeight {
		p.turn()
	} else {
		p.Ln(9)
	}
	p.used = true
	p.letters("B", 12, ink)
	p.CellFormat(across, 9, p.say(t.title), "", 1, "L", false, 0, "")
	p.head(t)
	for r := range t.rows {
		if p.GetY()+rowHeight > lastY {
			p.turn()
			p.head(t)
		}
		p.letters("", 7, ink)
		p.row(t, rowHeight, func(i int) any { return t.cell(r, i) })
		p.line(hair, detailMargin, t.width())
	}
	if t.rows == 0 {
		p.letters("", 8, softInk)
		p.CellFormat(across, rowHeight+1, phrase.Say("Nothing in this period.").In(p.lang), "", 1, "L", false, 0, "")
		return
	}
	if p.GetY()+headHeight > lastY {
		p.turn()
		p.head(t)
	}
	p.line(ink, detailMargin, t.width())
	p.letters("B", 7, ink)
	p.row(t, headHeight, func(i int) any {
		if total, ok := t.totals[i]; ok {
			return total
		}
		if i == 0 {
			return phrase.Say("Total")
		}
		return nil
	})
}

// turn begins a page across.
func (p *paper) turn() {
	p.AddPageFormat("L", p.GetPageSizeStr("A4"))
	p.SetMargins(detailMargin, detailMargin+2, detailMargin)
	p.SetXY(detailMargin, detailMargin+2)
}

func (p *paper) head(t table) {
	p.fill(tint)
	p.Rect(detailMargin, p.GetY(), t.width(), headHeight, "F")
	p.letters("B", 7, ink)
	p.row(t, headHeight, func(i int) any { return t.columns[i].title })
}

// row sets one value for every column that has a width.
func (p *paper) row(t table, high float64, value func(column int) any) {
	for i, c := range t.columns {
		if c.width == 0 {
			continue
		}
		align, text := "L", ""
		switch v := value(i).(type) {
		case money.Money:
			text = p.figure(v)
		case number:
			text = v.in(p.lang)
		case calendar.Date:
			text = dated(v, p.lang)
		default:
			text = p.say(v)
			if c.kind < days {
				text = p.cut(text, c.width-2)
			}
		}
		if c.kind >= count {
			align = "R"
		}
		size, _ := p.GetFontSize()
		if wide := p.GetStringWidth(text); wide > c.width-2 && c.kind >= count {
			p.SetFontSize(size * (c.width - 2) / wide) // no digit is ever cut
		}
		p.CellFormat(c.width, high, text, "", 0, align+"M", false, 0, "")
		p.SetFontSize(size)
	}
	p.Ln(high)
}

func (p *paper) lines(texts []string, x, width, high float64) {
	for _, text := range texts {
		p.SetX(x)
		p.CellFormat(width, high, text, "", 1, "L", false, 0, "")
	}
}

// figure is an amount as people write it.
func (p *paper) figure(m money.Money) string {
	return strings.ReplaceAll(phrase.Amount{Amount: m.Amount, Currency: p.s.Currency}.In(p.lang), "\u202f", "\u00a0")
}

// say is a text in letters that the font may have.
func (p *paper) say(v any) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r <= '~':
			return r
		case r > 0xFFFF:
			return '□'
		case r == '\u202f':
			return '\u00a0'
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
			return -1
		}
		return r
	}, said(v, p.lang))
}

// cut is the beginning of a text that fits.
func (p *paper) cut(text string, width float64) string {
	if p.GetStringWidth(text) <= width {
		return text
	}
	left := width - p.GetStringWidth("…")
	for i, r := range text {
		if left -= p.GetStringWidth(string(r)); left < 0 {
			return strings.TrimRight(text[:i], " ") + "…"
		}
	}
	return text
}

// wrap are the lines of a text, which is cut after the most that there may be.
func (p *paper) wrap(text string, width float64, most int) []string {
	lines := p.SplitText(text, width-2)
	if len(lines) > most {
		rest := strings.Join(lines[most-1:], " ")
		lines = append(lines[:most-1], p.cut(rest, width-2))
	}
	return lines
}

func (p *paper) letters(style string, size float64, colour string) {
	p.SetFont("sans", style, size)
	p.SetTextColor(rgb(colour))
}

func (p *paper) fill(colour string) { p.SetFillColor(rgb(colour)) }

// line draws a line at the present height.
func (p *paper) line(colour string, x, width float64) {
	p.SetDrawColor(rgb(colour))
	p.Line(x, p.GetY(), x+width, p.GetY())
}

// rgb are the parts of a colour.
func rgb(colour string) (r, g, b int) {
	n, err := strconv.ParseInt(colour, 16, 32)
	if err != nil {
		panic("statement: no colour: " + colour)
	}
	return int(n >> 16), int(n >> 8 & 0xFF), int(n & 0xFF)
}
