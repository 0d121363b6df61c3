package identifier_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"comptoir/shared/identifier"
)

// registry are the examples of the IBAN registry that SWIFT keeps for ISO 13616, first of the Single Euro Payments Area.
var (
	registry = []string{
		"AD1200012030200359100100", "AL47212110090000000235698741", "AT611904300234573201", "BE68539007547034", "BG80BNBG96611020345678",
		"CH9300762011623852957", "CY17002001280000001200527600", "CZ6508000000192000145399", "DE89370400440532013000", "DK5000400440116243",
		"EE382200221020145685", "ES9121000418450200051332", "FI2112345600000785", "FR1420041010050500013M02606", "GB29NWBK60161331926819",
		"GI75NWBK000000007099453", "GR1601101250000000012300695", "HR1210010051863000160", "HU42117730161111101800000000",
		"IE29AIBK93115212345678", "IS140159260076545510730339", "IT60X0542811101000000123456", "LI21088100002324013AA", "LT121000011101001000",
		"LU280019400644750000", "LV80BANK0000435195001", "MC5811222000010123456789030", "MD24AG000225100013104168", "ME25505000012345678951",
		"MK07250120000058984", "MT84MALT011000012345MTLCAST001S", "NL91ABNA0417164300", "NO9386011117947", "PL61109010140000071219812874",
		"PT50000201231234567890154", "RO49AAAA1B31007593840000", "RS35260005601001611379", "SE4550000000058398257466", "SI56263300012039086",
		"SK3112000000198742637541", "SM86U0322509800000000270100", "VA59001123000012345678",
	}
	elsewhere = []string{
		"AE070331234567890123456", "AZ21NABZ00000000137010001944", "BA391290079401028494", "BH67BMAG00001299123456",
		"BR1800360305000010009795493C1", "CR05015202001026284066", "DO28BAGR00000001212453611324", "FO6264600001631634", "GE29NB0000000101904917",
		"GL8964710001000206", "GT82TRAJ01020000001210029690", "IL620108000000099999999", "KW81CBKU0000000000001234560101", "KZ86125KZT5004100100",
		"LB62099900000001001901229114", "MR1300020001010000123456753", "PK36SCBL0000001123456702", "PS92PALS000000000400123456702",
		"QA58DOHB00001234567890ABCDEFG", "SA0380000000608010167519", "TN5910006035183598478831", "TR330006100519786457841326",
		"UA213223130000026007233566001", "VG96VPVG0000012345678901", "XK051212012345678906",
	}
)

func TestIBANIsTheRegistrys(t *testing.T) {
	t.Parallel()
	if len(registry) != 42 { // 41 countries of the European Payments Council's list, and Gibraltar
		t.Errorf("%d examples", len(registry))
	}
	for _, want := range slices.Concat(registry, elsewhere) {
		var grouped []string
		for part := range slices.Chunk([]byte(want), 4) {
			grouped = append(grouped, string(part))
		}
		for _, in := range []string{want, strings.Join(grouped, " "), strings.Join(grouped, "\u00a0"), strings.ToLower(want)} {
			if got, err := identifier.IBAN(in); err != nil || got != want {
				t.Errorf("IBAN(%q) = %q, %v", in, got, err)
			}
		}
		if in := identifier.InSEPA(want[:2]); in != slices.Contains(registry, want) {
			t.Errorf("%s: in the area: %t", want[:2], in)
		}
		if got := identifier.Last4(want); got != want[len(want)-4:] {
			t.Errorf("%s: %s", want, got)
		}
		for _, in := range []string{want[:len(want)-1], want + "0", want[2:], want[:2] + "-" + want[3:], "ZZ" + want[2:], want[:1] + "É" + want[2:]} {
			if got, err := identifier.IBAN(in); err == nil || got != "" {
				t.Errorf("IBAN(%q) = %q", in, got)
			}
		}
	}
	for _, none := range []string{"", "A ", " A", "FRA", "fr"} {
		if identifier.InSEPA(none) {
			t.Errorf("%q is a country", none)
		}
	}
	if identifier.Last4("") != "" {
		t.Error("of nothing, something may be shown")
	}
}

// The check digits are there to find these two mistakes. Those that are right are from 02 to 98, which tells 97 apart from 00.
func TestIBANFindsAMistypedDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		account := fmt.Sprintf("%010d%011d%02d", rapid.Uint64Range(0, 9_999_999_999).Draw(t, "bank"),
			rapid.Uint64Range(0, 99_999_999_999).Draw(t, "account"), rapid.IntRange(1, 97).Draw(t, "key"))
		n, _ := new(big.Int).SetString(account+"152700", 10) // F is 15, R is 27
		right := fmt.Sprintf("FR%02d%s", 98-n.Mod(n, big.NewInt(97)).Int64(), account)
		if got, err := identifier.IBAN(right); err != nil || got != right {
			t.Fatalf("IBAN(%s) = %s, %v", right, got, err)
		}
		typed := mistyped(t, right, 2)
		if got, err := identifier.IBAN(typed); err == nil || got != "" {
			t.Fatalf("IBAN(%s) was taken for %s", typed, right)
		}
		at := rapid.IntRange(3, len(right)-1).Draw(t, "swapped")
		swapped := []byte(right)
		swapped[at-1], swapped[at] = swapped[at], swapped[at-1]
		if got, err := identifier.IBAN(string(swapped)); err == nil && got != right {
			t.Fatalf("IBAN(%s) was taken for %s", swapped, right)
		}
	})
}

func TestIBANHasOneCheck(t *testing.T) {
	t.Parallel()
	// 00, 01 and 99 leave the same remainder as 97, 98 and 02.
	for n := range 100 {
		account := fmt.Sprintf("%08d", n) + "0532013000"
		good := 0
		for check := range 100 {
			if _, err := identifier.IBAN(fmt.Sprintf("DE%02d%s", check, account)); err == nil {
				good++
			}
		}
		if good != 1 {
			t.Errorf("%s has %d pairs of check digits", account, good)
		}
	}
}

func TestBICNamesABankAndItsCountry(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"DEUTDEFF":       "DEUTDEFF", // ISO 9362's example of the Deutsche Bank
		"DEUTDEFF500":    "DEUTDEFF500",
		"deut de ff":     "DEUTDEFF",
		"PSSTFRPPPAR":    "PSSTFRPPPAR",
		"NCBVXKPR":       "NCBVXKPR",
		"1234FR2A":       "1234FR2A", // the prefix has digits since 2014
		"DEUTDEF":        "",
		"DEUTDEFF5":      "",
		"DEUTDEFF5000":   "",
		"DEUT1EFF":       "",
		"DEUTZZFF":       "",
		"DEUTDE-F":       "",
		"DÉUTDEFF":       "",
		"":               "",
		"DEUTDEFF\x00XX": "",
	} {
		if got, err := identifier.BIC(in); got != want || (err != nil) != (want == "") {
			t.Errorf("BIC(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}
