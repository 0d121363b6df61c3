package identity

// Users are the people of the demonstration data.
var Users = []User{
	{"usr_claire", "claire@cabinet-martin.example", "Claire Martin", "global administrator of an accounting firm"},
	{"usr_paul", "paul@cabinet-martin.example", "Paul Petit", "viewer in the accounting firm"},
	{"usr_julie", "julie@cabinet-martin.example", "Julie Roche", "accountant of some of the firm's customers"},
	{"usr_nora", "nora@cabinet-martin.example", "Nora Lemoine", "belongs to nobody yet: invite her"},
	{"usr_nadia", "nadia@integral.example", "Nadia Benali", "global administrator of an integrated distributor"},
	{"usr_ines", "ines@integral.example", "Inès Moreau", "sales, for the integrated distributor"},
	{"usr_karim", "karim@integral.example", "Karim Haddad", "support of some customers of the integrated distributor"},
	{"usr_tom", "tom@nuage.example", "Tom Leroy", "global administrator of a no-code distributor"},
	{"usr_lea", "lea@boulangerie-dupont.example", "Léa Dupont", "administrator of a customer"},
	{"usr_hugo", "hugo@boulangerie-dupont.example", "Hugo Dupont", "member of the same customer"},
}
