package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"slices"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/resource"
	"comptoir/infra/local/runtime"
	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/payment"
	"comptoir/shared/table"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A provider plays the publisher's payment provider: it sees in the table what is open, and reports payments to the API.
type provider struct {
	at     addresses
	db     *dynamodb.Client
	known  []table.Ref[payment.Account]
	looked bool // for accounts, in the whole table
}

func providerOf(a addresses) *provider {
	return &provider{at: a, db: resource.Connect(engine.Region, runtime.AccessKey, a.DynamoDB, a.Queues).DynamoDB}
}

// A habit is how many days after a charge it is paid, and when that was tried before in vain; 0 for never.
type habit struct{ fails, pays int }

// habitOf is that of a customer, always the same: of twenty, fourteen pay in time, two at the second attempt, two late, one so late that its
// licence was suspended, and one never.
func habitOf(customerID string) habit {
	h := fnv.New32a()
	h.Write([]byte(customerID))
	switch n := h.Sum32() % 20; {
	case n == 0:
		return habit{}
	case n == 1:
		return habit{pays: payment.DueDays + payment.GraceDays + 5}
	case n <= 3:
		return habit{pays: payment.DueDays + 5}
	case n <= 5:
		return habit{fails: 10, pays: 14}
	}
	return habit{pays: 10}
}

// on is what comes on a day of what is open: whether there is something to report, and whether it failed.
func (h habit) on(today calendar.Date, o payment.Open) (reports, failed bool) {
	age := o.DueOn.DaysUntil(today) + payment.DueDays
	switch {
	case h.pays > 0 && age >= h.pays:
		return true, false
	case h.fails > 0 && age == h.fails:
		return true, true
	}
	return false, false
}

// day reports what comes on a day. It says what the API has refused, and goes on.
func (p *provider) day(ctx context.Context, today calendar.Date, say func(format string, args ...any)) error {
	all, err := p.accounts(ctx)
	if err != nil {
		return err
	}
	token := ""
	for _, a := range all {
		for _, o := range a.Open {
			reports, failed := habitOf(a.CustomerID).on(today, o)
			if !reports {
				continue
			}
			if token == "" {
				if token, err = tokenFor(ctx, p.at, "product", nil); err != nil {
					return err
				}
			}
			if err := p.tell(ctx, token, reportOn(a, o, failed)); ctx.Err() != nil {
				return ctx.Err()
			} else if err != nil {
				say("%s  a payment of %s: %v", today, a.CustomerID, err)
			}
		}
	}
	return nil
}

// accounts are those of all customers that were ever charged.
func (p *provider) accounts(ctx context.Context) ([]payment.Account, error) {
	if err := p.look(ctx); err != nil {
		return nil, err
	}
	return p.read(ctx, p.known...)
}

// look finds accounts that are not known yet: the first time in the whole table, which takes seconds, and later where a new one stands for a while, among
// what falls due.
func (p *provider) look(ctx context.Context) error {
	scan := dynamodb.ScanInput{
		TableName: &p.at.Tables[0], FilterExpression: aws.String("#sk = :account"),
		ProjectionExpression: aws.String("#pk, #sk"), ExpressionAttributeNames: map[string]string{"#pk": table.PartitionKey, "#sk": table.SortKey},
		ExpressionAttributeValues: map[string]types.AttributeValue{":account": &types.AttributeValueMemberS{Value: table.AccountOf("").Key.SK}},
	}
	if p.looked {
		index, _, _ := table.Index(table.DueIndex)
		scan.IndexName = &index
	}
	for pages := dynamodb.NewScanPaginator(p.db, &scan); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, it := range page.Items {
			var ref table.Ref[payment.Account]
			if err := attributevalue.UnmarshalMap(it, &ref.Key); err != nil {
				return err
			}
			if !slices.Contains(p.known, ref) {
				p.known = append(p.known, ref)
			}
		}
	}
	p.looked = true
	return nil
}

// read returns the accounts that there are.
func (p *provider) read(ctx context.Context, refs ...table.Ref[payment.Account]) (all []payment.Account, err error) {
	var loads []table.Load
	for _, ref := range refs {
		loads = append(loads, ref)
	}
	_, err = table.Read(ctx, table.New(p.db, p.at.Tables[0]), table.Call{Load: loads, Allow: table.Unasked}, func(tx *table.Tx) (*struct{}, error) {
		for _, ref := range refs {
			if a, is := ref.Find(tx); is {
				all = append(all, a)
			}
		}
		return nil, nil
	})
	return all, err
}

// report is what the API is told of a payment.
type report struct {
	ExternalID string        `json:"externalId"`
	CustomerID string        `json:"customerId"`
	BillTo     licence.Payer `json:"billTo"`
	Status     string        `json:"status"`
	Amount     money.Money   `json:"amount"`
	Tax        money.Money   `json:"tax"`
	ChargeID   string        `json:"chargeId,omitempty"`
	Reason     string        `json:"reason,omitempty"`
}

// reportOn is what is reported of what is open, with the tax on it. Its name follows from the charge and the account as it was seen: said again, it is
// recorded once, and what is open again has another.
func reportOn(a payment.Account, o payment.Open, failed bool) report {
	tax := o.Left.Portion(2000, 10_000)
	what := cmp.Or(o.ChargeID, fmt.Sprintf("%s_%s_%s", a.CustomerID, o.Payer, o.Left.Currency))
	r := report{
		ExternalID: fmt.Sprintf("py_%s_%d", what, a.Version), CustomerID: a.CustomerID, BillTo: o.Payer, Status: "succeeded",
		Amount: o.Left.Add(tax), Tax: tax, ChargeID: o.ChargeID,
	}
	if failed {
		r.Status, r.Reason = "failed", "insufficient funds"
	}
	return r
}

// tell tells the API of a payment.
func (p *provider) tell(ctx context.Context, token string, r report) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.at.API+"/v1/payments", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %.300s", answer.Status, text)
	}
	return err
}

// payAll pays all that a customer has open, whoever is to pay it.
func payAll(ctx context.Context, dir, customerID string) error {
	a, err := running(dir)
	if err != nil {
		return err
	}
	p := providerOf(a)
	all, err := p.read(ctx, table.AccountOf(customerID))
	if err != nil {
		return err
	}
	token, err := tokenFor(ctx, a, "product", nil)
	if err != nil {
		return err
	}
	paid := 0
	for _, account := range all {
		for _, o := range account.Open {
			r := reportOn(account, o, false)
			if err := p.tell(ctx, token, r); err != nil {
				return err
			}
			fmt.Printf("%s, of it %s tax, paid by the %s: %s\n", r.Amount, r.Tax, r.BillTo, r.ExternalID)
			paid++
		}
	}
	if paid == 0 {
		return fmt.Errorf("%s has nothing open", customerID)
	}
	return nil
}
