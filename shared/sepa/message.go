package sepa

import "encoding/xml"

const namespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

// The message, in its own order. What isn't here is left out.

type document struct {
	XMLName    xml.Name   `xml:"Document"`
	Xmlns      string     `xml:"xmlns,attr"`
	Initiation initiation `xml:"CstmrCdtTrfInitn"`
}

type initiation struct {
	Header  header  `xml:"GrpHdr"`
	Payment payment `xml:"PmtInf"`
}

type header struct {
	ID     string `xml:"MsgId"`
	MadeAt string `xml:"CreDtTm"`
	Count  string `xml:"NbOfTxs"`
	Sum    string `xml:"CtrlSum"`
	By     party  `xml:"InitgPty"`
}

type payment struct {
	ID        string        `xml:"PmtInfId"`
	Method    string        `xml:"PmtMtd"`
	Count     string        `xml:"NbOfTxs"`
	Sum       string        `xml:"CtrlSum"`
	Level     string        `xml:"PmtTpInf>SvcLvl>Cd"`
	On        string        `xml:"ReqdExctnDt>Dt"`
	Debtor    party         `xml:"Dbtr"`
	From      account       `xml:"DbtrAcct"`
	Agent     agent         `xml:"DbtrAgt"`
	Charges   string        `xml:"ChrgBr"`
	Transfers []transaction `xml:"CdtTrfTxInf"`
}

type transaction struct {
	ID       string      `xml:"PmtId>EndToEndId"`
	Amount   amount      `xml:"Amt>InstdAmt"`
	Agent    *agent      `xml:"CdtrAgt"`
	Creditor party       `xml:"Cdtr"`
	To       account     `xml:"CdtrAcct"`
	Text     *remittance `xml:"RmtInf"`
}

type party struct {
	Name string `xml:"Nm"`
}

type account struct {
	IBAN string `xml:"Id>IBAN"`
}

type agent struct {
	BIC   string `xml:"FinInstnId>BICFI,omitempty"`
	Other *other `xml:"FinInstnId>Othr"`
}

type other struct {
	ID string `xml:"Id"`
}

type amount struct {
	Currency string `xml:"Ccy,attr"`
	Value    string `xml:",chardata"`
}

type remittance struct {
	Text string `xml:"Ustrd"`
}
