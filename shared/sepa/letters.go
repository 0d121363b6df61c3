package sepa

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// signs are those that all banks know, beside letters and digits without accents and the space (EPC217-08).
const signs = "/-?:().,'+"

// alike are letters and signs that Unicode doesn't take apart.
var alike = strings.NewReplacer(
	"œ", "oe", "Œ", "OE", "æ", "ae", "Æ", "AE", "ß", "ss", "ẞ", "SS", "ø", "o", "Ø", "O", "đ", "d", "Đ", "D", "ð", "d", "Ð", "D",
	"ł", "l", "Ł", "L", "þ", "th", "Þ", "TH", "ı", "i", "’", "'", "‘", "'", "‚", "'", "“", "'", "”", "'", "„", "'", `"`, "'",
	"«", "'", "»", "'", "‹", "'", "›", "'", "`", "'", "–", "-", "—", "-", "‐", "-", "−", "-", "_", "-", "⁄", "/", `\`, "/", "|", "/",
	"&", "+", "€", "EUR", ";", ",", "[", "(", "]", ")", "{", "(", "}", ")", "·", ".", "•", ".",
)

// clean writes a text in the letters that all banks know, and cuts it to so many of them. What has no like becomes a full stop.
func clean(text string, most int) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)), strings.ContainsRune(signs, r):
			return r
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.In(r, unicode.M, unicode.Cf): // accents, and what isn't seen
			return -1
		}
		return '.'
	}, alike.Replace(norm.NFKD.String(alike.Replace(text))))
	plain = strings.Join(strings.Fields(plain), " ")
	return strings.TrimSpace(plain[:min(len(plain), most)])
}
