package identifier

import (
	"errors"
	"regexp"
	"strings"
)

var (
	errIBAN = errors.New("an IBAN has two letters for the country, two check digits and the account as the country writes it")
	errBIC  = errors.New("a BIC has eight or eleven letters and digits, of which the fifth and sixth name the country")
)

// ibanLengths are how long IBANs are by country, as SWIFT's registry of IBANs lists them.
var ibanLengths = lengths(
	"AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 " +
		"GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 " +
		"MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 " +
		"SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30",
)

func lengths(list string) map[string]int {
	all := map[string]int{}
	for entry := range strings.FieldsSeq(list) {
		all[entry[:2]] = int(entry[2]-'0')*10 + int(entry[3]-'0')
	}
	return all
}

// sepa are the countries of the Single Euro Payments Area by the letters of their IBANs, as the European Payments Council lists them. What
// belongs to one of them without letters of its own, such as Åland or Jersey, has that one's.
const sepa = "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA"

// IBAN returns an international account number in capital letters without spaces (ISO 13616): of the length that its country gives it, with
// check digits that fit. An error's text can be shown.
func IBAN(s string) (string, error) {
	iban := strings.Map(asciiUpper, unspaced(s))
	if !ibanForm.MatchString(iban) || len(iban) != ibanLengths[iban[:2]] {
		return "", errIBAN
	}
	if check := iban[2:4]; check < "02" || check > "98" || remainder(iban[4:]+iban[:4]) != 1 {
		return "", errIBAN
	}
	return iban, nil
}

var ibanForm = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$`)

// remainder is what remains of a number after division by 97, each letter standing for two digits: A for 10, Z for 35 (ISO 7064).
func remainder(s string) int {
	n := 0
	for i := range len(s) {
		if c := int(s[i]); c >= 'A' {
			n = (n*100 + c - 'A' + 10) % 97
		} else {
			n = (n*10 + c - '0') % 97
		}
	}
	return n
}

// InSEPA tells whether a country, by the first two letters of an IBAN, is in the Single Euro Payments Area.
func InSEPA(country string) bool {
	return len(country) == 2 && !strings.Contains(country, " ") && strings.Contains(sepa, country)
}

// Last4 is what may be shown of an account: the last four characters of its IBAN.
func Last4(iban string) string { return iban[max(0, len(iban)-4):] }

// BIC returns the code of a bank in capital letters without spaces (ISO 9362): eight characters, or eleven with the branch. An error's text
// can be shown.
func BIC(s string) (string, error) {
	bic := strings.Map(asciiUpper, unspaced(s))
	if !bicForm.MatchString(bic) || bic[4:6] != "XK" && !isCountry(bic[4:6]) { // Kosovo has a code of its own in ISO 9362 alone
		return "", errBIC
	}
	return bic, nil
}

var bicForm = regexp.MustCompile(`^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$`)
